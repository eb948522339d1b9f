"""Metrics that CloudWatch has no datapoint of: whether it knows them, and what it knows instead.

Source: Amazon CloudWatch API Reference, ListMetrics: metrics that had a datapoint in the last two
weeks, 500 a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any

import pandas as pd

from opslib.aws.metric_queries import AskedMetric
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, ReadRequest
from opslib.coverage import CoverageStatus
from opslib.tables.metrics import METRIC_NAMES
from opslib.wording import printable

__all__ = ["note_missing"]

MOST_LISTED = 20_000
MOST_NAMED = 3


def note_missing(place: Place, table: str, metrics: Sequence[AskedMetric]) -> pd.DataFrame:
    """Note the metrics without a datapoint: unknown, with the nearest names, or silent.

    Args:
        place: account and region.
        table: what coverage calls the read of the metrics.
        metrics: those that GetMetricData told no datapoint of.

    Returns:
        Columns of `METRIC_NAMES`; coverage has a line for each.
    """
    names = _Names(place)
    parts = [_ask(names, table, metric) for metric in metrics]
    return pd.concat(parts, ignore_index=True)


def _ask(names: _Names, table: str, metric: AskedMetric) -> pd.DataFrame:
    asked = (metric.name, metric.namespace, metric.metric, sorted(metric.dimensions.items()))
    request = ReadRequest(
        table=table,
        asked=f"metric {printable(metric.name)}",
        schema=METRIC_NAMES,
        account=names.place.label,
        region=names.place.region,
        arguments={"names of": asked},
    )
    return names.place.reads.read(request, lambda: _fetch(names, metric)).frame


class _Names:
    """What CloudWatch lists, each question asked once."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._found: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def listed(self, namespace: str, metric: str = "") -> list[dict[str, Any]]:
        key = (namespace, metric)
        if key not in self._found:
            asked = {"Namespace": namespace} | ({"MetricName": metric} if metric else {})
            items = self.place.items("cloudwatch", "ListMetrics", "Metrics", **asked)
            self._found[key] = list(islice(items, MOST_LISTED))
        return self._found[key]


def _fetch(names: _Names, metric: AskedMetric) -> Fetched:
    namesakes = names.listed(metric.namespace, metric.metric)
    wanted = _dimensions_text(metric.dimensions)
    texts = sorted({_dimensions_text(_dimensions(one)) for one in namesakes})
    if any(_dimensions(one) == dict(metric.dimensions) for one in namesakes):
        what = f"{_called(metric)} is known but has no datapoint in the span"
        return _told(metric, True, "", CoverageStatus.EMPTY, what)
    if texts:
        near = _nearest(wanted, texts)
        what = f"{_called(metric)} has no dimensions {wanted}; nearest: {'; '.join(near)}"
        return _told(metric, False, "; ".join(near), CoverageStatus.NOT_FOUND, what)
    known = sorted({one["MetricName"] for one in names.listed(metric.namespace)})
    near = _nearest(metric.metric, known)
    hint = f"nearest: {', '.join(near)}" if near else "nothing is listed in that namespace"
    what = f"no metric {_called(metric)} had a datapoint in the last two weeks; {hint}"
    return _told(metric, False, ", ".join(near), CoverageStatus.NOT_FOUND, what)


def _called(metric: AskedMetric) -> str:
    return f"{printable(metric.namespace)} {printable(metric.metric)}"


def _dimensions(listed: dict[str, Any]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in listed.get("Dimensions", [])}


def _dimensions_text(dimensions: Mapping[str, str]) -> str:
    told = ", ".join(f"{name}={value}" for name, value in sorted(dimensions.items()))
    return printable(told) if told else "(none)"


def _nearest(wanted: str, known: list[str]) -> list[str]:
    near = get_close_matches(wanted, known, n=MOST_NAMED, cutoff=0.5)
    return near or known[:MOST_NAMED]


def _told(
    metric: AskedMetric,
    listed: bool,  # noqa: FBT001  a column of the row
    nearest: str,
    status: CoverageStatus,
    detail: str,
) -> Fetched:
    frame = pd.DataFrame([(metric.name, listed, nearest)], columns=list(METRIC_NAMES.columns))
    return Fetched(frame=frame, status=status, detail=detail)
