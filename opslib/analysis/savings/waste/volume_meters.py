"""The meters of EBS volumes, and what a volume would pay as gp3.

Source: Amazon EBS User Guide, "Understand codes for Amazon EBS in billing and usage reports"
(https://docs.aws.amazon.com/ebs/latest/userguide/ebs-billing-usage-reports.html); Amazon EBS
pricing (https://aws.amazon.com/ebs/pricing/): gp3 is 20% cheaper than gp2 a GiB, and its example
takes 0.08 USD a GB-month, 0.005 USD for each IOPS above 3,000 and 0.04 USD for each MB/s above 125.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from opslib.analysis.savings.charges import Charges
from opslib.analysis.savings.estate import Thing
from opslib.money import EXACT, divide, total

__all__ = ["GP3_IOPS", "GP3_MIB", "Gp3Prices", "gp3_prices", "size_of_volume"]

GP3_IOPS, GP3_MIB = 3000, 125
"""IOPS and MiB a second that gp3's price a GiB includes."""
SHARE_OF_GP2, IOPS_SHARE, MIB_SHARE = Decimal("0.8"), Decimal("0.0625"), Decimal("0.5")
"""gp3's GiB by gp2's, and its IOPS and MiB a second by its GiB."""
MIB_A_GIB = 1024
NAMED = {"io1": ".piops", "standard": ""}
"""Volume types that meters call otherwise."""
IO2_FIRST_TIER = 32_000
GP3, GP3_IOPS_METER = "EBS:VolumeUsage.gp3", "EBS:VolumeP-IOPS.gp3"
GP3_MIB_METER = "EBS:VolumeP-Throughput.gp3"


def size_of_volume(volume: Thing, charges: Charges) -> Mapping[str, Decimal]:
    """Return usage type to units a month; empty where they do not follow from the settings.

    Args:
        volume: of the estate.
        charges: in whose units throughput is told.
    """
    told = volume.settings
    sort = told["type"]
    size = {f"EBS:VolumeUsage{NAMED.get(sort, f'.{sort}')}": Decimal(told["gib"])}
    iops, mib = told.get("iops") or 0, told.get("mib_a_second") or 0
    if sort == "io2" and iops > IO2_FIRST_TIER:
        return {}
    if sort in {"io1", "io2"}:
        size[f"EBS:VolumeP-IOPS{NAMED.get(sort, f'.{sort}')}"] = Decimal(iops)
    if sort == "gp3" and iops > GP3_IOPS:
        size[GP3_IOPS_METER] = Decimal(iops - GP3_IOPS)
    if sort == "gp3" and mib > GP3_MIB:
        per_unit = MIB_A_GIB if _is_gib(charges, volume.region) else 1
        size[GP3_MIB_METER] = divide(Decimal(mib - GP3_MIB), Decimal(per_unit))
    return size


def _is_gib(charges: Charges, region: str) -> bool:
    return charges.unit(GP3_MIB_METER, region).lower().startswith("gib")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gp3Prices:
    """What gp3 costs an account a month.

    Args:
        gib: of a GiB.
        iops: of one IOPS above those included.
        mib: of one MiB a second above those included.
        is_own: the account pays for gp3 in the region, so that its GiB is its own price.
    """

    gib: Decimal
    iops: Decimal
    mib: Decimal
    is_own: bool

    def cost(self, gib: Decimal, iops: int, mib: int) -> Decimal:
        """Return what a volume costs a month."""
        more_iops, more_mib = max(0, iops - GP3_IOPS), max(0, mib - GP3_MIB)
        parts = ((gib, self.gib), (more_iops, self.iops), (more_mib, self.mib))
        return total(EXACT.multiply(Decimal(units), price) for units, price in parts)


def gp3_prices(charges: Charges, region: str, gp2_gib: Decimal) -> Gp3Prices:
    """Return the account's own prices of a region; by AWS's documented shares where it pays none.

    Args:
        charges: of the account.
        region: whose prices.
        gp2_gib: what a GiB of gp2 costs it a month.
    """
    own = charges.price(GP3, region)
    gib = EXACT.multiply(gp2_gib, SHARE_OF_GP2) if own is None else own
    iops = charges.price(GP3_IOPS_METER, region)
    mib = charges.price(GP3_MIB_METER, region)
    if mib is not None and _is_gib(charges, region):
        mib = divide(mib, Decimal(MIB_A_GIB))
    return Gp3Prices(
        gib=gib,
        iops=EXACT.multiply(gib, IOPS_SHARE) if iops is None else iops,
        mib=EXACT.multiply(gib, MIB_SHARE) if mib is None else mib,
        is_own=own is not None,
    )
