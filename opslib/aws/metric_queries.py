"""GetMetricData: the queries of metrics, and what each page tells of them.

Source: Amazon CloudWatch API Reference, GetMetricData: at most 500 queries a request, and 100,800
datapoints a page, whose rest the next page holds; a series may go on over several pages. AWS
charges for each metric that is asked for (CloudWatch pricing).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opslib.aws.event_reads import in_batches
from opslib.aws.places import Place

__all__ = [
    "AskedMetric",
    "AskedSpan",
    "MetricPart",
    "batches_of",
    "points_frame",
    "refusals_of",
    "results_of",
]

MOST_QUERIES, MOST_DATAPOINTS = 500, 100_800
USD_A_METRIC = Decimal("0.00001")
"""CloudWatch pricing, GetMetricData in us-east-1: 0.01 USD for 1,000 metrics requested."""
REFUSED = {"InternalError": "CloudWatch failed", "Forbidden": "not allowed"}


class AskedMetric(Protocol):
    """A metric by CloudWatch's names, and what its series is called here."""

    @property
    def name(self) -> str:
        """Return what its series is called."""

    @property
    def namespace(self) -> str:
        """Return such as AWS/ECS."""

    @property
    def metric(self) -> str:
        """Return such as CPUUtilization."""

    @property
    def dimensions(self) -> Mapping[str, str]:
        """Return all of its dimensions."""

    @property
    def statistic(self) -> str:
        """Return such as Average or p95."""


class AskedSpan(Protocol):
    """Periods that are asked for."""

    @property
    def start(self) -> datetime:
        """Return the beginning of the first."""

    @property
    def end(self) -> datetime:
        """Return the end of the last."""

    @property
    def period_seconds(self) -> int:
        """Return the length of each."""


Asked = TypeVar("Asked", bound=AskedMetric)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetricPart:
    """What one page tells of a series.

    Args:
        name: of the series.
        status: CloudWatch's status code.
        seconds: beginning of each period, seconds since 1970.
        numbers: the value of each.
    """

    name: str
    status: str
    seconds: NDArray[np.int64]
    numbers: NDArray[np.float64]


def batches_of(metrics: Sequence[Asked], span: AskedSpan) -> list[list[Asked]]:
    """Return the metrics as many at once as a request takes and one page of its answer holds.

    Of a second page AWS charges every metric again.
    """
    periods = -((span.start - span.end) // timedelta(seconds=span.period_seconds))
    size = max(1, min(MOST_QUERIES, MOST_DATAPOINTS // periods))
    return list(in_batches(metrics, size))


def results_of(place: Place, batch: Sequence[AskedMetric], span: AskedSpan) -> Iterator[MetricPart]:
    """Yield each part of a series; the ledger is charged.

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
        place.charge("cloudwatch", "GetMetricData", USD_A_METRIC * len(batch))
        for result in page.get("MetricDataResults", []):
            yield MetricPart(
                name=batch[int(result["Id"].removeprefix("m"))].name,
                status=result.get("StatusCode", ""),
                seconds=_seconds(result.get("Timestamps", [])),
                numbers=np.asarray(result.get("Values", []), np.float64),
            )


def points_frame(parts: Sequence[MetricPart]) -> pd.DataFrame:
    """Return Series, At and Value of all parts: by series, in order of time, each moment once."""
    names = sorted({part.name for part in parts if len(part.seconds)})
    code_of = {name: code for code, name in enumerate(names)}
    filled = sorted((one for one in parts if len(one.seconds)), key=lambda one: one.name)
    codes = np.repeat([code_of[one.name] for one in filled], [len(one.seconds) for one in filled])
    seconds = np.concatenate([np.empty(0, np.int64), *(one.seconds for one in filled)])
    values = np.concatenate([np.empty(0), *(one.numbers for one in filled)])
    codes = codes.astype(np.int64)
    if ((np.diff(codes) == 0) & (np.diff(seconds) <= 0)).any():
        order = np.lexsort((seconds, codes))
        codes, seconds, values = codes[order], seconds[order], values[order]
    last = np.append((np.diff(codes) != 0) | (np.diff(seconds) != 0), True)[: len(codes)]
    return pd.DataFrame(
        {
            "Series": pd.Categorical.from_codes(codes[last], categories=pd.Index(names, dtype=str)),
            "At": pd.to_datetime(seconds[last], unit="s", utc=True).as_unit("us"),
            "Value": values[last],
        }
    )


def refusals_of(parts: Sequence[MetricPart]) -> dict[str, str]:
    """Return the series that CloudWatch refused among others, with why."""
    return {part.name: REFUSED[part.status] for part in parts if part.status in REFUSED}


def _seconds(moments: Any) -> NDArray[np.int64]:
    if not isinstance(moments, np.ndarray):
        moments = np.array([moment.timestamp() for moment in moments], np.float64)
    seconds: NDArray[np.int64] = moments.astype(np.int64)
    return seconds


def _query(number: int, metric: AskedMetric, span: AskedSpan) -> dict[str, Any]:
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
