"""What AWS advises to commit to: the least that was used on any day of those looked back at.

Source: AWS Billing and Cost Management API Reference, GetSavingsPlansPurchaseRecommendation and
GetReservationPurchaseRecommendation. AWS searches for the level that saves most; here it is the
least daily use, which saves on every day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pandas as pd

from opslib.sandbox.estate import EAST, EC2, IRELAND, PAYER
from opslib.sandbox.handlers.bill_view import view_bill
from opslib.sandbox.handlers.held_commitments import is_compute
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op

__all__ = ["get_reservation_purchase_recommendation", "get_savings_plans_purchase_recommendation"]

LOOKBACK = {"SEVEN_DAYS": 7, "THIRTY_DAYS": 30, "SIXTY_DAYS": 60}
YEARS = {"ONE_YEAR": 1, "THREE_YEARS": 3}
SETTLING = timedelta(days=3)
PLAN_COST = {"COMPUTE_SP": Decimal("0.8"), "EC2_INSTANCE_SP": Decimal("0.72")}
RESERVED_COST = Decimal("0.7")
"""Cost of a commitment of a year over the same usage on demand; three years cost less."""
LONG_TERM = Decimal("0.75")
HOURS, MONTH_HOURS, MONTH_DAYS = 24, Decimal(730), Decimal("30.4")
LEVEL = Decimal("0.001")
NODES = {
    "Amazon Relational Database Service": ("InstanceUsage:db.", "RDSInstanceDetails"),
    "Amazon ElastiCache": ("NodeUsage:cache.", "ElastiCacheInstanceDetails"),
    "Amazon Redshift": ("Node:", "RedshiftInstanceDetails"),
    "Amazon OpenSearch Service": ("ESInstance:", "ESInstanceDetails"),
}
"""Services to the part of usage types before the type, and AWS's name of the details."""
A_PAGE = 20


@op("ce", "GetSavingsPlansPurchaseRecommendation")
def get_savings_plans_purchase_recommendation(
    asked: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    """Answer ce:GetSavingsPlansPurchaseRecommendation for compute, and for EC2 by family."""
    rows = _on_demand(asked, caller)
    rows = rows[is_compute(rows)]
    kind = asked["SavingsPlansType"]
    details = list(_plans(rows, kind, asked))
    page, token = take_page(details, asked.get("NextPageToken"), asked.get("PageSize") or A_PAGE)
    told = {name: asked[name] for name in ("SavingsPlansType", "TermInYears", "PaymentOption")}
    answer = {
        "SavingsPlansPurchaseRecommendation": {
            **told,
            "AccountScope": "PAYER",
            "LookbackPeriodInDays": asked["LookbackPeriodInDays"],
            "SavingsPlansPurchaseRecommendationDetails": page,
        }
    }
    return answer | ({"NextPageToken": token} if token else {})


def _on_demand(asked: dict[str, Any], caller: Caller) -> pd.DataFrame:
    bill = caller.scenario.bill
    end = (caller.scenario.epoch - SETTLING).date()
    first = end - timedelta(days=LOOKBACK[asked["LookbackPeriodInDays"]])
    recent = bill[(bill["day"] >= first) & (bill["day"] < end)]
    rows = view_bill(recent, caller)
    return rows[rows["record_type"] == "Usage"]


def _plans(rows: pd.DataFrame, kind: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if kind == "COMPUTE_SP":
        groups = [(("", ""), rows)]
    else:
        instances = rows[rows["service"] == EC2]
        families = instances["meter"].str.split(":").str[-1].str.split(".").str[0]
        groups = [
            ((str(f), str(r)), part) for (f, r), part in instances.groupby([families, "region"])
        ]
    for (family, region), part in groups:
        daily = _least(part, part["quantity"] * part["price"], asked)
        share = _share(PLAN_COST[kind], asked)
        level = (daily * share / HOURS).quantize(LEVEL, rounding=ROUND_DOWN)
        if level:
            yield _plan(level, share, asked) | _where(family, region)


def _where(family: str, region: str) -> dict[str, Any]:
    return {"SavingsPlansDetails": {"Region": region, "InstanceFamily": family}} if family else {}


def _least(rows: pd.DataFrame, amounts: pd.Series, asked: dict[str, Any]) -> Decimal:
    """Return the least amount of a day; nothing where a day has none."""
    by_day: dict[Any, Decimal] = {}
    for day, amount in zip(rows["day"], amounts, strict=True):
        by_day[day] = by_day.get(day, Decimal(0)) + amount
    whole = len(by_day) == LOOKBACK[asked["LookbackPeriodInDays"]]
    return min(by_day.values()) if whole else Decimal(0)


def _share(share: Decimal, asked: dict[str, Any]) -> Decimal:
    return share * (LONG_TERM if asked["TermInYears"] == "THREE_YEARS" else Decimal(1))


def _upfront(hourly: Decimal, asked: dict[str, Any]) -> Decimal:
    term = hourly * HOURS * 365 * YEARS[asked["TermInYears"]]
    return {"ALL_UPFRONT": term, "PARTIAL_UPFRONT": term / 2}.get(asked["PaymentOption"], term * 0)


def _plan(level: Decimal, share: Decimal, asked: dict[str, Any]) -> dict[str, Any]:
    cost = level * HOURS * LOOKBACK[asked["LookbackPeriodInDays"]]
    return {
        "AccountId": PAYER,
        "UpfrontCost": str(_upfront(level, asked)),
        "CurrencyCode": "USD",
        "EstimatedSPCost": str(cost),
        "EstimatedSavingsAmount": str(cost / share - cost),
        "HourlyCommitmentToPurchase": str(level),
        "EstimatedAverageUtilization": "100",
        "EstimatedMonthlySavingsAmount": str((level / share - level) * MONTH_HOURS),
    }


@op("ce", "GetReservationPurchaseRecommendation")
def get_reservation_purchase_recommendation(
    asked: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    """Answer ce:GetReservationPurchaseRecommendation for nodes that are used on every day."""
    details = list(_nodes(_on_demand(asked, caller), asked)) if asked["Service"] in NODES else []
    return {"Recommendations": [{"RecommendationDetails": details}] if details else []}


def _nodes(rows: pd.DataFrame, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    service = asked["Service"]
    begins, name = NODES[service]
    named = rows[(rows["service"] == service) & rows["meter"].str.contains(begins, regex=False)]
    for (meter, price), part in named.groupby(["meter", "price"]):
        units = int(_least(part, part["quantity"], asked) / HOURS)
        if not units:
            continue
        told = _described(str(meter), name, units)
        yield told | _reserved(units * price * MONTH_HOURS, asked)


def _described(meter: str, name: str, units: int) -> dict[str, Any]:
    kind = re.sub(r"(?<=\d)xl$", "xlarge", meter.rpartition(":")[2])
    place = {"Region": IRELAND if meter.startswith("EUW1-") else EAST}
    if name == "ESInstanceDetails":
        parts = dict(zip(("InstanceClass", "InstanceSize"), kind.split("."), strict=True))
    else:
        parts = {"InstanceType" if name == "RDSInstanceDetails" else "NodeType": kind}
    return {
        "InstanceDetails": {name: parts | place},
        "RecommendedNumberOfInstancesToPurchase": str(units),
        "AverageUtilization": "100",
    }


def _reserved(monthly: Decimal, asked: dict[str, Any]) -> dict[str, Any]:
    share = _share(RESERVED_COST, asked)
    return {
        "AccountId": PAYER,
        "CurrencyCode": "USD",
        "UpfrontCost": str(_upfront(monthly * share / MONTH_HOURS, asked)),
        "EstimatedMonthlySavingsAmount": str(monthly * (1 - share)),
        "EstimatedMonthlyOnDemandCost": str(monthly),
        "EstimatedBreakEvenInMonths": str(12 * YEARS[asked["TermInYears"]] * share),
    }
