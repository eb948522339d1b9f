"""NAT gateways that nothing goes through, and traffic through them that need not.

Source: Amazon VPC User Guide, "Monitor NAT gateways with Amazon CloudWatch" and "Pricing for NAT
gateways" (each hour and each byte is charged); AWS PrivateLink guide, "Gateway endpoints": those
of S3 and DynamoDB are free of charge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from opslib.analysis.savings.charges import MONTH_DAYS
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Effect, Judging, Option, recommend_parts, reject_young
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.analysis.savings.use import untold_days, use_total
from opslib.money import total
from opslib.wording import count, join

__all__ = ["check_idle_gateways", "check_missing_endpoints"]

IDLE, NO_ENDPOINT = "idle_nat_gateway", "missing_gateway_endpoint"
BYTES = ("bytes out", "bytes in")
ENDPOINTS = {"dynamodb": "DynamoDB", "s3": "S3"}
"""Services that have gateway endpoints, as their names end, and what people call them."""
HOURS = Decimal(24 * MONTH_DAYS)


def check_idle_gateways(judging: Judging) -> Iterator[Option]:
    """Yield NAT gateways that not a byte went through, and those of which that is not known.

    Method: the metrics are told every minute while a gateway is available, zeros too: a day
    without a datapoint is not known.
    """
    for gateway in judging.estate.of_kind("nat_gateway"):
        if use_total(judging, gateway, *BYTES) > 0:
            continue
        yield reject_young(IDLE, gateway, judging) or _judge(gateway, judging)


def _judge(gateway: Thing, judging: Judging) -> Option:
    if untold_days(judging, gateway, BYTES[0]):
        why = "CloudWatch does not tell its bytes of every day"
        return Rejection(kind=IDLE, thing=gateway, reason=Reason.UNKNOWN, sentence=why)
    days = count(judging.parameters.use_days, "day")
    hours = Effect(
        meters=("NatGateway-Hours", "NatGateway-Bytes"), size={"NatGateway-Hours": HOURS}
    )
    public = Effect(meters=("PublicIPv4",))
    addresses = [(replace(gateway, id=one), public) for one in gateway.settings["addresses"]]
    return recommend_parts(
        IDLE,
        gateway,
        judging,
        [(gateway, hours), *addresses],
        sentence=f"not a byte went through this NAT gateway in {days}",
        action="Take its routes out of the route tables, delete it, and release its addresses.",
    )


def check_missing_endpoints(judging: Judging) -> Iterator[Option]:
    """Yield NAT gateways whose network lacks an endpoint that would carry traffic for nothing.

    How much of a gateway's traffic goes to S3 or DynamoDB only flow logs tell: what all of it
    costs is the most that can be saved, and nothing is recommended.
    """
    for gateway in judging.estate.of_kind("nat_gateway"):
        lacking = [
            name for end, name in ENDPOINTS.items() if end not in gateway.settings["endpoints"]
        ]
        lines = judging.charges.of(gateway, "NatGateway-Bytes") if lacking else ()
        most = total(line.cost for line in lines)
        if most >= max(judging.parameters.min_saving, Decimal(0)) and most > 0:
            network = gateway.settings.get("network", "")
            yield Rejection(
                kind=NO_ENDPOINT,
                thing=gateway,
                reason=Reason.UNKNOWN,
                sentence=(
                    f"{network} has no gateway endpoint for {join(lacking)}, which is free; what "
                    "share of the gateway's bytes goes there only flow logs tell, at most all"
                ),
                saving=most,
            )
