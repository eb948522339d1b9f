"""Commitments that are held: the payer's Savings Plans, and no reservation anywhere.

Source: Savings Plans API Reference, DescribeSavingsPlans; AWS Billing and Cost Management API
Reference, GetSavingsPlansUtilizationDetails and GetSavingsPlansCoverage.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.sandbox.estate import EC2, ECS, PAYER
from opslib.sandbox.handlers.bill_view import match_filter, read_period, view_bill
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.savings.held import COVERED, HeldPlan, plan_use

__all__ = [
    "describe_savings_plans",
    "get_savings_plans_coverage",
    "get_savings_plans_utilization_details",
    "is_compute",
]

A_PAGE = 20
COMPUTE = ("BoxUsage:", "Fargate-", "Lambda-GB-Second")
"""Parts of usage types that Compute Savings Plans cover."""
COMPUTE_SERVICES = {EC2, ECS, "AWS Lambda"}


@op("savingsplans", "DescribeSavingsPlans")
def describe_savings_plans(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer savingsplans:DescribeSavingsPlans: all of them are the payer's."""
    held = caller.scenario.held if caller.account == PAYER else ()
    states = set(asked.get("states") or [])
    plans = [_described(one) for one in held if not states or one.state in states]
    page, token = take_page(plans, asked.get("nextToken"), asked.get("maxResults") or A_PAGE)
    return {"savingsPlans": page} | ({"nextToken": token} if token else {})


def _described(plan: HeldPlan) -> dict[str, Any]:
    return {
        "offeringId": plan.arn.rpartition("/")[2][::-1],
        "savingsPlanId": plan.arn.rpartition("/")[2],
        "savingsPlanArn": plan.arn,
        "start": f"{plan.start:%Y-%m-%dT%H:%M:%S.000Z}",
        "end": f"{plan.end:%Y-%m-%dT%H:%M:%S.000Z}",
        "state": plan.state,
        "savingsPlanType": "Compute",
        "paymentOption": "No Upfront",
        "productTypes": ["EC2", "Fargate", "Lambda"],
        "currency": "USD",
        "commitment": str(plan.hourly),
        "upfrontPaymentAmount": "0.0",
        "recurringPaymentAmount": str(plan.hourly),
        "termDurationInSeconds": int(timedelta(days=365).total_seconds()),
        "tags": {},
        # Bought in an earlier month, none can be returned.
        "returnableUntil": f"{plan.start:%Y-%m-%dT%H:%M:%S.000Z}",
    }


@op("ce", "GetSavingsPlansUtilizationDetails")
def get_savings_plans_utilization_details(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetSavingsPlansUtilizationDetails: each plan with a fee in the period."""
    rows = _rows(asked, caller)
    held = [plan for plan in caller.scenario.held if plan.billed_as and caller.account == PAYER]
    told = [one for plan in held if (one := _use(plan, rows))]
    if not told:
        raise AwsError("DataUnavailableException", "Savings Plans utilization is not available.")
    page, token = take_page(told, asked.get("NextToken"), asked.get("MaxResults") or A_PAGE)
    answer = {"SavingsPlansUtilizationDetails": page, "TimePeriod": asked["TimePeriod"]}
    return answer | ({"NextToken": token} if token else {})


def _use(plan: HeldPlan, rows: pd.DataFrame) -> dict[str, Any] | None:
    fee, unused, on_demand = plan_use(plan, rows)
    if not fee:
        return None
    return {
        "SavingsPlanArn": plan.arn,
        "Attributes": {"AccountId": PAYER, "HourlyCommitment": str(plan.hourly)},
        "Utilization": {
            "TotalCommitment": str(fee),
            "UsedCommitment": str(fee - unused),
            "UnusedCommitment": str(unused),
            "UtilizationPercentage": str(100 * (fee - unused) / fee),
        },
        "Savings": {"NetSavings": str(on_demand - fee), "OnDemandCostEquivalent": str(on_demand)},
        "AmortizedCommitment": {
            "AmortizedRecurringCommitment": str(fee),
            "AmortizedUpfrontCommitment": "0",
            "TotalAmortizedCommitment": str(fee),
        },
    }


@op("ce", "GetSavingsPlansCoverage")
def get_savings_plans_coverage(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetSavingsPlansCoverage by service: what compute costs at on-demand prices."""
    rows = _rows(asked, caller)
    rows = rows[is_compute(rows)]
    told = [_coverage(str(name), part, asked) for name, part in rows.groupby("service")]
    page, token = take_page(told, asked.get("NextToken"), asked.get("MaxResults") or A_PAGE)
    return {"SavingsPlansCoverages": page} | ({"NextToken": token} if token else {})


def _coverage(service: str, rows: pd.DataFrame, asked: dict[str, Any]) -> dict[str, Any]:
    worth = rows["quantity"] * rows["price"]
    covered = sum(worth[rows["record_type"] == COVERED], Decimal(0))
    whole = sum(worth, Decimal(0))
    return {
        "Attributes": {"SERVICE": service},
        "Coverage": {
            "SpendCoveredBySavingsPlans": str(covered),
            "OnDemandCost": str(whole - covered),
            "TotalCost": str(whole),
            "CoveragePercentage": str(100 * covered / whole if whole else Decimal(0)),
        },
        "TimePeriod": asked["TimePeriod"],
    }


def is_compute(rows: pd.DataFrame) -> pd.Series:
    """Say which charges are of usage that Compute Savings Plans cover, by one or not."""
    meters = rows["meter"].map(lambda meter: any(part in meter for part in COMPUTE)).astype(bool)
    return (
        meters
        & rows["service"].isin(COMPUTE_SERVICES)
        & rows["record_type"].isin(["Usage", COVERED])
    )


def _rows(asked: dict[str, Any], caller: Caller) -> pd.DataFrame:
    first, end = read_period(asked)
    bill = caller.scenario.bill
    days = bill[(bill["day"] >= first) & (bill["day"] < end)]
    rows = view_bill(days, caller)
    return rows[match_filter(rows, asked.get("Filter"))]


def _none(key: str) -> Any:
    def answer(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
        del asked, caller
        return {key: []}

    return answer


for _service, _operation, _key in (
    ("ec2", "DescribeReservedInstances", "ReservedInstances"),
    ("rds", "DescribeReservedDBInstances", "ReservedDBInstances"),
    ("elasticache", "DescribeReservedCacheNodes", "ReservedCacheNodes"),
    ("redshift", "DescribeReservedNodes", "ReservedNodes"),
    ("opensearch", "DescribeReservedInstances", "ReservedInstances"),
):
    op(_service, _operation)(_none(_key))
