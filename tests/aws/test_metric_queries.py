from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from opslib.aws.metric_periods import MetricSpan
from opslib.aws.metric_queries import batches_of
from opslib.parameters.incident_metrics import IncidentMetric

END = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "period", "sizes"),
    [(7, 60, [10, 10, 1]), (1, 60, [21]), (90, 60, [1] * 21), (63, 300, [5, 5, 5, 5, 1])],
)
def test_no_request_asks_for_more_than_a_page_holds(
    days: int, period: int, sizes: list[int]
) -> None:
    metrics = [
        IncidentMetric.model_validate(
            {"name": f"m{n}", "component": "web", "role": "other", "namespace": "a", "metric": "b"}
        )
        for n in range(21)
    ]
    start = END - timedelta(days=days)
    span = MetricSpan(start=start, window_start=END, end=END, period_seconds=period)
    batches = batches_of(metrics, span)
    assert [len(batch) for batch in batches] == sizes
    assert [metric for batch in batches for metric in batch] == metrics
    points = timedelta(days=days) // timedelta(seconds=period)
    assert all(len(batch) == 1 or len(batch) * points <= 100_800 for batch in batches)
