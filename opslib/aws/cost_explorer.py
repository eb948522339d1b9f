"""The bill by Cost Explorer: GetCostAndUsage, one paginated request per breakdown.

Each request costs 0.01 USD and may group by two keys at most, so the bill is read once per
breakdown and never per service or account.
Source: AWS Billing and Cost Management API Reference, GetCostAndUsage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.errors import TableError
from opslib.tables.costs import AMOUNTS, Bill, Breakdown, check_costs, costs_schema
from opslib.tables.record_types import charge_category

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["ask_costs", "read_cost_explorer_bill", "read_meter_costs"]

METRICS = ("UnblendedCost", "AmortizedCost", "UsageQuantity")

USAGE_RECORDS = {
    "BilledCost": ("Usage", "DiscountedUsage"),
    "EffectiveCost": ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"),
}
"""Record types that can carry tags, by the cost that they have.

What a Savings Plan covers is unblended at the on-demand price and taken back by a negation
without tags: as billed cost it is nothing, and counting both would make untagged spend negative.
"""

GROUPINGS: dict[Breakdown, tuple[str, str]] = {
    Breakdown.METER: ("SERVICE", "USAGE_TYPE"),
    Breakdown.ACCOUNT: ("LINKED_ACCOUNT", "SERVICE"),
    Breakdown.REGION: ("REGION", "RECORD_TYPE"),
}
NO_REGION = {"NoRegion", "global", "No region"}


def read_cost_explorer_bill(
    reads: Reads,
    account: Account | None,
    days: tuple[date, ...],
    tag_keys: tuple[str, ...],
    column: str,
) -> Bill:
    """Read the bill of ``days`` by the breakdowns that Cost Explorer offers.

    Args:
        reads: the run's context.
        account: the account asked; a payer sees its linked accounts. None for the credentials'.
        days: consecutive UTC days.
        tag_keys: activated cost allocation tags.
        column: the cost that tags are about: BilledCost or EffectiveCost.

    Returns:
        The bill; without ``resources``, which Cost Explorer does not tell by day beyond 14 days.
    """
    asked = _Question(reads, account, days, USAGE_RECORDS[column])
    frames = {breakdown: asked.frame(breakdown) for breakdown in GROUPINGS}
    tags = {key: asked.frame(Breakdown.TAG, key) for key in tag_keys}
    charged = [day for read in frames.values() for day in read.frame["ChargePeriodStart"]]
    return Bill(
        source="cost_explorer",
        currency=_one_currency([*frames.values(), *tags.values()]),
        meters=frames[Breakdown.METER].frame,
        accounts=frames[Breakdown.ACCOUNT].frame,
        regions=frames[Breakdown.REGION].frame,
        places=None,
        providers=None,
        tags={key: read.frame for key, read in tags.items() if not read.status.is_gap},
        resources=None,
        untagged={},
        account_names=frames[Breakdown.ACCOUNT].notes.get("account_names", {}),
        billing_accounts=(account.id,) if account else (),
        days=days,
        first_day=min(charged, default=None),
        last_day=max(charged, default=None),
    )


def read_meter_costs(
    reads: Reads, account: Account | None, days: tuple[date, ...]
) -> tuple[pd.DataFrame, str]:
    """Read the bill of ``days`` by meter alone, one request a page.

    Args:
        reads: the run's context.
        account: as for `read_cost_explorer_bill`.
        days: consecutive UTC days.

    Returns:
        All charges by `Breakdown.METER`, and their currency.
    """
    read = _Question(reads, account, days, ()).frame(Breakdown.METER)
    return read.frame, _one_currency([read])


class _Question:
    """One bill's worth of requests: who is asked, for which days and, by tag, records."""

    def __init__(
        self,
        reads: Reads,
        account: Account | None,
        days: tuple[date, ...],
        records: tuple[str, ...],
    ) -> None:
        self._reads = reads
        self._account = account
        self._days = days
        self._records = records

    def frame(self, breakdown: Breakdown, tag_key: str = "") -> Fetched:
        groups = _group_by(breakdown, tag_key)
        named = " and ".join(group["Key"] for group in groups)
        records = self._records if breakdown is Breakdown.TAG else ()
        request = ReadRequest(
            table=f"costs by {tag_key or breakdown.value}",
            asked=f"{self._days[0]} to {self._days[-1]} by {named}",
            schema=costs_schema(breakdown),
            account=self._account.label if self._account else "",
            arguments={
                "source": "cost_explorer",
                "first": self._days[0],
                "last": self._days[-1],
                "group_by": groups,
                "records": records,
            },
        )
        return self._reads.read(request, lambda: self._fetch(breakdown, groups, records))

    def _fetch(
        self, breakdown: Breakdown, groups: list[dict[str, str]], records: tuple[str, ...]
    ) -> Fetched:
        client = self._reads.connection.client("ce", account=self._account)
        pages = list(ask_costs(client, self._days, groups, records))
        rows = [row for page in pages for row in _rows(page, breakdown)]
        columns = ["ChargePeriodStart", *breakdown.columns, *AMOUNTS]
        frame = _merge_groups(pd.DataFrame(rows, columns=[*columns, "Currency"]), columns)
        currencies = sorted({row[-1] for row in rows})
        names = {
            value["Value"]: value.get("Attributes", {}).get("description", "")
            for page in pages
            for value in page.get("DimensionValueAttributes", [])
        }
        return Fetched(
            frame=check_costs(frame, breakdown),
            notes={
                "currencies": currencies,
                "account_names": names if breakdown is Breakdown.ACCOUNT else {},
            },
        )


def _group_by(breakdown: Breakdown, tag_key: str) -> list[dict[str, str]]:
    if breakdown is Breakdown.TAG:
        return [{"Type": "TAG", "Key": tag_key}, {"Type": "DIMENSION", "Key": "SERVICE"}]
    return [{"Type": "DIMENSION", "Key": key} for key in GROUPINGS[breakdown]]


def ask_costs(
    client: Any,
    days: tuple[date, ...],
    groups: list[dict[str, str]],
    records: tuple[str, ...] = (),
    metrics: Sequence[str] = METRICS,
) -> Iterator[dict[str, Any]]:
    """Yield the pages of Cost Explorer's answer, by day.

    Args:
        client: of ``ce``.
        days: consecutive UTC days.
        groups: what to group by, two at most.
        records: record types that count; all, where none are named.
        metrics: Cost Explorer's names of the amounts.
    """
    asked: dict[str, Any] = {
        "TimePeriod": {"Start": str(days[0]), "End": str(days[-1] + timedelta(days=1))},
        "Granularity": "DAILY",
        "Metrics": list(metrics),
        "GroupBy": groups,
    }
    if records:
        asked["Filter"] = {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(records)}}
    while True:
        with aws_faults("ce:GetCostAndUsage"):
            page = client.get_cost_and_usage(**asked)
        yield page
        if not page.get("NextPageToken"):
            return
        asked["NextPageToken"] = page["NextPageToken"]


def _rows(page: dict[str, Any], breakdown: Breakdown) -> Iterator[tuple[Any, ...]]:
    for result in page["ResultsByTime"]:
        day = date.fromisoformat(result["TimePeriod"]["Start"][:10])
        for group in result["Groups"]:
            metrics = group["Metrics"]
            unit = metrics["UsageQuantity"].get("Unit", "N/A")
            names = _names(breakdown, group["Keys"], "" if unit == "N/A" else unit)
            metered = breakdown is Breakdown.METER and unit != "N/A"
            yield (
                day,
                *names,
                Decimal(metrics["UsageQuantity"]["Amount"]) if metered else None,
                Decimal(metrics["UnblendedCost"]["Amount"]),
                Decimal(metrics["AmortizedCost"]["Amount"]),
                metrics["UnblendedCost"]["Unit"],
            )


def _names(breakdown: Breakdown, keys: list[str], unit: str) -> tuple[str, ...]:
    first, second = keys
    if breakdown is Breakdown.METER:
        return first, second, unit
    if breakdown is Breakdown.REGION:
        return "" if first in NO_REGION else first, charge_category(second)
    if breakdown is Breakdown.TAG:
        # AWS writes the group as "Key$value"; an empty value is untagged spend.
        return first.partition("$")[2], second
    return first, second


def _merge_groups(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Add up groups that became one: several record types are one charge category."""
    keys = [name for name in columns if name not in AMOUNTS]
    if not frame.duplicated(keys).any():
        return frame[columns]
    sums = frame.groupby(keys, as_index=False, sort=False)[["BilledCost", "EffectiveCost"]].sum()
    return sums.assign(PricingQuantity=None)[columns]


def _one_currency(reads: list[Fetched]) -> str:
    currencies = sorted({code for read in reads for code in read.notes.get("currencies", [])})
    if len(currencies) > 1:
        raise TableError(
            f"Cost Explorer answered in several currencies: {', '.join(currencies)}",
            where="ce:GetCostAndUsage",
            remedy="Report one account at a time, or use an export with `currency` set.",
        )
    return currencies[0] if currencies else ""
