"""What a budget counts, in one form, from the two that AWS Budgets tells it in.

Older budgets carry ``CostFilters`` and ``CostTypes``; newer ones a ``FilterExpression`` and
``Metrics``.
Source: AWS Billing and Cost Management API Reference, Budget, CostTypes and Expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Counted", "read_counted"]

INCLUDED_KINDS = {
    "IncludeTax": "Tax",
    "IncludeCredit": "Credit",
    "IncludeRefund": "Refund",
    "IncludeSubscription": "Subscription",
    "IncludeUpfront": "Upfront",
    "IncludeRecurring": "Recurring",
    "IncludeOtherSubscription": "OtherSubscription",
    "IncludeSupport": "Support",
    "IncludeDiscount": "Discount",
}
METRIC_COLUMNS = {"UnblendedCost": "BilledCost", "AmortizedCost": "EffectiveCost"}
DIMENSION_FILTERS = {"LINKED_ACCOUNT": "LinkedAccount", "SERVICE": "Service", "REGION": "Region"}
EXACT_MATCH: tuple[list[str], ...] = (
    [],
    ["EQUALS"],
    ["CASE_SENSITIVE"],
    ["CASE_SENSITIVE", "EQUALS"],
)
PRIMARY_VIEW = ":billingview/primary"


@dataclass(kw_only=True)
class Counted:
    """What a budget counts.

    Args:
        column: FOCUS cost column.
        filters: filter name, as in CostFilters, to the values that it lets through.
        excluded: kinds of charge that it leaves out.
        unread: why what it counts cannot be told from these; empty where it can.
    """

    column: str = "BilledCost"
    filters: dict[str, list[str]] = field(default_factory=dict)
    excluded: list[str] = field(default_factory=list)
    unread: str = ""


def read_counted(budget: Mapping[str, Any]) -> Counted:
    """Return what a budget of DescribeBudgets counts."""
    kinds = budget.get("CostTypes", {})
    counted = Counted(
        column="EffectiveCost" if kinds.get("UseAmortized") else "BilledCost",
        filters=dict(budget.get("CostFilters", {})),
        excluded=[kind for name, kind in INCLUDED_KINDS.items() if kinds.get(name) is False],
    )
    if kinds.get("UseBlended"):
        counted.unread = "it counts blended cost"
    if not budget.get("BillingViewArn", PRIMARY_VIEW).endswith(PRIMARY_VIEW):
        counted.unread = "it counts a billing view of its own"
    _read_metrics(budget.get("Metrics", []), counted)
    if "FilterExpression" in budget:
        counted.filters = {}
        _read_expression(budget["FilterExpression"], counted)
    return counted


def _read_metrics(metrics: list[str], counted: Counted) -> None:
    if not metrics:
        return
    if len(metrics) == 1 and metrics[0] in METRIC_COLUMNS:
        counted.column = METRIC_COLUMNS[metrics[0]]
    else:
        counted.unread = f"it counts {', '.join(metrics)}"


def _read_expression(expression: Mapping[str, Any], counted: Counted) -> None:
    """Add what ``expression`` filters; only a conjunction of equalities can be told."""
    for part in expression.get("And", [expression]):
        if not (_read_equality(part, counted) or _read_exclusion(part, counted)):
            counted.unread = "it filters by an expression that this report does not read"


def _read_equality(part: Mapping[str, Any], counted: Counted) -> bool:
    if set(part) == {"Dimensions"}:
        name = DIMENSION_FILTERS.get(part["Dimensions"]["Key"], "")
        values = list(part["Dimensions"]["Values"])
    elif set(part) == {"Tags"}:
        name = "TagKeyValue"
        values = [f"user:{part['Tags']['Key']}${value}" for value in part["Tags"]["Values"]]
    else:
        return False
    if not name or name in counted.filters or not _is_exact(part):
        return False
    counted.filters[name] = values
    return True


def _read_exclusion(part: Mapping[str, Any], counted: Counted) -> bool:
    """Read "not of these record types", as the console writes it."""
    left_out = part.get("Not", {}).get("Dimensions", {})
    if set(part) != {"Not"} or left_out.get("Key") != "RECORD_TYPE" or not _is_exact(part["Not"]):
        return False
    counted.excluded += left_out["Values"]
    return True


def _is_exact(part: Mapping[str, Any]) -> bool:
    (condition,) = part.values()
    return sorted(condition.get("MatchOptions", [])) in EXACT_MATCH
