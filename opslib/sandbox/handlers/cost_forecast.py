"""Cost Explorer's forecast, from what the scenario knows of the rest of the month.

Source: AWS Billing and Cost Management API Reference, GetCostForecast.
"""

from __future__ import annotations

from decimal import Decimal
from statistics import NormalDist
from typing import Any

from opslib.sandbox.handlers.bill_view import match_filter, read_period, view_bill
from opslib.sandbox.handlers.cost_explorer import split_period
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError

__all__ = ["get_cost_forecast"]

METRICS = {
    "UNBLENDED_COST": "billed",
    "BLENDED_COST": "billed",
    "NET_UNBLENDED_COST": "billed",
    "AMORTIZED_COST": "effective",
    "NET_AMORTIZED_COST": "effective",
}
INTERVAL = Decimal("0.06")
"""Half of the interval at the level that AWS takes unless told, relative."""
USUAL_LEVEL = 80


@op("ce", "GetCostForecast")
def get_cost_forecast(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetCostForecast by day or month, to the end of the epoch's month."""
    first, end = read_period(asked)
    if first < caller.scenario.epoch.date():
        raise AwsError("ValidationException", "the start date must be today or later")
    if caller.scenario.bill.empty:
        raise AwsError("DataUnavailableException", "not enough data to forecast")
    if asked["Metric"] not in METRICS:
        raise AwsError("SandboxNotImplemented", f"metric {asked['Metric']} is not simulated")
    rows = view_bill(caller.scenario.forecast, caller)
    if (end - rows["day"].max()).days > 1:
        raise AwsError("SandboxNotImplemented", "no forecast beyond the month is simulated")
    rows = rows[match_filter(rows, asked.get("Filter"))]
    costs = list(zip(rows["day"], rows[METRICS[asked["Metric"]]], strict=True))
    reach = _reach(asked.get("PredictionIntervalLevel") or USUAL_LEVEL)
    means = {
        period: sum((cost for day, cost in costs if period[0] <= day < period[1]), Decimal(0))
        for period in split_period(first, end, asked["Granularity"])
    }
    return {
        "Total": {"Amount": str(sum(means.values())), "Unit": "USD"},
        "ForecastResultsByTime": [
            {
                "TimePeriod": {"Start": str(start), "End": str(stop)},
                "MeanValue": str(mean),
                "PredictionIntervalLowerBound": str(mean * (1 - reach)),
                "PredictionIntervalUpperBound": str(mean * (1 + reach)),
            }
            for (start, stop), mean in means.items()
        ],
    }


def _reach(level: int) -> Decimal:
    """Return half of the interval at a level in per cent, relative."""
    if level == USUAL_LEVEL:
        return INTERVAL
    wide, usual = (NormalDist().inv_cdf((1 + part / 100) / 2) for part in (level, USUAL_LEVEL))
    return INTERVAL * Decimal(repr(round(wide / usual, 4)))
