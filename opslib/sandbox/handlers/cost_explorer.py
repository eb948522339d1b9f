"""Cost Explorer's answers about the past: GetCostAndUsage and ListCostAllocationTags.

Source: AWS Billing and Cost Management API Reference, GetCostAndUsage and ResultByTime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.sandbox.estate import MEMBERS
from opslib.sandbox.handlers.bill_view import (
    TAGS,
    key_column,
    match_filter,
    read_period,
    view_bill,
)
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError

__all__ = ["get_cost_and_usage", "list_cost_allocation_tags", "split_period"]

METRICS = {
    "UnblendedCost": "billed",
    "AmortizedCost": "effective",
    "NetAmortizedCost": "effective",
    "NetUnblendedCost": "billed",
    "BlendedCost": "billed",
    "UsageQuantity": "used",
}
MOST_KEYS = 2
GROUPS_A_PAGE = 3000
TAGS_A_PAGE = 100
FINAL_AFTER = timedelta(days=5)
"""How long after its end AWS still calls the bill of a month an estimate."""

Period = tuple[date, date]
Group = dict[str, Any]


@op("ce", "GetCostAndUsage")
def get_cost_and_usage(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetCostAndUsage by day or month, grouped by two keys at most."""
    first, end = read_period(asked)
    keys, metrics = asked.get("GroupBy") or [], _read_metrics(asked)
    if len(keys) > MOST_KEYS:
        raise AwsError("ValidationException", f"you can group by at most {MOST_KEYS} keys")
    rows = view_bill(caller.scenario.bill, caller)
    rows = rows[(rows["day"] >= first) & (rows["day"] < end)]
    rows = rows[match_filter(rows, asked.get("Filter"))]
    periods = split_period(first, end, asked["Granularity"])
    sums = _sums(rows, keys, periods)
    found = [
        (period, group) for period in periods for group in _groups(sums[period], keys, metrics)
    ]
    page, token = take_page(found, asked.get("NextPageToken"), GROUPS_A_PAGE)
    answer: dict[str, Any] = {
        "ResultsByTime": _as_results(page, caller.scenario.epoch.date(), grouped=bool(keys)),
        "GroupDefinitions": keys,
        "DimensionValueAttributes": _account_names(keys),
    }
    return answer | ({"NextPageToken": token} if token else {})


@op("ce", "ListCostAllocationTags")
def list_cost_allocation_tags(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:ListCostAllocationTags: the tags of the estate, all of them active."""
    today = caller.scenario.epoch.strftime("%Y-%m-%dT%H:%M:%SZ")
    asked_for = set(asked.get("TagKeys") or TAGS)
    unlike = asked.get("Status") == "Inactive" or asked.get("Type") == "AWSGenerated"
    tags = [
        {"TagKey": key, "Type": "UserDefined", "Status": "Active", "LastUsedDate": today}
        for key in TAGS
        if key in asked_for and not unlike
    ]
    page, token = take_page(tags, asked.get("NextToken"), asked.get("MaxResults") or TAGS_A_PAGE)
    return {"CostAllocationTags": page} | ({"NextToken": token} if token else {})


def split_period(first: date, end: date, granularity: str) -> list[Period]:
    """Return the days, or the parts of calendar months, between two days."""
    if granularity not in {"DAILY", "MONTHLY"}:
        raise AwsError("SandboxNotImplemented", f"granularity {granularity} is not simulated")
    starts = [first + timedelta(days=n) for n in range((end - first).days)]
    if granularity == "MONTHLY":
        starts = [day for day in starts if day == first or day.day == 1]
    return list(zip(starts, [*starts[1:], end], strict=True))


def _read_metrics(asked: dict[str, Any]) -> list[str]:
    metrics: list[str] = asked["Metrics"]
    for metric in metrics:
        if metric not in METRICS:
            raise AwsError("ValidationException", f"Metric {metric} is invalid")
    return metrics


def _sums(
    rows: pd.DataFrame, keys: list[dict[str, str]], periods: list[Period]
) -> Mapping[Period, dict[tuple[str, ...], Group]]:
    """Add up cost and use by period and key; exact, since money is Decimal."""
    period_of = {
        first + timedelta(days=n): (first, end)
        for first, end in periods
        for n in range((end - first).days)
    }
    sums: dict[Period, dict[tuple[str, ...], Group]] = {period: {} for period in periods}
    columns = [key_column(rows, key["Type"], key["Key"]) for key in keys]
    amounts = (rows["billed"], rows["effective"], rows["quantity"], rows["unit"])
    for day, billed, effective, quantity, unit, *names in zip(
        rows["day"], *amounts, *columns, strict=True
    ):
        held = sums[period_of[day]].setdefault(tuple(names), _nothing())
        held["billed"] += billed
        held["effective"] += effective
        held["used"] += quantity or Decimal(0)
        held["units"].add(unit or "N/A")
    return sums


def _nothing() -> Group:
    return {"billed": Decimal(0), "effective": Decimal(0), "used": Decimal(0), "units": set()}


def _groups(
    sums: Mapping[tuple[str, ...], Group], keys: list[dict[str, str]], metrics: list[str]
) -> Iterator[Group | None]:
    """Yield a period's groups; one None stands for a period without any."""
    if not keys:
        yield {"Metrics": _metrics(sums.get((), _nothing()), metrics)}
    elif not sums:
        yield None
    for names in sorted(sums) if keys else ():
        yield {"Keys": _labels(keys, names), "Metrics": _metrics(sums[names], metrics)}


def _labels(keys: list[dict[str, str]], names: tuple[str, ...]) -> list[str]:
    return [
        f"{key['Key']}${name}" if key["Type"] == "TAG" else name
        for key, name in zip(keys, names, strict=True)
    ]


def _metrics(held: Group, metrics: list[str]) -> dict[str, dict[str, str]]:
    unit = next(iter(held["units"])) if len(held["units"]) == 1 else "N/A"
    return {
        metric: {
            "Amount": str(held[METRICS[metric]]),
            "Unit": unit if metric == "UsageQuantity" else "USD",
        }
        for metric in metrics
    }


def _as_results(
    page: list[tuple[Period, Group | None]], today: date, *, grouped: bool
) -> list[dict[str, Any]]:
    by_period: dict[Period, list[Group]] = {}
    for period, group in page:
        by_period.setdefault(period, []).extend([group] if group else [])
    return [
        {
            "TimePeriod": {"Start": str(first), "End": str(end)},
            "Total": {} if grouped else groups[0]["Metrics"],
            "Groups": groups if grouped else [],
            "Estimated": today < _month_after(first) + FINAL_AFTER,
        }
        for (first, end), groups in by_period.items()
    ]


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _account_names(keys: list[dict[str, str]]) -> list[dict[str, Any]]:
    if "LINKED_ACCOUNT" not in [key["Key"] for key in keys]:
        return []
    return [
        {"Value": account, "Attributes": {"description": name}} for account, name in MEMBERS.items()
    ]
