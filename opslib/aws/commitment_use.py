"""How Savings Plans and reservations are used, day by day.

Source: AWS Billing and Cost Management API Reference, GetSavingsPlansUtilization and
GetReservationUtilization. Both refuse with DataUnavailableException where nothing is owned. The
end of the period is exclusive and lies before today. Each request costs 0.01 USD.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
from botocore.exceptions import ClientError

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.tables.cost_anomalies import COMMITMENT_USE, NONE_OWNED

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_commitment_use"]

KEPT_DAYS = 365
CURRENCY = "USD"
Row = tuple[Any, ...]


def read_commitment_use(
    reads: Reads, account: Account | None, days: tuple[date, ...]
) -> pd.DataFrame:
    """Read the use of commitments on ``days``; columns of `COMMITMENT_USE`.

    Args:
        reads: the run's context.
        account: the account asked; a payer sees its linked accounts.
        days: consecutive UTC days, all over; AWS keeps 13 months.
    """
    plans = _read(reads, account, days, "GetSavingsPlansUtilization", _plan_rows)
    reservations = _read(reads, account, days, "GetReservationUtilization", _reservation_rows)
    filled = [frame for frame in (plans, reservations) if not frame.empty]
    if not filled:
        return pd.DataFrame(columns=list(COMMITMENT_USE.columns))
    return pd.concat(filled, ignore_index=True)


def _read(
    reads: Reads,
    account: Account | None,
    days: tuple[date, ...],
    operation: str,
    rows: Callable[[Any, dict[str, Any]], Iterator[Row]],
) -> pd.DataFrame:
    kept = reads.parameters.as_of.date() - timedelta(days=KEPT_DAYS)
    start, end = max(days[0], kept), days[-1] + timedelta(days=1)
    request = ReadRequest(
        table="commitment use",
        asked=f"{operation}, {start} to {days[-1]}",
        schema=COMMITMENT_USE,
        account=account.label if account else "",
        arguments={"operation": operation, "start": start, "end": end},
    )

    def fetch() -> Fetched:
        client = reads.connection.client("ce", account=account)
        period = {"TimePeriod": {"Start": str(start), "End": str(end)}, "Granularity": "DAILY"}
        found: list[Row] = []
        with aws_faults(f"ce:{operation}"):
            try:
                found = list(rows(client, period))
            except ClientError as error:
                if error.response["Error"]["Code"] != "DataUnavailableException":
                    raise
        frame = pd.DataFrame(found, columns=list(COMMITMENT_USE.columns))
        return Fetched(frame=frame, detail="" if found else NONE_OWNED)

    return reads.read(request, fetch).frame


def _plan_rows(client: Any, asked: dict[str, Any]) -> Iterator[Row]:
    answer = client.get_savings_plans_utilization(**asked)
    for told in answer.get("SavingsPlansUtilizationsByTime", []):
        use = told["Utilization"]
        if Decimal(use.get("TotalCommitment", "0")):
            yield _row(told["TimePeriod"], "savings_plans", use, use["UnusedCommitment"])


def _reservation_rows(client: Any, asked: dict[str, Any]) -> Iterator[Row]:
    page: dict[str, Any] = {"NextPageToken": ""}
    while "NextPageToken" in page:
        token = {"NextPageToken": page["NextPageToken"]} if page["NextPageToken"] else {}
        page = {k: v for k, v in client.get_reservation_utilization(**asked, **token).items() if v}
        for told in page.get("UtilizationsByTime", []):
            use = told["Total"]
            if Decimal(use.get("PurchasedHours", "0")):
                unused = use.get("RICostForUnusedHours", "0")
                yield _row(told["TimePeriod"], "reservations", use, unused)


def _row(period: dict[str, str], commitment: str, use: dict[str, str], unused: str) -> Row:
    day = date.fromisoformat(period["Start"][:10])
    share = float(use["UtilizationPercentage"]) / 100
    return day, commitment, share, Decimal(unused), CURRENCY
