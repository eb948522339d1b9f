"""Elastic IP addresses that nothing uses.

Source: Amazon VPC User Guide, "Understand codes for Amazon VPC in billing and usage reports"
(PublicIPv4:IdleAddress: addresses not in use by a resource), and Amazon VPC pricing: an address is
charged in use and idle alike; one of an instance that is stopped is idle.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from opslib.analysis.savings.charges import MONTH_DAYS
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Effect, Judging, Option, recommend, reject_young

__all__ = ["IDLE_ADDRESS", "check_addresses"]

KIND = "unassociated_address"
METER = "PublicIPv4:IdleAddress"
IDLE_ADDRESS = Effect(
    meters=(METER, "ElasticIP:IdleAddress"), size={METER: Decimal(24 * MONTH_DAYS)}
)


def check_addresses(judging: Judging) -> Iterator[Option]:
    """Yield addresses that are associated with nothing that runs, and those too young to say so.

    Assumption: AWS does not tell since when an address exists or is free; it is judged by the
    first day that it is charged as idle.
    """
    stopped = {
        (one.account_id, one.region, one.id)
        for one in judging.estate.of_kind("instance")
        if one.settings["state"] == "stopped"
    }
    for address in judging.estate.of_kind("address"):
        held = address.settings.get("instance")
        if (address.account_id, address.region, held) in stopped:
            why = "it belongs to an instance that is stopped"
        elif _is_associated(address):
            continue
        else:
            why = "it is associated with nothing"
        yield reject_young(KIND, address, judging, *IDLE_ADDRESS.meters) or recommend(
            KIND,
            address,
            judging,
            IDLE_ADDRESS,
            sentence=f"an Elastic IP address is charged as idle: {why}",
            action="Release the address, once no one has allowed or named it elsewhere.",
        )


def _is_associated(address: Thing) -> bool:
    told = address.settings
    return any(told.get(name) for name in ("association", "instance", "interface", "managed_by"))
