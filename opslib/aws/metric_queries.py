"""GetMetricData: the queries of metrics, and what each page tells of them.

Source: Amazon CloudWatch API Reference, GetMetricData: at most 500 queries a request, and 100,800
datapoints a page, whose rest the next page holds; a series may go on over several pages. AWS
charges for each metric that is asked for (CloudWatch pricing).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from opslib.aws.event_reads import in_batches
from opslib.aws.metric_periods import MetricSpan
from opslib.aws.places import Place, utc
from opslib.parameters.incident_metrics import IncidentMetric

__all__ = ["batches_of", "results_of"]

MOST_QUERIES, MOST_DATAPOINTS = 500, 100_800
USD_A_METRIC = {"us-east-1": Decimal("0.00001")}
"""CloudWatch pricing, GetMetricData: 0.01 USD for 1,000 metrics requested."""


def batches_of(metrics: Sequence[IncidentMetric], span: MetricSpan) -> list[list[IncidentMetric]]:
    """Return the metrics as many at once as a request takes and one page of its answer holds.

    Of a second page AWS charges every metric again.
    """
    periods = -((span.start - span.end) // timedelta(seconds=span.period_seconds))
    size = max(1, min(MOST_QUERIES, MOST_DATAPOINTS // periods))
    return list(in_batches(metrics, size))


def results_of(
    place: Place, batch: list[IncidentMetric], span: MetricSpan
) -> Iterator[tuple[str, str, list[Any], list[float]]]:
    """Yield name, status code, moments and values of each part of a series; the ledger is charged.

    Args:
        place: account and region.
        batch: at most 500 metrics.
        span: what is asked for.

    Raises:
        ReadError: what AWS refuses.
    """
    queries = [_query(number, metric, span) for number, metric in enumerate(batch)]
    pages = place.pages(
        "cloudwatch",
        "GetMetricData",
        MetricDataQueries=queries,
        StartTime=span.start,
        EndTime=span.end,
        ScanBy="TimestampAscending",
    )
    for page in pages:
        _charge(place, len(batch))
        for result in page.get("MetricDataResults", []):
            name = batch[int(result["Id"].removeprefix("m"))].name
            moments = [utc(moment) for moment in result.get("Timestamps", [])]
            yield name, result.get("StatusCode", ""), moments, result.get("Values", [])


def _query(number: int, metric: IncidentMetric, span: MetricSpan) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    return {
        "Id": f"m{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.metric,
                "Dimensions": dimensions,
            },
            "Period": span.period_seconds,
            "Stat": metric.statistic,
        },
        "ReturnData": True,
    }


def _charge(place: Place, metrics: int) -> None:
    price = USD_A_METRIC.get(place.region)
    if price is not None:
        account = place.account.id if place.account else ""
        place.reads.ledger.charge(
            "cloudwatch", "GetMetricData", account=account, region=place.region, usd=price * metrics
        )
