"""How commitments were used over settled days, and how much of the spend they cover.

One request tells every Savings Plan of the payer's family with its use and savings. Cost Explorer
tells reservations of one service a request, and takes EC2 where none is named: it is asked for the
services alone of which a reservation is held.

Source: AWS Billing and Cost Management API Reference, GetSavingsPlansUtilizationDetails,
GetSavingsPlansCoverage, GetReservationUtilization (grouped by SUBSCRIPTION_ID) and
GetReservationCoverage. Each page costs 0.01 USD.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa

from opslib.aws.places import Place, join_parts
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.aws.savings.token_pages import NO_DATA, token_items
from opslib.tables.cost_anomalies import NONE_OWNED
from opslib.tables.held_commitments import (
    COMMITMENT_TOTALS,
    COVERED_SPEND,
    COVERED_TABLE,
    TOTALS_TABLE,
)

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_commitment_totals", "read_covered_spend"]

CURRENCY = "USD"
PLAN, RESERVATION = "savings_plan", "reservation"
Row = tuple[Any, ...]


def read_commitment_totals(
    reads: Reads, account: Account | None, days: tuple[date, ...], services: Iterable[str]
) -> pd.DataFrame:
    """Read the use of each commitment on ``days``; columns of `COMMITMENT_TOTALS`.

    Args:
        reads: the run's context.
        account: the account asked; a payer sees its linked accounts.
        days: consecutive UTC days, all over and settled.
        services: Cost Explorer's names of services of which reservations are held.
    """
    asking = _Asking(reads, account, days, TOTALS_TABLE, COMMITMENT_TOTALS)
    parts = [asking.read("GetSavingsPlansUtilizationDetails", _plan_rows)]
    parts += [
        asking.read("GetReservationUtilization", _reservation_rows, service=service)
        for service in services
    ]
    return join_parts(parts, COMMITMENT_TOTALS)


def read_covered_spend(
    reads: Reads, account: Account | None, days: tuple[date, ...], services: Iterable[str]
) -> pd.DataFrame:
    """Read what share is covered on ``days``; columns of `COVERED_SPEND`; as the totals are."""
    asking = _Asking(reads, account, days, COVERED_TABLE, COVERED_SPEND)
    parts = [asking.read("GetSavingsPlansCoverage", _covered_rows)]
    parts += [
        asking.read("GetReservationCoverage", _covered_hours, service=service)
        for service in services
    ]
    return join_parts(parts, COVERED_SPEND)


class _Asking:
    """Requests about the same days."""

    def __init__(
        self,
        reads: Reads,
        account: Account | None,
        days: tuple[date, ...],
        table: str,
        schema: pa.DataFrameSchema,
    ) -> None:
        self._place = Place(reads, account, reads.parameters.region)
        self._days, self._table, self._schema = days, table, schema

    def read(
        self,
        operation: str,
        rows: Callable[[Place, dict[str, Any], str], Iterator[Row]],
        *,
        service: str = "",
    ) -> pd.DataFrame:
        first, last = self._days[0], self._days[-1]
        period = {"TimePeriod": {"Start": str(first), "End": str(last + timedelta(days=1))}}
        of_service = f" of {service}" if service else ""
        request = ReadRequest(
            table=self._table,
            asked=f"{operation}{of_service}, {first} to {last}",
            schema=self._schema,
            account=self._place.label,
            arguments={"operation": operation, "service": service, **period},
        )

        def fetch() -> Fetched:
            found = list(rows(self._place, period | _only(service), service))
            frame = pd.DataFrame(found, columns=list(self._schema.columns))
            return Fetched(frame=frame, detail="" if found else NONE_OWNED)

        return self._place.reads.read(request, fetch).frame


def _only(service: str) -> dict[str, Any]:
    return {"Filter": {"Dimensions": {"Key": "SERVICE", "Values": [service]}}} if service else {}


def _plan_rows(place: Place, asked: dict[str, Any], _: str) -> Iterator[Row]:
    name = "SavingsPlansUtilizationDetails"
    for told in token_items(place, "ce", f"Get{name}", (name,), "NextToken", **asked):
        use, savings = told["Utilization"], told.get("Savings", {})
        paid = told.get("AmortizedCommitment", {}).get("TotalAmortizedCommitment")
        if not Decimal(use.get("TotalCommitment", "0")):
            continue
        yield (
            PLAN,
            told["SavingsPlanArn"],
            told.get("Attributes", {}).get("AccountId", ""),
            _share(use.get("UtilizationPercentage", "0")),
            Decimal(paid or use["TotalCommitment"]),
            Decimal(use.get("UnusedCommitment", "0")),
            Decimal(savings.get("OnDemandCostEquivalent", "0")),
            CURRENCY,
        )


def _reservation_rows(place: Place, asked: dict[str, Any], _: str) -> Iterator[Row]:
    grouped = {"GroupBy": [{"Type": "DIMENSION", "Key": "SUBSCRIPTION_ID"}], **asked}
    operation, listed = "GetReservationUtilization", ("UtilizationsByTime",)
    for part in token_items(place, "ce", operation, listed, "NextPageToken", **grouped):
        for told in part.get("Groups", []):
            use, known = told["Utilization"], told.get("Attributes", {})
            if not Decimal(use.get("PurchasedHours", "0")):
                continue
            yield (
                RESERVATION,
                known.get("leaseId") or told["Value"],
                known.get("accountId", ""),
                _share(use["UtilizationPercentage"]),
                Decimal(use.get("TotalAmortizedFee", "0")),
                Decimal(use.get("RICostForUnusedHours", "0")),
                Decimal(use.get("OnDemandCostOfRIHoursUsed", "0")),
                CURRENCY,
            )


def _covered_rows(place: Place, asked: dict[str, Any], _: str) -> Iterator[Row]:
    grouped = {"GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}], **asked}
    listed = ("SavingsPlansCoverages",)
    for told in token_items(place, "ce", "GetSavingsPlansCoverage", listed, "NextToken", **grouped):
        part = told["Coverage"]
        service = told.get("Attributes", {}).get("SERVICE", "")
        share = _share(part.get("CoveragePercentage", "0"))
        yield PLAN, service, share, Decimal(part.get("OnDemandCost", "0")), CURRENCY


def _covered_hours(place: Place, asked: dict[str, Any], service: str) -> Iterator[Row]:
    wanted = {"Metrics": ["Hour", "Cost"], **asked}
    told = place.call("ce", "GetReservationCoverage", absent=NO_DATA, **wanted)
    whole = told.get("Total", {})
    hours = whole.get("CoverageHours", {})
    if Decimal(hours.get("TotalRunningHours", "0")):
        cost = Decimal(whole.get("CoverageCost", {}).get("OnDemandCost", "0"))
        yield RESERVATION, service, _share(hours["CoverageHoursPercentage"]), cost, CURRENCY


def _share(percentage: str) -> float:
    return float(percentage) / 100
