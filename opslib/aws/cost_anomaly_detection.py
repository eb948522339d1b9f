"""What AWS Cost Anomaly Detection found: GetAnomalies, and whether anything is watched.

Source: AWS Billing and Cost Management API Reference, GetAnomalies (anomalies are kept 90 days;
those whose end lies in the interval are returned; amounts are in US dollars) and
GetAnomalyMonitors. Each request costs 0.01 USD: the monitors are only asked for where no anomaly
came back, to tell an account that watches nothing from one in which nothing was found.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.tables.cost_anomalies import AWS_ANOMALIES, NOT_SET_UP

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_aws_anomalies"]

KEPT_DAYS = 90
CURRENCY = "USD"


def read_aws_anomalies(
    reads: Reads, account: Account | None, days: tuple[date, ...]
) -> pd.DataFrame:
    """Read the anomalies that AWS found in ``days``; columns of `AWS_ANOMALIES`.

    Args:
        reads: the run's context.
        account: the account asked; a payer sees its linked accounts.
        days: consecutive UTC days; AWS keeps the last 90.
    """
    end = reads.parameters.as_of.date()
    start = max(days[0], end - timedelta(days=KEPT_DAYS))
    request = ReadRequest(
        table="AWS anomalies",
        asked=f"{start} to {end}",
        schema=AWS_ANOMALIES,
        account=account.label if account else "",
        arguments={"start": start, "end": end},
    )

    def fetch() -> Fetched:
        client = reads.connection.client("ce", account=account)
        rows = [row for found in _anomalies(client, start, end) for row in _rows(found)]
        detail = "" if rows or _is_set_up(client) else NOT_SET_UP
        return Fetched(frame=pd.DataFrame(rows, columns=list(AWS_ANOMALIES.columns)), detail=detail)

    return reads.read(request, fetch).frame


def _anomalies(client: Any, start: date, end: date) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {"DateInterval": {"StartDate": str(start), "EndDate": str(end)}}
    while True:
        with aws_faults("ce:GetAnomalies"):
            page = client.get_anomalies(**asked)
        yield from page["Anomalies"]
        if not page.get("NextPageToken"):
            return
        asked["NextPageToken"] = page["NextPageToken"]


def _is_set_up(client: Any) -> bool:
    with aws_faults("ce:GetAnomalyMonitors"):
        return bool(client.get_anomaly_monitors(MaxResults=1)["AnomalyMonitors"])


def _rows(anomaly: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield a row a root cause; one without names where AWS tells none."""
    first, last = anomaly.get("AnomalyStartDate"), anomaly.get("AnomalyEndDate")
    if not first:
        return
    impact = anomaly["Impact"]
    causes = anomaly.get("RootCauses") or [{"Service": anomaly.get("DimensionValue", "")}]
    for cause in causes:
        share = cause.get("Impact", {}).get("Contribution")
        yield (
            anomaly["AnomalyId"],
            date.fromisoformat(first[:10]),
            date.fromisoformat(last[:10]) if last else None,
            cause.get("Service", ""),
            cause.get("LinkedAccount", ""),
            cause.get("Region", ""),
            cause.get("UsageType", ""),
            _amount(impact.get("TotalImpact", impact["MaxImpact"]) if share is None else share),
            _amount(impact["TotalExpectedSpend"]) if "TotalExpectedSpend" in impact else None,
            CURRENCY,
        )


def _amount(value: float) -> Decimal:
    return Decimal(repr(value))
