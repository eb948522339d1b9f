"""What another size would save, from the account's own bill."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from opslib.analysis.capacity.inventory import ResourceDetails
from opslib.analysis.capacity.sizes.sizes import Size
from opslib.money import EXACT, ZERO

__all__ = ["Saving", "estimate_saving"]

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What a change of size saves in 30 days.

    Args:
        a_month: in the currency of the bill, negative where it costs more; None where the bill
            does not tell it.
        how: how it is known, or why not.
    """

    a_month: Decimal | None
    how: str


def estimate_saving(
    costs: pd.DataFrame,
    prices: pd.DataFrame,
    resource: ResourceDetails,
    present: Size,
    proposed: Size,
) -> Saving:
    """Return what changing ``resource`` to another size saves.

    What the resource was charged for its size, times one minus the ratio of prices: the bill's own
    where it names the other size too, else that of vCPUs, or of memory between sizes that have the
    same vCPUs. A task is charged for vCPUs and memory apart, each by its own ratio.

    Args:
        costs: columns of `RESOURCE_COSTS`.
        prices: columns of `UNIT_PRICES`.
        resource: what is changed.
        present: the size it has.
        proposed: the size it is changed to.
    """
    own = costs[costs["Resource"] == resource.resource]
    if own.empty:
        return Saving(a_month=None, how="the bill does not name it")
    if resource.service == "ecs":
        return _task_saving(own, present, proposed)
    meters = {
        str(m): _decimal(cost) for m, cost in zip(own["SkuMeter"], own["MonthlyCost"], strict=True)
    }
    sized = {meter: cost for meter, cost in meters.items() if _is_of(meter, present.name)}
    if not sized:
        return Saving(a_month=None, how=f"no meter of the bill names {present.name}")
    saved, how = ZERO, ""
    for meter, cost in sized.items():
        ratio, how = _ratio(prices, resource.region, meter, (present, proposed))
        saved += EXACT.multiply(cost, 1 - ratio)
    return Saving(a_month=saved.quantize(CENT), how=how)


def _task_saving(own: pd.DataFrame, present: Size, proposed: Size) -> Saving:
    saved, named = ZERO, False
    for meter, cost in zip(own["SkuMeter"], own["MonthlyCost"], strict=True):
        ratio = None
        if "vCPU-Hours" in meter:
            ratio = proposed.vcpus / present.vcpus
        elif "GB-Hours" in meter and "Storage" not in meter:
            ratio = proposed.memory_gib / present.memory_gib
        if ratio is not None:
            named = True
            saved += EXACT.multiply(_decimal(cost), 1 - _decimal(ratio))
    if not named:
        return Saving(a_month=None, how="no meter of the bill tells its vCPUs or memory")
    return Saving(a_month=saved.quantize(CENT), how="by the bill's meters of vCPUs and memory")


def _ratio(
    prices: pd.DataFrame, region: str, meter: str, sizes: tuple[Size, Size]
) -> tuple[Decimal, str]:
    present, proposed = sizes
    stem = _short(meter).removesuffix(_short(present.name))
    here = _price(prices, region, _short(meter))
    there = _price(prices, region, stem + _short(proposed.name))
    if here and there:
        return there / here, "by the prices of both sizes in the bill"
    if present.vcpus != proposed.vcpus:
        ratio = _decimal(proposed.vcpus / present.vcpus)
        return ratio, "by the ratio of vCPUs, since the bill does not price the other size"
    ratio = _decimal(proposed.memory_gib / present.memory_gib)
    return ratio, "by the ratio of memory, since the bill does not price the other size"


def _price(prices: pd.DataFrame, region: str, short_meter: str) -> Decimal | None:
    """Return the price of a meter in ``region``, or where the bill tells no region."""
    same = prices[prices["SkuMeter"].map(_short) == short_meter]
    for where in (region, ""):
        own = same[same["Region"] == where]
        if len(own):
            return _decimal(own["Price"].iloc[0])
    return None


def _is_of(meter: str, size: str) -> bool:
    return _short(meter).endswith(f":{_short(size)}")


def _short(name: str) -> str:
    """Return a name as the meters of databases write it: ``db.r6g.xl`` for ``db.r6g.xlarge``."""
    return name.replace("xlarge", "xl")


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))
