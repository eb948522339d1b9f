"""What Cost Explorer says of the sizes of instances, of all accounts of the payer.

Source: AWS Billing and Cost Management API Reference, GetRightsizingRecommendation: 0.01 USD a
request; an opt-in of the payer, else AccessDeniedException. Asked for within the same family, with
what commitments cover taken into account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from opslib.aws.places import Place
from opslib.aws.reads import ReadRequest
from opslib.aws.savings.sizes.advice import advice_row, fetch_advice
from opslib.tables.savings_sizes import AWS_ADVICE, COST_EXPLORER

__all__ = ["read_cost_explorer_advice"]

OPERATION = "GetRightsizingRecommendation"
CONFIGURATION = {"RecommendationTarget": "SAME_INSTANCE_FAMILY", "BenefitsConsidered": True}
REMEDY = (
    "Turn on rightsizing recommendations in the payer's Cost Management preferences, or set "
    "aws_advice: false."
)
LOOK_BACK = {"SEVEN_DAYS": 7.0, "THIRTY_DAYS": 30.0, "SIXTY_DAYS": 60.0}
REFUSED = "opt-in"
Told = Mapping[str, Any]


def read_cost_explorer_advice(place: Place) -> pd.DataFrame:
    """Read what it says; columns of `AWS_ADVICE`.

    Args:
        place: of the payer.
    """
    request = ReadRequest(
        table=COST_EXPLORER,
        asked="EC2 instances of all accounts",
        schema=AWS_ADVICE,
        account=place.label,
        arguments={"operation": OPERATION, **CONFIGURATION},
    )

    def fetch() -> Any:
        return fetch_advice(lambda: _rows(place), refused=REFUSED, remedy=REMEDY)

    return place.reads.read(request, fetch).frame


def _rows(place: Place) -> Iterator[dict[str, Any]]:
    pages = place.pages("ce", OPERATION, Service="AmazonEC2", Configuration=CONFIGURATION)
    for page in pages:
        days = LOOK_BACK.get(page.get("Metadata", {}).get("LookbackPeriodInDays", ""))
        for told in page.get("RightsizingRecommendations", []):
            yield _row(told, days)


def _row(told: Told, days: float | None) -> dict[str, Any]:
    present = told["CurrentInstance"]
    targets = told.get("ModifyRecommendationDetail", {}).get("TargetInstances", [])
    first = next((one for one in targets if one.get("DefaultTargetInstance")), None)
    first = first or (targets[0] if targets else told.get("TerminateRecommendationDetail", {}))
    used = present.get("ResourceUtilization", {}).get("EC2ResourceUtilization", {})
    return advice_row(
        COST_EXPLORER,
        present["ResourceId"],
        Finding=told.get("RightsizingType", ""),
        Proposed=_size(first),
        MonthlySaving=first.get("EstimatedMonthlySavings"),
        Currency=first.get("CurrencyCode", ""),
        LookBackDays=days,
        SeesMemory="yes" if used.get("MaxMemoryUtilizationPercentage") else "no",
        CoveredShare=_covered(present),
    )


def _size(target: Told) -> str:
    details: Told = target.get("ResourceDetails", {}).get("EC2ResourceDetails", {})
    return str(details.get("InstanceType", ""))


def _covered(present: Told) -> float | None:
    hours = float(present.get("TotalRunningHoursInLookbackPeriod") or 0)
    covered = sum(
        float(present.get(f"{what}CoveredHoursInLookbackPeriod") or 0)
        for what in ("Reservation", "SavingsPlans")
    )
    return covered / hours if hours else None
