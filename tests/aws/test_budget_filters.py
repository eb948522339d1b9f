from __future__ import annotations

from typing import Any

import pytest

from opslib.aws.budget_filters import read_counted


def dimension(key: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"Dimensions": {"Key": key, "Values": list(values), **more}}


@pytest.mark.parametrize(
    ("told", "column", "filters", "excluded"),
    [
        ({}, "BilledCost", {}, []),
        ({"CostTypes": {"UseAmortized": True}}, "EffectiveCost", {}, []),
        ({"CostTypes": {"IncludeTax": False}}, "BilledCost", {}, ["Tax"]),
        ({"CostTypes": {"IncludeSubscription": False}}, "BilledCost", {}, ["Subscription"]),
        ({"CostFilters": {"Region": ["eu-west-1"]}}, "BilledCost", {"Region": ["eu-west-1"]}, []),
        ({"Metrics": ["AmortizedCost"]}, "EffectiveCost", {}, []),
        (
            {"FilterExpression": dimension("LINKED_ACCOUNT", "1" * 12)},
            "BilledCost",
            {"LinkedAccount": ["1" * 12]},
            [],
        ),
        (
            {"FilterExpression": {"Tags": {"Key": "Team", "Values": ["web"]}}},
            "BilledCost",
            {"TagKeyValue": ["user:Team$web"]},
            [],
        ),
        (
            {
                "FilterExpression": {
                    "And": [
                        dimension("SERVICE", "Amazon EC2", MatchOptions=["EQUALS"]),
                        {"Not": dimension("RECORD_TYPE", "Credit", "Refund")},
                    ]
                }
            },
            "BilledCost",
            {"Service": ["Amazon EC2"]},
            ["Credit", "Refund"],
        ),
    ],
)
def test_both_forms_of_a_budget_are_read_alike(
    told: dict[str, Any], column: str, filters: dict[str, list[str]], excluded: list[str]
) -> None:
    counted = read_counted(told)
    assert (counted.column, counted.filters, counted.excluded) == (column, filters, excluded)
    assert counted.unread == ""


@pytest.mark.parametrize(
    ("told", "because"),
    [
        ({"CostTypes": {"UseBlended": True}}, "blended"),
        ({"Metrics": ["NetAmortizedCost"]}, "NetAmortizedCost"),
        ({"BillingViewArn": "arn:aws:billing::1:billingview/custom-1"}, "billing view"),
        ({"FilterExpression": {"Or": [dimension("SERVICE", "a")]}}, "expression"),
        ({"FilterExpression": {"Not": dimension("SERVICE", "a")}}, "expression"),
        ({"FilterExpression": dimension("SERVICE", "a", MatchOptions=["STARTS_WITH"])}, "express"),
        ({"FilterExpression": dimension("OPERATION", "RunInstances")}, "expression"),
        (
            {"FilterExpression": {"And": [dimension("REGION", "a"), dimension("REGION", "b")]}},
            "expression",
        ),
    ],
)
def test_what_cannot_be_told_is_said(told: dict[str, Any], because: str) -> None:
    assert because in read_counted(told).unread
