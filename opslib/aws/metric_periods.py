"""Which period CloudWatch can still be asked for, and what of a span it has thrown away.

Source: Amazon CloudWatch User Guide, Metrics retention: datapoints of 60 seconds are kept 15 days,
of 300 seconds 63 days, of an hour 455 days; each is then aggregated to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from opslib.timewindow import TimeWindow

__all__ = ["KEPT", "HistorySpan", "MetricSpan", "choose_history", "choose_span"]

KEPT = ((60, timedelta(days=15)), (300, timedelta(days=63)), (3600, timedelta(days=455)))
"""Seconds of a period, and for how long it is kept."""
LEAST_BASELINE = timedelta(days=1)
"""A daily pattern shows in no less; a coarser period is taken where a finer one leaves less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpan:
    """What is asked for.

    Args:
        start: of the baseline; a multiple of the period.
        window_start: of the incident's window; a multiple of the period.
        end: of the window, or ``as_of`` where that is earlier.
        period_seconds: one for all of it.
        gone: what is not kept any more and what remains, one clause; empty where all is kept.
    """

    start: datetime
    window_start: datetime
    end: datetime
    period_seconds: int
    gone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySpan:
    """A part of a metric's history: ``[start, end)`` in whole periods."""

    start: datetime
    end: datetime
    period_seconds: int


FINE, COARSE = KEPT[1:]


def choose_history(as_of: datetime, days: float) -> tuple[HistorySpan, ...]:
    """Return what to ask for of the last ``days``: every five minutes, and every hour before that.

    The hours end where the five minutes begin; of fewer days than those are kept, none are asked.
    """
    (fine, kept), (coarse, longest) = FINE, COARSE
    first = as_of - min(timedelta(days=days), longest)
    seam = _aligned(max(first, as_of - kept), coarse)
    end = datetime.fromtimestamp(as_of.timestamp() // fine * fine, UTC)
    spans = [HistorySpan(start=seam, end=end, period_seconds=fine)]
    start = _aligned(first, coarse)
    if start < seam:
        spans.append(HistorySpan(start=start, end=seam, period_seconds=coarse))
    return tuple(spans)


def choose_span(window: TimeWindow, baseline_days: float, as_of: datetime) -> MetricSpan | None:
    """Return what to ask for; None where nothing of the window is kept any more.

    The finest period that is kept for the whole window and for a day of baseline (or all of it,
    where less is asked) is taken; the baseline begins where that period's datapoints do.
    """
    baseline = timedelta(days=baseline_days)
    least = window.start - min(baseline, LEAST_BASELINE)
    end = min(window.end, as_of)
    chosen = next((one for one in KEPT if least >= as_of - one[1]), KEPT[-1])
    period, kept_from = chosen[0], as_of - chosen[1]
    if kept_from >= end or end <= window.start:
        return None
    start = max(window.start - baseline, kept_from)
    return MetricSpan(
        start=_aligned(start, period),
        window_start=_aligned(max(window.start, kept_from), period),
        end=end,
        period_seconds=period,
        gone=_gone(window.start - baseline, window, kept_from, period),
    )


def _aligned(moment: datetime, period: int) -> datetime:
    """Return the beginning of the next whole period: an earlier one may not be kept."""
    return datetime.fromtimestamp(-(-moment.timestamp() // period) * period, UTC)


def _gone(asked: datetime, window: TimeWindow, kept_from: datetime, period: int) -> str:
    if asked >= kept_from:
        return ""
    what = "the window's beginning and its baseline" if window.start < kept_from else "baseline"
    return (
        f"CloudWatch keeps datapoints of {period} seconds since {kept_from:%Y-%m-%dT%H:%MZ}: "
        f"{what} from {asked:%Y-%m-%dT%H:%MZ} on is gone, the rest remains"
    )
