"""What a question to Cost Explorer is about: the caller's bill, its days, groups and filter.

Service names are those of the export, so that both sources of one scenario can be compared.
Source: AWS Billing and Cost Management API Reference, Expression and GroupDefinition.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.sandbox.estate import PAYER
from opslib.sandbox.overlay import Caller
from opslib.sandbox.protocol import AwsError

__all__ = ["TAGS", "key_column", "match_filter", "read_period", "view_bill"]

DIMENSIONS = {
    "SERVICE": "service",
    "LINKED_ACCOUNT": "account",
    "REGION": "region",
    "USAGE_TYPE": "meter",
    "RECORD_TYPE": "record_type",
}
TAGS = {"Environment": "environment", "Project": "project"}
EXACT = {"EQUALS", "CASE_SENSITIVE"}


def view_bill(bill: pd.DataFrame, caller: Caller) -> pd.DataFrame:
    """Return the part of ``bill`` that an account sees: the payer all, others their own.

    Charges of no place are ``global`` where a service makes them, and else ``NoRegion``.
    """
    placeless = bill["resource"].eq("").map({True: "NoRegion", False: "global"})
    bill = bill.assign(region=bill["region"].where(bill["region"] != "", placeless))
    bill = _with_negations(bill)
    return bill if caller.account == PAYER else bill[bill["account"] == caller.account]


def _with_negations(bill: pd.DataFrame) -> pd.DataFrame:
    """Book what a Savings Plan covers at the on-demand price, and take it back without tags.

    Source: AWS Savings Plans user guide, "Understanding how Savings Plans apply to your usage".
    """
    is_covered = bill["record_type"] == "SavingsPlanCoveredUsage"
    if not is_covered.any():
        return bill
    covered = bill[is_covered]
    on_demand = covered["quantity"] * covered["price"]
    nothing = pd.Series([Decimal(0)] * len(covered), index=covered.index, dtype=object)
    negated = covered.assign(
        record_type="SavingsPlanNegation",
        billed=-on_demand,
        effective=nothing,
        quantity=nothing,
        **dict.fromkeys((*TAGS.values(), "resource"), ""),
    )
    parts = [bill[~is_covered], covered.assign(billed=on_demand), negated]
    return pd.concat(parts, ignore_index=True)


def read_period(asked: dict[str, Any]) -> tuple[date, date]:
    """Return the first day asked for and the day after the last one."""
    first, end = (_day(asked["TimePeriod"][name], name) for name in ("Start", "End"))
    if first >= end:
        raise AwsError("ValidationException", "Start date (and hour) should be before end date")
    return first, end


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AwsError(
            "ValidationException", f"{name} time {text} is invalid. Valid format is: yyyy-MM-dd."
        ) from None


def key_column(rows: pd.DataFrame, kind: str, key: str) -> pd.Series:
    """Return the values of a dimension or tag; a tag that nobody activated is on no row."""
    if kind == "TAG":
        return rows[TAGS[key]] if key in TAGS else pd.Series("", index=rows.index)
    if kind != "DIMENSION" or key not in DIMENSIONS:
        raise AwsError("SandboxNotImplemented", f"{kind} {key} is not simulated")
    return rows[DIMENSIONS[key]]


def match_filter(rows: pd.DataFrame, expression: dict[str, Any] | None) -> pd.Series:
    """Return which rows meet a filter of And, Or, Not, Dimensions and Tags."""
    if not expression:
        return pd.Series(data=True, index=rows.index)
    if len(expression) > 1:
        raise AwsError("ValidationException", "Expression can only have one root")
    ((root, parts),) = expression.items()
    if root == "Not":
        return ~match_filter(rows, parts)
    if root in {"And", "Or"}:
        met = pd.DataFrame([match_filter(rows, part) for part in parts])
        return met.all() if root == "And" else met.any()
    if root not in {"Dimensions", "Tags"}:
        raise AwsError("SandboxNotImplemented", f"filters by {root} are not simulated")
    return _match_values(key_column(rows, root[:-1].upper(), parts["Key"]), parts)


def _match_values(column: pd.Series, wanted: dict[str, Any]) -> pd.Series:
    options = set(wanted.get("MatchOptions") or EXACT)
    if options == {"ABSENT"}:
        return column == ""
    if not options <= EXACT:
        raise AwsError("SandboxNotImplemented", f"match options {options} are not simulated")
    return column.isin(wanted["Values"])
