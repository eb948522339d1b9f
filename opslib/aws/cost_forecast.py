"""AWS's own forecast of the month, shown beside ours.

Source: AWS Billing and Cost Management API Reference, GetCostForecast. AWS forecasts from today
on only, so a report about an earlier day goes without.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.tables.budgets import FORECAST

if TYPE_CHECKING:
    from opslib.parameters.cost import CostParameters

__all__ = ["read_cost_forecast"]

METRICS = {"effective": "AMORTIZED_COST", "billed": "UNBLENDED_COST"}


def read_cost_forecast(
    reads: Reads, parameters: CostParameters, start: date, end: date
) -> pd.DataFrame:
    """Read AWS's forecast from ``start`` to ``end``, exclusive; at most one row.

    Args:
        reads: the run's context.
        parameters: basis and confidence; AWS takes 51 to 99 per cent.
        start: first day forecast, not before today.
        end: day after the last one.
    """
    account = parameters.accounts[0] if parameters.accounts else None
    metric = METRICS[parameters.cost_basis.value]
    confidence = max(51, round(parameters.confidence * 100))
    request = ReadRequest(
        table="AWS forecast",
        asked=f"{start} to {end}, exclusive, with {confidence}% interval",
        schema=FORECAST,
        account=account.label if account else "",
        arguments={"start": start, "end": end, "confidence": confidence, "metric": metric},
    )

    def fetch() -> Fetched:
        client = reads.connection.client("ce", account=account)
        with aws_faults("ce:GetCostForecast"):
            answer = client.get_cost_forecast(
                TimePeriod={"Start": str(start), "End": str(end)},
                Granularity="MONTHLY",
                Metric=metric,
                PredictionIntervalLevel=confidence,
            )
        months = answer["ForecastResultsByTime"]
        row = (
            start,
            end,
            Decimal(answer["Total"]["Amount"]),
            Decimal(months[0]["PredictionIntervalLowerBound"]),
            Decimal(months[0]["PredictionIntervalUpperBound"]),
            confidence / 100,
            answer["Total"]["Unit"],
        )
        return Fetched(frame=pd.DataFrame([row], columns=list(FORECAST.columns)))

    return reads.read(request, fetch).frame
