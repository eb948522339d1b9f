"""What resources cost and what a unit of a meter costs, of the account's own bill.

An export tells costs by resource; Cost Explorer, asked once, tells prices by meter alone. Only days
are taken that AWS has settled.

Charges of Fargate name tasks that are long gone, not services: those have no cost of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from opslib.aws.bill_export import read_export_bill
from opslib.aws.capacity.rows import Resource, records
from opslib.aws.cost_explorer import read_meter_costs
from opslib.aws.reads import Reads
from opslib.coverage import Coverage, CoverageStatus
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import RESOURCE_COSTS, UNIT_PRICES
from opslib.tables.schema import check_table

__all__ = ["CapacityCosts", "read_capacity_costs"]

SETTLE_DAYS, MONTH_DAYS = 3, 30
TABLE = "capacity costs"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityCosts:
    """Costs and prices in one currency: columns of `RESOURCE_COSTS` and `UNIT_PRICES`."""

    costs: pd.DataFrame
    prices: pd.DataFrame
    currency: str


def read_capacity_costs(
    reads: Reads, parameters: CapacityParameters, resources: list[Resource]
) -> CapacityCosts:
    """Read the bill of 30 settled days, of the first account: a payer's holds its linked ones.

    Raises:
        ParameterError, TableError: the export is not there, or is broken.
    """
    last = parameters.as_of.date() - timedelta(days=SETTLE_DAYS + 1)
    days = tuple(last - timedelta(days=back) for back in range(MONTH_DAYS - 1, -1, -1))
    account = parameters.accounts[0] if parameters.accounts else None
    if parameters.source == "export":
        bill = read_export_bill(reads, account, parameters.path, days, tag_keys=(), currency="")
        meters, by_resource, currency = bill.meters, bill.resources, bill.currency
    else:
        meters, currency = read_meter_costs(reads, account, days)
        by_resource = None
    costs = _resource_costs(by_resource, resources, meters)
    _note(reads, meters, by_resource, days)
    return CapacityCosts(costs=costs, prices=_unit_prices(meters), currency=currency)


def _note(
    reads: Reads, meters: pd.DataFrame, by_resource: pd.DataFrame | None, days: tuple[date, ...]
) -> None:
    asked = f"{days[0]} to {days[-1]}"
    if meters.empty:
        why, status = "the bill tells nothing of these days", CoverageStatus.EMPTY
    elif by_resource is None:
        why, status = "the bill does not tell costs by resource", CoverageStatus.PARTIAL
    else:
        why, status = "", CoverageStatus.COMPLETE
    remedy = "Read an export with resource ids (source: export)." if why else ""
    line = Coverage(table=TABLE, asked=asked, status=status, detail=why, remedy=remedy)
    reads.note(line)


def _charged_days(meters: pd.DataFrame) -> int:
    """Return how many days the bill tells of: an account may be younger than the days asked."""
    return max(1, meters["ChargePeriodStart"].nunique())


def _resource_costs(
    told: pd.DataFrame | None, resources: list[Resource], meters: pd.DataFrame
) -> pd.DataFrame:
    columns = list(RESOURCE_COSTS.columns)
    if told is None or told.empty:
        return pd.DataFrame(columns=columns)
    known = _bill_names(resources)
    named = told.assign(Resource=told["ResourceId"].map(known)).dropna(subset=["Resource"])
    sums = named.groupby(["Resource", "SkuMeter"], as_index=False)["EffectiveCost"].sum()
    share = Decimal(MONTH_DAYS) / _charged_days(meters)
    monthly = [float(cost * share) for cost in sums["EffectiveCost"]]
    frame = sums.assign(MonthlyCost=pd.Series(monthly, index=sums.index, dtype=float))[columns]
    return check_table(frame, RESOURCE_COSTS, TABLE)


def _bill_names(resources: list[Resource]) -> dict[str, str]:
    """Return how the bill may name each resource: its ARN, or its id where that is unique."""
    names: dict[str, set[str]] = {}
    for one in resources:
        for name in (one.identity, one.name):
            names.setdefault(name, set()).add(one.identity)
    return {name: identities.pop() for name, identities in names.items() if len(identities) == 1}


def _unit_prices(meters: pd.DataFrame) -> pd.DataFrame:
    """Return effective cost over quantity, of each meter by the unit that most is paid in."""
    columns = list(UNIT_PRICES.columns)
    metered = meters[meters["PricingQuantity"].notna()]
    if metered.empty:
        return pd.DataFrame(columns=columns)
    by = ["SkuMeter", "PricingUnit"]
    sums = metered.groupby(by, as_index=False)[["PricingQuantity", "EffectiveCost"]].sum()
    paid = sums[(sums["PricingQuantity"] > 0) & (sums["EffectiveCost"] > 0)]
    paid = paid.sort_values("EffectiveCost", ascending=False).drop_duplicates("SkuMeter")
    rows = [
        (
            "",
            row["SkuMeter"],
            float(row["EffectiveCost"] / row["PricingQuantity"]),
            row["PricingUnit"],
        )
        for row in records(paid.sort_values("SkuMeter"))
    ]
    return check_table(pd.DataFrame(rows, columns=columns), UNIT_PRICES, TABLE)
