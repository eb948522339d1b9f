"""Metrics that CloudWatch has no datapoint of: whether it knows them, and what it knows instead.

Source: Amazon CloudWatch API Reference, ListMetrics: metrics that had a datapoint in the last two
weeks, 500 a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any

import pandas as pd

from opslib.aws.places import Place
from opslib.aws.reads import Fetched, ReadRequest
from opslib.coverage import CoverageStatus
from opslib.parameters.incident_metrics import IncidentMetric
from opslib.tables.metrics import METRIC_NAMES
from opslib.wording import printable

__all__ = ["note_missing"]

MOST_LISTED = 20_000
MOST_NAMED = 3


def note_missing(place: Place, metrics: Sequence[IncidentMetric]) -> pd.DataFrame:
    """Note each metric without a datapoint: unknown, with the nearest names, or silent.

    Args:
        place: account and region.
        metrics: those that GetMetricData told no datapoint of.

    Returns:
        Columns of `METRIC_NAMES`; coverage has a line for each.
    """
    parts = [_ask(place, metric) for metric in metrics]
    return pd.concat(parts, ignore_index=True)


def _ask(place: Place, metric: IncidentMetric) -> pd.DataFrame:
    request = ReadRequest(
        table="incident metrics",
        asked=f"metric {printable(metric.name)}",
        schema=METRIC_NAMES,
        account=place.label,
        region=place.region,
        arguments={"names of": metric.model_dump(mode="json")},
    )
    return place.reads.read(request, lambda: _fetch(place, metric)).frame


def _fetch(place: Place, metric: IncidentMetric) -> Fetched:
    namesakes = _listed(place, Namespace=metric.namespace, MetricName=metric.metric)
    wanted = _dimensions_text(metric.dimensions)
    texts = sorted({_dimensions_text(_dimensions(one)) for one in namesakes})
    if wanted in texts:
        what = f"{_called(metric)} is known but has no datapoint in the span"
        return _told(metric, True, "", CoverageStatus.EMPTY, what)
    if texts:
        near = _nearest(wanted, texts)
        what = f"{_called(metric)} has no dimensions {wanted}; nearest: {'; '.join(near)}"
        return _told(metric, False, "; ".join(near), CoverageStatus.NOT_FOUND, what)
    names = sorted({one["MetricName"] for one in _listed(place, Namespace=metric.namespace)})
    near = _nearest(metric.metric, names)
    hint = f"nearest: {', '.join(near)}" if near else "nothing is listed in that namespace"
    what = f"no metric {_called(metric)} had a datapoint in the last two weeks; {hint}"
    return _told(metric, False, ", ".join(near), CoverageStatus.NOT_FOUND, what)


def _listed(place: Place, **asked: Any) -> list[dict[str, Any]]:
    return list(islice(place.items("cloudwatch", "ListMetrics", "Metrics", **asked), MOST_LISTED))


def _called(metric: IncidentMetric) -> str:
    return f"{printable(metric.namespace)} {printable(metric.metric)}"


def _dimensions(listed: dict[str, Any]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in listed.get("Dimensions", [])}


def _dimensions_text(dimensions: dict[str, str]) -> str:
    told = ", ".join(f"{name}={value}" for name, value in sorted(dimensions.items()))
    return printable(told) if told else "(none)"


def _nearest(wanted: str, known: list[str]) -> list[str]:
    near = get_close_matches(wanted, known, n=MOST_NAMED, cutoff=0.5)
    return near or known[:MOST_NAMED]


def _told(
    metric: IncidentMetric,
    listed: bool,  # noqa: FBT001  a column of the row
    nearest: str,
    status: CoverageStatus,
    detail: str,
) -> Fetched:
    frame = pd.DataFrame([(metric.name, listed, nearest)], columns=list(METRIC_NAMES.columns))
    return Fetched(frame=frame, status=status, detail=detail)
