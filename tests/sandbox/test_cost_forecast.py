from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from opslib.sandbox.protocol import AwsError
from tests.sandbox.answers import ask


def forecast(**asked: Any) -> dict[str, Any]:
    usual = {
        "TimePeriod": {"Start": "2026-03-02", "End": "2026-04-01"},
        "Granularity": "MONTHLY",
        "Metric": "AMORTIZED_COST",
    }
    return ask("ce", "GetCostForecast", **(usual | asked))


def test_forecast_days_add_up_to_the_forecast_month() -> None:
    days, month = forecast(Granularity="DAILY"), forecast()
    assert len(days["ForecastResultsByTime"]) == 30
    assert days["Total"] == month["Total"]
    means = [Decimal(day["MeanValue"]) for day in days["ForecastResultsByTime"]]
    assert sum(means) == Decimal(month["Total"]["Amount"])


def test_a_surer_interval_is_a_wider_one() -> None:
    def width(**level: int) -> Decimal:
        (month,) = forecast(**level)["ForecastResultsByTime"]
        return Decimal(month["PredictionIntervalUpperBound"]) - Decimal(
            month["PredictionIntervalLowerBound"]
        )

    narrow, usual, wide = (width(PredictionIntervalLevel=level) for level in (51, 80, 95))
    assert narrow < usual < wide
    assert width() == usual


def test_a_forecast_obeys_its_filter() -> None:
    redshift = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Redshift"]}}
    expected = 30 * 24 * Decimal("3.26")
    assert Decimal(forecast(Filter=redshift)["Total"]["Amount"]) == expected


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"TimePeriod": {"Start": "2026-03-01", "End": "2026-04-01"}}, "ValidationException"),
        ({"TimePeriod": {"Start": "2026-03-02", "End": "2026-05-01"}}, "SandboxNotImplemented"),
        ({"Metric": "USAGE_QUANTITY"}, "SandboxNotImplemented"),
        ({"scenario": "empty"}, "DataUnavailableException"),
    ],
)
def test_a_forecast_that_it_cannot_make_is_refused(asked: dict[str, Any], code: str) -> None:
    with pytest.raises(AwsError) as refused:
        forecast(**asked)
    assert refused.value.code == code
