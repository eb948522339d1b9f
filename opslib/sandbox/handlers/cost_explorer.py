"""Cost Explorer over the sandbox's bill.

Service names are those of the export, so that both sources of one scenario can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.sandbox.estate import ACCOUNTS, PAYER
from opslib.sandbox.overlay import AwsError, Caller, op

__all__ = ["get_cost_and_usage", "get_cost_forecast"]

DIMENSIONS = {
    "SERVICE": "service",
    "LINKED_ACCOUNT": "account",
    "REGION": "region",
    "USAGE_TYPE": "meter",
    "RECORD_TYPE": "record_type",
}
TAGS = {"Environment": "environment", "Project": "project"}
METRICS = {
    "UnblendedCost": "billed",
    "AmortizedCost": "effective",
    "NetAmortizedCost": "effective",
    "NetUnblendedCost": "billed",
    "BlendedCost": "billed",
}
GROUPS_A_PAGE = 2000
INTERVAL = Decimal("0.06")


@op("ce", "GetCostAndUsage")
def get_cost_and_usage(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetCostAndUsage by day, grouped by two keys at most."""
    first, last = _period(asked)
    if asked["Granularity"] != "DAILY":
        raise AwsError("ValidationException", "the sandbox answers DAILY only")
    rows = _visible(caller)
    rows = rows[(rows["day"] >= first) & (rows["day"] < last)]
    rows = rows[_matches(rows, asked.get("Filter"))]
    keys = [_column(group) for group in asked.get("GroupBy", [])]
    found = list(_groups(rows, asked.get("GroupBy", []), keys, asked["Metrics"]))
    start = int(asked.get("NextPageToken") or 0)
    answer = _as_results(found[start : start + GROUPS_A_PAGE])
    answer["GroupDefinitions"] = asked.get("GroupBy", [])
    if "LINKED_ACCOUNT" in [group["Key"] for group in asked.get("GroupBy", [])]:
        answer["DimensionValueAttributes"] = [
            {"Value": account, "Attributes": {"description": name}}
            for account, name in ACCOUNTS.items()
        ]
    if start + GROUPS_A_PAGE < len(found):
        answer["NextPageToken"] = str(start + GROUPS_A_PAGE)
    return answer


@op("ce", "GetCostForecast")
def get_cost_forecast(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetCostForecast from what the scenario knows of the days to come."""
    first, last = _period(asked)
    if first < caller.scenario.epoch.date():
        raise AwsError("ValidationException", "the start date must be today or later")
    if caller.scenario.bill.empty:
        raise AwsError("DataUnavailableException", "not enough data to forecast")
    column = "effective" if "AMORTIZED" in asked["Metric"] else "billed"
    whole = caller.scenario.forecast
    rows = whole[(whole["day"] >= first) & (whole["day"] < last)]
    mean = sum(rows[column], Decimal(0))
    month = {
        "TimePeriod": {"Start": str(first), "End": str(last)},
        "MeanValue": str(mean),
        "PredictionIntervalLowerBound": str(mean * (1 - INTERVAL)),
        "PredictionIntervalUpperBound": str(mean * (1 + INTERVAL)),
    }
    return {"Total": {"Amount": str(mean), "Unit": "USD"}, "ForecastResultsByTime": [month]}


def _period(asked: dict[str, Any]) -> tuple[date, date]:
    first = date.fromisoformat(asked["TimePeriod"]["Start"])
    last = date.fromisoformat(asked["TimePeriod"]["End"])
    if first >= last:
        raise AwsError("ValidationException", "Start date (and hour) should be before end date")
    return first, last


def _visible(caller: Caller) -> pd.DataFrame:
    """Return the bill that an account sees: the payer all of it, others their own."""
    bill = caller.scenario.bill
    bill = bill.assign(region=bill["region"].replace("", "global"))
    return bill if caller.account == PAYER else bill[bill["account"] == caller.account]


def _column(group: dict[str, str]) -> str:
    columns = TAGS if group["Type"] == "TAG" else DIMENSIONS
    if group["Key"] not in columns:
        raise AwsError("ValidationException", f"the sandbox does not group by {group['Key']}")
    return columns[group["Key"]]


def _matches(rows: pd.DataFrame, expression: dict[str, Any] | None) -> pd.Series:
    """Return which rows meet a filter: And, Or, Not, Dimensions, Tags."""
    everything = pd.Series(data=True, index=rows.index)
    if not expression:
        return everything
    if "Not" in expression:
        return ~_matches(rows, expression["Not"])
    if "Or" in expression:
        met = ~everything
        for part in expression["Or"]:
            met |= _matches(rows, part)
        return met
    for part in expression.get("And", []):
        everything &= _matches(rows, part)
    for kind, columns in (("Dimensions", DIMENSIONS), ("Tags", TAGS)):
        if kind in expression:
            wanted = expression[kind]
            everything &= rows[columns[wanted["Key"]]].isin(wanted["Values"])
    return everything


def _groups(
    rows: pd.DataFrame, asked: list[dict[str, str]], keys: list[str], metrics: list[str]
) -> Iterator[tuple[date, dict[str, Any]]]:
    sums: dict[tuple[Any, ...], dict[str, Any]] = {}
    columns = [rows[key] for key in ["day", *keys]]
    amounts = (rows["billed"], rows["effective"], rows["quantity"], rows["unit"])
    for *names, billed, effective, quantity, unit in zip(*columns, *amounts, strict=True):
        held = sums.setdefault(
            tuple(names),
            {"billed": Decimal(0), "effective": Decimal(0), "used": Decimal(0), "units": set()},
        )
        held["billed"] += billed
        held["effective"] += effective
        held["used"] += quantity or Decimal(0)
        held["units"].add(unit or "N/A")
    for group in sorted(sums):
        day, *names = group
        yield day, {"Keys": _labels(asked, names), "Metrics": _metrics(sums[group], metrics)}


def _labels(asked: list[dict[str, str]], names: list[str]) -> list[str]:
    return [
        f"{group['Key']}${name}" if group["Type"] == "TAG" else name
        for group, name in zip(asked, names, strict=True)
    ]


def _metrics(held: dict[str, Any], metrics: list[str]) -> dict[str, dict[str, str]]:
    unit = held["units"].copy().pop() if len(held["units"]) == 1 else "N/A"
    answer = {}
    for metric in metrics:
        if metric == "UsageQuantity":
            answer[metric] = {"Amount": str(held["used"]), "Unit": unit}
        else:
            answer[metric] = {"Amount": str(held[METRICS[metric]]), "Unit": "USD"}
    return answer


def _as_results(found: list[tuple[date, dict[str, Any]]]) -> dict[str, Any]:
    by_day: dict[date, list[dict[str, Any]]] = {}
    for day, group in found:
        by_day.setdefault(day, []).append(group)
    return {
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": str(day), "End": str(day + timedelta(days=1))},
                "Total": {},
                "Groups": groups,
                "Estimated": True,
            }
            for day, groups in sorted(by_day.items())
        ]
    }
