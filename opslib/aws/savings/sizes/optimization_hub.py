"""What Cost Optimization Hub says of the sizes of instances and databases, of all accounts.

Source: AWS Billing and Cost Management API Reference, ListEnrollmentStatuses and
ListRecommendations of Cost Optimization Hub, which is served in us-east-1 and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from opslib.aws.places import Place
from opslib.aws.reads import Fetched, ReadRequest
from opslib.aws.savings.sizes.advice import advice_of, advice_row, not_enrolled
from opslib.tables.savings_sizes import AWS_ADVICE, HUB

__all__ = ["read_optimization_hub"]

SERVICE, SERVED_IN = "cost-optimization-hub", "us-east-1"
WANTED = {"resourceTypes": ["Ec2Instance", "RdsDbInstance"], "actionTypes": ["Rightsize"]}
REMEDY = "Enroll the payer in Cost Optimization Hub, or set aws_advice: false."


def read_optimization_hub(payer: Place) -> pd.DataFrame:
    """Read what it says; columns of `AWS_ADVICE`.

    Args:
        payer: a place of the payer.
    """
    place = Place(payer.reads, payer.account, SERVED_IN)
    request = ReadRequest(
        table=HUB,
        asked="instances and databases of all accounts",
        schema=AWS_ADVICE,
        account=place.label,
        arguments=WANTED,
    )
    return place.reads.read(request, lambda: _fetch(place)).frame


def _fetch(place: Place) -> Fetched:
    enrolled = place.call(SERVICE, "ListEnrollmentStatuses").get("items", [])
    if not any(one.get("status") == "Active" for one in enrolled):
        return not_enrolled(REMEDY)
    return advice_of(_rows(place))


def _rows(place: Place) -> Iterator[dict[str, Any]]:
    for told in place.items(SERVICE, "ListRecommendations", "items", filter=WANTED):
        yield _row(told)


def _row(told: Mapping[str, Any]) -> dict[str, Any]:
    arn = told.get("resourceArn", "")
    return advice_row(
        HUB,
        arn if ":db:" in arn else told["resourceId"],
        Finding=told.get("actionType", ""),
        Proposed=told.get("recommendedResourceSummary", ""),
        MonthlySaving=told.get("estimatedMonthlySavings"),
        Currency=told.get("currencyCode", ""),
        LookBackDays=told.get("recommendationLookbackPeriodInDays"),
    )
