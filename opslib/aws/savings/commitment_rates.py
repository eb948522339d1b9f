"""What Savings Plans and reservations charge for the usage that an hourly export tells.

What AWS does not tell is not guessed: such usage has no rate, and is not eligible. All these reads
are free.

Sources: Savings Plans API Reference, DescribeSavingsPlansOfferingRates; API References of Amazon
RDS, ElastiCache, Redshift and OpenSearch Service on offerings of reservations. A partial upfront
payment of a Savings Plan is half of it (Savings Plans user guide, "Savings Plans payment options").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.aws.places import Place, join_parts
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.aws.savings.reservation_rates import RESERVED, reservation_rates
from opslib.aws.savings.token_pages import token_items
from opslib.parameters.savings import SavingsParameters
from opslib.tables.savings_hours import COMMITMENT_RATES

__all__ = ["PLAN_RATES", "RESERVATION_RATES", "read_commitment_rates"]

PLAN_RATES, RESERVATION_RATES = "savings plan rates", "reservation rates"
YEAR_SECONDS = 31_536_000
MOST_RESULTS = 1000
HOME = "us-east-1"
PLAN_TYPES = {"Compute": "compute-savings-plan", "EC2Instance": "ec2-instance-savings-plan"}
PAYMENTS = {
    "no_upfront": ("No Upfront", Decimal(0)),
    "partial_upfront": ("Partial Upfront", Decimal("0.5")),
    "all_upfront": ("All Upfront", Decimal(1)),
}


def read_commitment_rates(
    reads: Reads, parameters: SavingsParameters, usage: pd.DataFrame
) -> pd.DataFrame:
    """Read the rates of what is used on demand; columns of `COMMITMENT_RATES`.

    Args:
        reads: the run's context.
        parameters: the notebook's: terms and payment.
        usage: columns of `opslib.tables.savings_hours.HOURLY_USAGE`.
    """
    account = parameters.accounts[0] if parameters.accounts else None
    left = usage[~usage["IsCovered"].astype(bool)]
    reserved = left["ServiceName"].isin(list(RESERVED))
    meters = sorted(set(left[~reserved]["SkuMeter"]))
    parts = [_plan_rates(Place(reads, account, HOME), parameters, meters)] if meters else []
    places = left[reserved][["ServiceName", "RegionId"]].drop_duplicates()
    for service, region in sorted(places.itertuples(index=False)):
        used = left[(left["ServiceName"] == service) & (left["RegionId"] == region)]
        place = Place(reads, account, region)
        parts.append(_reservations(place, parameters, service, sorted(set(used["SkuMeter"]))))
    return join_parts(parts, COMMITMENT_RATES)


def _plan_rates(place: Place, parameters: SavingsParameters, meters: list[str]) -> pd.DataFrame:
    payment, upfront = PAYMENTS[parameters.payment]
    asked: dict[str, Any] = {
        "savingsPlanPaymentOptions": [payment],
        "savingsPlanTypes": list(PLAN_TYPES),
        "usageTypes": meters,
        "maxResults": MOST_RESULTS,
    }

    def fetch() -> Fetched:
        operation, listed = "DescribeSavingsPlansOfferingRates", ("searchResults",)
        offered = token_items(place, "savingsplans", operation, listed, "nextToken", **asked)
        return _fetched([row for told in offered for row in _plan_row(told, parameters, upfront)])

    request = _request(PLAN_RATES, "Savings Plans", place, parameters, meters)
    return place.reads.read(request, fetch).frame


def _plan_row(
    told: Any, parameters: SavingsParameters, upfront: Decimal
) -> Iterator[tuple[Any, ...]]:
    offering = told["savingsPlanOffering"]
    years = offering["durationSeconds"] // YEAR_SECONDS
    if years not in parameters.terms:
        return
    named = {one["name"]: one.get("value", "") for one in told.get("properties", [])}
    scope = ""
    if offering["planType"] == "EC2Instance":
        scope = f"{named.get('instanceFamily', '')} {named.get('region', '')}"
    what = (told["usageType"], told.get("operation", ""), years, parameters.payment)
    yield PLAN_TYPES[offering["planType"]], scope, *what, Decimal(told["rate"]), upfront


def _reservations(
    place: Place, parameters: SavingsParameters, service: str, meters: list[str]
) -> pd.DataFrame:
    payment, _ = PAYMENTS[parameters.payment]

    def fetch() -> Fetched:
        rows = reservation_rates(place, service, meters, payment, parameters.terms)
        return _fetched([(*row[:5], parameters.payment, *row[5:]) for row in rows])

    request = _request(RESERVATION_RATES, service, place, parameters, meters)
    return place.reads.read(request, fetch).frame


def _fetched(rows: list[tuple[Any, ...]]) -> Fetched:
    frame = pd.DataFrame(rows, columns=list(COMMITMENT_RATES.columns))
    return Fetched(frame=frame.drop_duplicates(ignore_index=True))


def _request(
    table: str, what: str, place: Place, parameters: SavingsParameters, meters: list[str]
) -> ReadRequest:
    return ReadRequest(
        table=table,
        asked=f"{what}, {re.sub('_', ' ', parameters.payment)}",
        schema=COMMITMENT_RATES,
        account=place.label,
        region=place.region,
        arguments={
            "what": what,
            "meters": meters,
            "terms": list(parameters.terms),
            "payment": parameters.payment,
        },
    )
