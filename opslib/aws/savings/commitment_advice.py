"""What AWS recommends to commit to.

Cost Explorer computes it over the longest time that it looks back, for the whole family of the
payer. Reservations are asked for where the bill has spend on their service; those of EC2 are not:
Savings Plans act on the same usage.

Source: AWS Billing and Cost Management API Reference, GetSavingsPlansPurchaseRecommendation and
GetReservationPurchaseRecommendation. Each page costs 0.01 USD.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.places import Place, join_parts
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.aws.savings.held_commitments import RESERVED
from opslib.aws.savings.reservation_rates import RESERVED as RATED
from opslib.aws.savings.token_pages import token_items
from opslib.money import EXACT, ZERO
from opslib.tables.held_commitments import ADVICE_TABLE, COMMITMENT_ADVICE

if TYPE_CHECKING:
    from opslib.parameters.base import Account
    from opslib.parameters.savings import SavingsParameters

__all__ = ["PLAN_TYPES", "read_commitment_advice"]

LOOKBACK = "SIXTY_DAYS"
TERMS = {1: "ONE_YEAR", 3: "THREE_YEARS"}
PLAN_TYPES = {"COMPUTE_SP": "compute-savings-plan", "EC2_INSTANCE_SP": "ec2-instance-savings-plan"}
EC2 = "Amazon Elastic Compute Cloud - Compute"
USD = "USD"
Row = dict[str, Any]


def read_commitment_advice(
    reads: Reads, account: Account | None, parameters: SavingsParameters, charged: Iterable[str]
) -> pd.DataFrame:
    """Read what AWS recommends to buy; columns of `COMMITMENT_ADVICE`.

    Args:
        reads: the run's context.
        account: the payer.
        parameters: tell terms and payment.
        charged: services with spend on the bill, by name.
    """
    place = Place(reads, account, reads.parameters.region)
    wanted = set(charged)
    services = [one.service for one in RESERVED if one.service in wanted and one.service != EC2]
    parts = []
    for years in parameters.terms:
        option = parameters.payment.upper()
        parts += [_plans(place, kind, years, option) for kind in PLAN_TYPES]
        parts += [_reservations(place, service, years, option) for service in services]
    return join_parts(parts, COMMITMENT_ADVICE)


def _plans(place: Place, kind: str, years: int, option: str) -> pd.DataFrame:
    asked = {**_asked(years, option), "SavingsPlansType": kind}
    operation = "GetSavingsPlansPurchaseRecommendation"
    keys = ("SavingsPlansPurchaseRecommendation", "SavingsPlansPurchaseRecommendationDetails")

    def rows() -> Iterator[Row]:
        for told in token_items(place, "ce", operation, keys, "NextPageToken", **asked):
            yield _plan_row(told, PLAN_TYPES[kind], years, option)

    return _read(place, operation, asked, rows)


def _reservations(place: Place, service: str, years: int, option: str) -> pd.DataFrame:
    asked = {**_asked(years, option), "Service": service}
    operation = "GetReservationPurchaseRecommendation"

    def rows() -> Iterator[Row]:
        found = token_items(place, "ce", operation, ("Recommendations",), "NextPageToken", **asked)
        for part in found:
            for told in part.get("RecommendationDetails", []):
                yield _reservation_row(told, RATED[service].plan, years, option)

    return _read(place, operation, asked, rows)


def _asked(years: int, option: str) -> dict[str, str]:
    return {
        "AccountScope": "PAYER",
        "LookbackPeriodInDays": LOOKBACK,
        "PaymentOption": option,
        "TermInYears": TERMS[years],
    }


def _read(
    place: Place, operation: str, asked: dict[str, str], rows: Callable[[], Iterator[Row]]
) -> pd.DataFrame:
    about = asked.get("Service") or asked["SavingsPlansType"]
    request = ReadRequest(
        table=ADVICE_TABLE,
        asked=f"{operation} of {about}, {asked['TermInYears']}, {asked['PaymentOption']}",
        schema=COMMITMENT_ADVICE,
        account=place.label,
        arguments={"operation": operation, **asked},
    )

    def fetch() -> Fetched:
        frame = pd.DataFrame(list(rows()), columns=list(COMMITMENT_ADVICE.columns))
        return Fetched(frame=frame, detail="" if len(frame) else "AWS recommends nothing")

    return place.reads.read(request, fetch).frame


def _plan_row(told: Row, plan: str, years: int, option: str) -> Row:
    details = told.get("SavingsPlansDetails", {})
    cost = Decimal(told.get("EstimatedSPCost", "0"))
    saved = Decimal(told.get("EstimatedSavingsAmount", "0"))
    replaced = EXACT.add(cost, saved)
    return {
        "Plan": plan,
        "What": details.get("InstanceFamily") or "any compute",
        "RegionId": details.get("Region", ""),
        "TermYears": years,
        "Payment": option.lower(),
        "HourlyCommitment": Decimal(told.get("HourlyCommitmentToPurchase", "0")),
        "Units": None,
        "Upfront": Decimal(told.get("UpfrontCost") or "0"),
        "MonthlySaving": Decimal(told.get("EstimatedMonthlySavingsAmount", "0")),
        "CostShare": float(cost / replaced) if replaced > ZERO else None,
        "UsedShare": _share(told.get("EstimatedAverageUtilization")),
        "BreakEvenMonths": None,
        "Currency": told.get("CurrencyCode") or USD,
    }


def _reservation_row(told: Row, plan: str, years: int, option: str) -> Row:
    described: Row = next(iter(told.get("InstanceDetails", {}).values()), {})
    months = told.get("EstimatedBreakEvenInMonths")
    return {
        "Plan": plan,
        "What": _reserved_type(described),
        "RegionId": described.get("Region", ""),
        "TermYears": years,
        "Payment": option.lower(),
        "HourlyCommitment": None,
        "Units": Decimal(told.get("RecommendedNumberOfInstancesToPurchase", "0")),
        "Upfront": Decimal(told.get("UpfrontCost") or "0"),
        "MonthlySaving": Decimal(told.get("EstimatedMonthlySavingsAmount", "0")),
        "CostShare": None,
        "UsedShare": _share(told.get("AverageUtilization")),
        "BreakEvenMonths": float(months) if months else None,
        "Currency": told.get("CurrencyCode") or USD,
    }


def _reserved_type(described: Row) -> str:
    """Return the type, as offers name it: without what a service adds to it."""
    parts = ("InstanceType", "NodeType", "InstanceClass", "InstanceSize")
    told = ".".join(described[name] for name in parts if described.get(name))
    return f"{told} Multi-AZ" if described.get("DeploymentOption") == "Multi-AZ" else told


def _share(percentage: str | None) -> float | None:
    return float(percentage) / 100 if percentage else None
