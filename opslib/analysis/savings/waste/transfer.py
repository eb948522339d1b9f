"""Transfer that costs: between zones of a region, and to the internet past CloudFront.

Nothing of it is recommended: each byte serves somebody, and what another layout would save the
bill does not tell. What each resource pays is named, with the most that could be saved.

Source: Amazon EC2 pricing, "Data transfer": between zones both sides are charged; Amazon CloudFront
pricing: transfer from AWS origins to CloudFront is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from opslib.analysis.savings.charges import Line
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging, Option
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.money import EXACT, ZERO, divide, total
from opslib.tables.usage_types import bare_usage_type
from opslib.wording import percent

__all__ = ["check_internet_egress", "check_zone_transfer"]

ZONES, EGRESS = "cross_zone_transfer", "internet_egress"
BETWEEN_ZONES, OUT = "DataTransfer-Regional-Bytes", "DataTransfer-Out-Bytes"
CLOUDFRONT = "Amazon CloudFront"


def check_zone_transfer(judging: Judging) -> Iterator[Option]:
    """Yield what resources pay for bytes between zones, the largest first.

    The most that could be saved is all of it, where both ends came to lie in one zone.
    """
    paid = [(thing, *_paid(thing, BETWEEN_ZONES, judging)) for thing in judging.estate.things]
    whole = total(cost for _, cost, _ in paid)
    for thing, cost, quantity in sorted(paid, key=lambda one: (-one[1], one[0].id)):
        if cost > 0 and cost >= judging.parameters.min_saving:
            yield Rejection(
                kind=ZONES,
                thing=thing,
                reason=Reason.IN_USE,
                sentence=(
                    f"it moves {quantity:,.0f} GB a month between zones, {percent(cost / whole)} "
                    "of what the resources read pay for that; all in one zone would pay nothing"
                ),
                saving=cost,
            )


def check_internet_egress(judging: Judging) -> Iterator[Option]:
    """Yield what resources send to the internet dearer than the account pays CloudFront for.

    What could be saved is the difference of the two prices that the account pays, of a byte. Not
    in it: CloudFront's requests, which cost, and what it answers itself, which costs no origin.
    Assumption: of CloudFront's prices the dearest, since who reads from where is not known.
    """
    price = _cloudfront_price(judging)
    if price is None:
        return
    for thing in judging.estate.things:
        cost, quantity = _paid(thing, OUT, judging)
        less = EXACT.subtract(cost, EXACT.multiply(quantity, price))
        if quantity > 0 and less > 0 and less >= judging.parameters.min_saving:
            yield Rejection(
                kind=EGRESS,
                thing=thing,
                reason=Reason.IN_USE,
                sentence=(
                    f"it sends {quantity:,.0f} GB a month to the internet for "
                    f"{divide(cost, quantity):.3f} a GB; CloudFront costs this bill {price:.3f}, "
                    "and requests beside, unless it lies in front already"
                ),
                saving=less,
            )


def _paid(thing: Thing, meter: str, judging: Judging) -> tuple[Decimal, Decimal]:
    """Return what a resource is charged a month by one meter, and for how much."""
    lines: tuple[Line, ...] = tuple(
        line for line in judging.charges.of(thing, meter) if bare_usage_type(line.meter) == meter
    )
    return total(line.cost for line in lines), total(line.quantity or ZERO for line in lines)


def _cloudfront_price(judging: Judging) -> Decimal | None:
    told = [
        price.amount
        for (_, meter), paid in judging.charges.prices.items()
        for price in paid
        if price.service == CLOUDFRONT and meter.endswith(OUT)
    ]
    return max(told, default=None)
