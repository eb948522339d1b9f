"""Histories of metrics: every five minutes as long as CloudWatch keeps them, and hourly before.

Each request asks for as many metrics as one page of its answer holds, no metric twice, and is a
read of its own, so that a resumed run does not ask again for what it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opslib.aws.capacity.measures import MetricQuery, UsageSeries
from opslib.aws.metric_periods import HistorySpan, choose_history
from opslib.aws.metric_queries import batches_of, points_frame, refusals_of, results_of
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, ReadRequest
from opslib.aws.usage_gaps import TABLE, Asked, asked_of, note_silent, note_thrown_away
from opslib.coverage import CoverageStatus
from opslib.tables.capacity import USAGE_POINTS, UsageHistory
from opslib.tables.regular_series import RegularSeries
from opslib.wording import printable

__all__ = ["UsageRead", "read_usage"]

MOST_THREADS = 4
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What one request asks for."""

    place: Place
    queries: list[MetricQuery]
    span: HistorySpan
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRead:
    """What came back.

    Args:
        histories: by series, without those that have no value at all.
        silent: series that CloudWatch, asked, told no value of since it keeps five minutes.
    """

    histories: Mapping[str, UsageHistory]
    silent: frozenset[str]


def read_usage(
    series: Sequence[UsageSeries], places: Iterable[Place], history_days: float
) -> UsageRead:
    """Read what was used.

    Args:
        series: whose resources lie in ``places``.
        places: accounts and regions.
        history_days: before the run's ``as_of``.
    """
    by_place = {(place.label, place.region): place for place in places}
    regular: list[dict[str, RegularSeries]] = []
    unheard: list[set[Asked]] = []
    for span in _spans(by_place, history_days):
        values, silent = _read_span(list(_batches(series, by_place, span)))
        regular.append(_regular(series, values, span))
        unheard.append(silent)
    fine, coarse = regular[0], regular[1] if regular[1:] else {}
    histories = {
        one.series: UsageHistory(fine=fine.get(one.series), coarse=coarse.get(one.series))
        for one in series
        if one.series in fine or one.series in coarse
    }
    told = [one for one in series if one.series not in fine]
    silent_series = [one for one in told if unheard[0].intersection(asked_of(one))]
    note_silent(silent_series, unheard[0], by_place)
    note_thrown_away(series, histories, by_place)
    return UsageRead(histories=histories, silent=frozenset(one.series for one in silent_series))


def _spans(by_place: Mapping[tuple[str, str], Place], days: float) -> tuple[HistorySpan, ...]:
    reads = next(iter(by_place.values())).reads
    return choose_history(reads.parameters.as_of, days)


def _batches(
    series: Sequence[UsageSeries], by_place: Mapping[tuple[str, str], Place], span: HistorySpan
) -> Iterator[_Batch]:
    for (account, region), place in by_place.items():
        here = [s for s in series if (s.resource.account, s.resource.region) == (account, region)]
        queries = list({query.name: query for one in here for query in one.queries}.values())
        first = 1
        for batch in batches_of(queries, span):
            last = first + len(batch) - 1
            words = f"metrics {first} to {last} of {len(queries)} every {span.period_seconds} s"
            yield _Batch(place=place, queries=batch, span=span, words=words)
            first = last + 1


def _read_span(batches: list[_Batch]) -> tuple[dict[Asked, Values], set[Asked]]:
    """Return values by query; and the queries that CloudWatch answered without a value."""
    values: dict[Asked, Values] = {}
    silent: set[Asked] = set()
    with ThreadPoolExecutor(max_workers=MOST_THREADS) as pool:
        for batch, (found, is_answered) in zip(batches, pool.map(_read, batches), strict=True):
            where = (batch.place.label, batch.place.region)
            values |= {(*where, name): one for name, one in found.items()}
            if is_answered:
                silent |= {(*where, q.name) for q in batch.queries if q.name not in found}
    return values, silent


def _read(batch: _Batch) -> tuple[dict[str, Values], bool]:
    span = batch.span
    request = ReadRequest(
        table=TABLE,
        asked=f"{batch.words}, {span.start:%Y-%m-%dT%H:%MZ} to {span.end:%Y-%m-%dT%H:%MZ}",
        schema=USAGE_POINTS,
        account=batch.place.label,
        region=batch.place.region,
        arguments={
            "metrics": [asdict(query) for query in batch.queries],
            "start": span.start,
            "end": span.end,
            "period": span.period_seconds,
        },
    )
    fetched = batch.place.reads.read(request, lambda: _fetch(batch))
    is_answered = fetched.status in {CoverageStatus.COMPLETE, CoverageStatus.PARTIAL}
    return dict(_by_query(fetched.frame, span)), is_answered


def _fetch(batch: _Batch) -> Fetched:
    parts = list(results_of(batch.place, batch.queries, batch.span))
    refused = refusals_of(parts)
    detail = "; ".join(f"{printable(name)}: {why}" for name, why in sorted(refused.items()))
    status = CoverageStatus.PARTIAL if detail else CoverageStatus.COMPLETE
    return Fetched(frame=points_frame(parts), status=status, detail=detail)


def _by_query(frame: pd.DataFrame, span: HistorySpan) -> Iterator[tuple[str, Values]]:
    """Yield the values of each query, one a period, NaN where there is no datapoint."""
    if frame.empty:
        return
    periods = (span.end - span.start) // timedelta(seconds=span.period_seconds)
    held = frame["Series"].astype("category")
    codes = held.cat.codes.to_numpy()
    moments = pd.DatetimeIndex(frame["At"]).as_unit("s").asi8
    at = (moments - int(span.start.timestamp())) // span.period_seconds
    told = frame["Value"].to_numpy(np.float64)
    is_inside = (at >= 0) & (at < periods)
    for code, name in enumerate(held.cat.categories):
        chosen = (codes == code) & is_inside
        values = np.full(periods, np.nan)
        values[at[chosen]] = told[chosen]
        yield str(name), values


def _regular(
    series: Sequence[UsageSeries], values: dict[Asked, Values], span: HistorySpan
) -> dict[str, RegularSeries]:
    """Return each series in the unit of its limit; ``values`` are given up as they are used."""
    left = Counter(asked for one in series for asked in asked_of(one))
    made = {}
    for one in series:
        parts = [values[asked] for asked in asked_of(one) if asked in values]
        for asked in asked_of(one):
            left[asked] -= 1
            if not left[asked]:
                values.pop(asked, None)
        if len(parts) == len(one.queries):
            regular = _in_unit(one, parts, span)
            if regular is not None:
                made[one.series] = regular
    return made


def _in_unit(one: UsageSeries, parts: list[Values], span: HistorySpan) -> RegularSeries | None:
    total = parts[0].copy() if len(parts) == 1 else _summed(parts)
    there = np.flatnonzero(~np.isnan(total))
    if not len(there):
        return None
    scale = one.scale / span.period_seconds if one.is_rate else one.scale
    first = int(there[0])
    return RegularSeries(
        start=span.start + timedelta(seconds=first * span.period_seconds),
        step_seconds=span.period_seconds,
        values=total[first:] * scale + one.offset,
    )


def _summed(parts: list[Values]) -> Values:
    """Add up what was measured: a part without a datapoint where another has one counts nothing."""
    stacked = np.vstack(parts)
    total: Values = np.nansum(stacked, axis=0)
    total[np.isnan(stacked).all(axis=0)] = np.nan
    return total
