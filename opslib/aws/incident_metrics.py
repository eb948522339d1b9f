"""CloudWatch metrics of an incident: over its window and a baseline before it.

A datapoint is missing where the service reports none: some metrics are reported only where there is
something to count. What is a gap the series' own past says: the window lacks more datapoints in a
row than the baseline ever did. Failure mode: in a window that is a share s of all that was read, a
sparse series that reports as ever is told as a gap with a chance of about s.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opslib.aws.metric_names import note_missing
from opslib.aws.metric_periods import MetricSpan, choose_span
from opslib.aws.metric_queries import (
    MetricPart,
    batches_of,
    points_frame,
    refusals_of,
    results_of,
)
from opslib.aws.places import Place, join_parts
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import Coverage, CoverageStatus
from opslib.errors import ParameterError
from opslib.parameters.incident_metrics import IncidentMetric
from opslib.tables.metrics import METRIC_SERIES, METRIC_VALUES
from opslib.timewindow import TimeWindow
from opslib.wording import count, printable

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["IncidentMetrics", "read_incident_metrics"]

BASELINE_DAYS = 7.0
MOST_THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMetrics:
    """What was asked for and what came back.

    Args:
        series: columns of `METRIC_SERIES`, one row a metric, with or without values.
        datapoints: columns of `METRIC_VALUES`, baseline and window.
    """

    series: pd.DataFrame
    datapoints: pd.DataFrame


def read_incident_metrics(
    reads: Reads,
    metrics: Sequence[IncidentMetric],
    window: TimeWindow,
    *,
    baseline_days: float = BASELINE_DAYS,
) -> IncidentMetrics:
    """Read the metrics over ``window`` and the days before it.

    Args:
        reads: the context of the run; nothing after its ``as_of`` is asked for.
        metrics: by unique names.
        window: what is older than CloudWatch keeps is told as gone.
        baseline_days: before the window.

    Raises:
        ParameterError: two metrics of one name, or an account that is not listed.
    """
    _check_names(metrics)
    placed = _by_place(reads, metrics)
    span = choose_span(window, baseline_days, reads.parameters.as_of)
    series = [_series_row(place, one, span) for place, ones in placed for one in ones]
    frame = pd.DataFrame(series, columns=list(METRIC_SERIES.columns))
    if span is None:
        _note_all_gone(reads, window)
        return IncidentMetrics(
            series=frame, datapoints=pd.DataFrame(columns=list(METRIC_VALUES.columns))
        )
    parts = [_read_place(place, ones, span) for place, ones in placed]
    return IncidentMetrics(series=frame, datapoints=join_parts(parts, METRIC_VALUES))


def _check_names(metrics: Sequence[IncidentMetric]) -> None:
    names = [metric.name for metric in metrics]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ParameterError(
            f"metrics of the same name: {', '.join(repeated)}",
            where="metrics",
            remedy="Give each a name of its own.",
        )


def _by_place(
    reads: Reads, metrics: Sequence[IncidentMetric]
) -> list[tuple[Place, list[IncidentMetric]]]:
    grouped: dict[tuple[str, str], list[IncidentMetric]] = {}
    for metric in metrics:
        account = _account_of(reads, metric)
        region = metric.region or reads.parameters.region
        grouped.setdefault((account.id if account else "", region), []).append(metric)
    return [
        (Place(reads, _account_of(reads, ones[0]), region), ones)
        for (_, region), ones in grouped.items()
    ]


def _account_of(reads: Reads, metric: IncidentMetric) -> Account | None:
    accounts = reads.parameters.accounts
    if not metric.account:
        return accounts[0] if accounts else None
    for account in accounts:
        if metric.account in {account.id, account.name}:
            return account
    known = [name for account in accounts for name in (account.name, account.id) if name]
    near = get_close_matches(metric.account, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ParameterError(
        f"account {metric.account!r} is not listed{hint}",
        where=f"metrics: {metric.name}",
        remedy="Name one of accounts.",
    )


def _series_row(place: Place, metric: IncidentMetric, span: MetricSpan | None) -> tuple[Any, ...]:
    return (
        metric.name,
        metric.component,
        metric.role.value,
        place.label,
        place.region,
        metric.namespace,
        metric.metric,
        json.dumps(metric.dimensions, sort_keys=True),
        metric.statistic,
        metric.unit,
        span.period_seconds if span else 0,
    )


def _note_all_gone(reads: Reads, window: TimeWindow) -> None:
    future = window.start >= reads.parameters.as_of
    why = "the window lies after as_of" if future else "CloudWatch keeps metrics 455 days"
    reads.note(
        Coverage(
            table="incident metrics",
            asked=f"{window.start:%Y-%m-%dT%H:%MZ} to {window.end:%Y-%m-%dT%H:%MZ}",
            status=CoverageStatus.NOT_FOUND,
            detail=f"{why}: nothing of the window can be read",
        )
    )


def _read_place(place: Place, metrics: list[IncidentMetric], span: MetricSpan) -> pd.DataFrame:
    request = ReadRequest(
        table="incident metrics",
        asked=(
            f"{count(len(metrics), 'metric')} every {span.period_seconds} seconds, "
            f"{span.start:%Y-%m-%dT%H:%MZ} to {span.end:%Y-%m-%dT%H:%MZ}"
        ),
        schema=METRIC_VALUES,
        account=place.label,
        region=place.region,
        arguments={
            "metrics": [metric.model_dump(mode="json") for metric in metrics],
            "start": span.start,
            "end": span.end,
            "period": span.period_seconds,
        },
    )
    fetched = place.reads.read(request, lambda: _fetch(place, metrics, span))
    asked = fetched.status in {CoverageStatus.COMPLETE, CoverageStatus.PARTIAL}
    told = set(fetched.frame["Series"].unique())
    silent = [one for one in metrics if one.name not in told]
    if asked and silent:
        note_missing(place, "incident metrics", silent)
    return fetched.frame


def _fetch(place: Place, metrics: list[IncidentMetric], span: MetricSpan) -> Fetched:
    def ask(batch: list[IncidentMetric]) -> list[MetricPart]:
        return list(results_of(place, batch, span))

    batches = batches_of(metrics, span)
    with ThreadPoolExecutor(max_workers=min(MOST_THREADS, len(batches))) as pool:
        results = [result for answer in pool.map(ask, batches) for result in answer]
    frame = points_frame(results).astype({"Series": str})
    refused = refusals_of(results)
    clauses = [span.gone, *_refusals(refused), *_gaps(frame, metrics, span)]
    detail = "; ".join(clause for clause in clauses if clause)
    status = CoverageStatus.PARTIAL if detail else CoverageStatus.COMPLETE
    return Fetched(frame=frame, status=status, detail=detail)


def _refusals(refused: dict[str, str]) -> list[str]:
    return [f"{printable(name)}: {why}" for name, why in sorted(refused.items())]


def _gaps(frame: pd.DataFrame, metrics: list[IncidentMetric], span: MetricSpan) -> list[str]:
    """Say which series lack more datapoints in a row within the window than ever before it."""
    clauses = []
    moments_of = dict(iter(frame.groupby("Series")["At"]))
    for metric in metrics:
        moments = moments_of.get(metric.name)
        if moments is None:
            continue
        usual, _ = _longest_gap(moments, span.start, span.window_start, span)
        longest, since = _longest_gap(moments, span.window_start, span.end, span)
        if longest > usual:
            clauses.append(
                f"{printable(metric.name)} lacks {longest:,} datapoints in a row from "
                f"{since:%Y-%m-%dT%H:%MZ} (at most {usual:,} before the window)"
            )
    return clauses


def _longest_gap(
    moments: pd.Series[Any], start: datetime, end: datetime, span: MetricSpan
) -> tuple[int, datetime]:
    """Return how many periods of ``[start, end)`` in a row have no datapoint, and from when."""
    period = timedelta(seconds=span.period_seconds)
    periods = -((start - end) // period)
    places = np.unique((moments - start) // period)
    there = places[(places >= 0) & (places < periods)]
    gaps = np.diff(np.concatenate([[-1], there, [periods]])) - 1
    longest = int(gaps.argmax())
    first = int(there[longest - 1]) + 1 if longest else 0
    return int(gaps[longest]), start + first * period
