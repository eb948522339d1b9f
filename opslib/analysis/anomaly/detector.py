"""Score each point of a metric by its past alone, and raise few alerts.

Method: the metric is looked at in ten ways (`views`), and each value of each is given its rarity in
either tail of its own past (`tail`). A point's rarity is the mean of its four largest: a geometric
mean of chances, after Fisher's combination, so that one lone extreme of one view must be much rarer
than a departure that several views see. It alerts where that chance is below 0.01 divided by
1 + n, where n is the number of earlier alerts, each fading with a mean life of 30 days: a metric
that often alerts must show more, so that alerts are spent and not scattered. Within six hours of an
alert no other is raised: an incident is one alert.

Assumption: the past is mostly usual. Nothing is tuned to a metric: every constant is the same for
all.
Failure mode: the first three days know no daily pattern and the first two weeks no weekly one, so
that first weekends may alert. A metric that fails every day is usual after a few of them.
The level is that of one view: views overlap and points follow each other, so that it is no rate of
false alarms. Measured on clean noise at five minutes, these are one and a half to two in a
metric's first week and about one in two weeks after a month.
Source: combination and level: Fisher, "Statistical Methods for Research Workers" (1932); spending:
Foster and Stine, "alpha-investing", Journal of the Royal Statistical Society B 70 (2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from opslib.analysis.anomaly.tail import rarity
from opslib.analysis.anomaly.views import DAY, Floats, views_of

__all__ = ["ALERT_SCORE", "Anomalies", "detect_anomalies"]

CHANCE = 0.01
COMBINED = 4
REFRACTORY = DAY / 4
REMEMBERED = 30 * DAY
ALERT_SCORE = 0.5
"""The score from which on a point alerts; by construction the same for every metric."""
HELD_BACK = 0.499


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomalies:
    """What a metric shows, point by point.

    Args:
        scores: 0 to 1 a point, in the order given; NaN for a missing value.
        alerts: whether the point raises an alert; exactly where its score is at least
            ``ALERT_SCORE``.
        seen_in: the view in which an alert is rarest, such as ``step up``; empty elsewhere.
    """

    scores: pd.Series
    alerts: pd.Series
    seen_in: pd.Series


def detect_anomalies(metric: pd.Series) -> Anomalies:
    """Return the score of every point of ``metric``, each from its point and earlier ones only.

    Args:
        metric: values by time, in the order in which they came. Steps may differ, values may be
            missing (NaN or infinite) and times repeat; a time before its predecessor's is taken
            for that.
    """
    index = pd.DatetimeIndex(metric.index).tz_localize(None)
    values = metric.to_numpy(dtype=float)
    known = np.isfinite(values)
    seconds = np.maximum.accumulate(index.as_unit("us").asi8 / 1e6)[known]
    views = views_of(seconds, values[known]) if known.any() else {}
    rarities = [rarity(seconds, view) for view in views.values()]
    sides = np.concatenate(rarities) if rarities else np.zeros((COMBINED, 0))
    largest = np.partition(sides, len(sides) - COMBINED, axis=0)[-COMBINED:]
    scores = np.full(len(values), np.nan)
    scores[known] = _scored(seconds, largest.mean(axis=0))
    alerts = np.nan_to_num(scores) >= ALERT_SCORE
    names = np.array([f"{name} {way}" for name in views for way in ("up", "down")], dtype=object)
    seen = np.full(len(values), "", dtype=object)
    if alerts.any():
        seen[alerts] = names[sides.argmax(axis=0)[alerts[known]]]
    return Anomalies(
        scores=pd.Series(scores, index=metric.index, name="score"),
        alerts=pd.Series(alerts, index=metric.index, name="alert"),
        seen_in=pd.Series(seen, index=metric.index, name="seen in"),
    )


def _scored(seconds: Floats, level: Floats) -> Floats:
    """Return scores from rarities: half where a point alerts, less for what an alert holds back."""
    needed = -np.log10(CHANCE)
    spent, start = 0.0, 0
    last = -np.inf
    scores = np.zeros_like(level)
    while start < len(level):
        quiet = int(np.searchsorted(seconds, last + REFRACTORY, side="right"))
        rest = slice(max(start, quiet), len(level))
        fading = np.exp(-(seconds[rest] - last) / REMEMBERED) if spent else 0.0
        left = np.maximum(level[rest] - np.log10(1.0 + spent * fading), 0.0)
        free = left / (left + needed)
        hits = np.flatnonzero(free >= ALERT_SCORE)
        held = level[start : rest.start]
        scores[start : rest.start] = np.minimum(held / (held + needed), HELD_BACK)
        if not hits.size:
            scores[rest] = free
            break
        at = rest.start + int(hits[0])
        scores[rest.start : at + 1] = free[: hits[0] + 1]
        spent = 1.0 + (spent * float(np.exp(-(seconds[at] - last) / REMEMBERED)) if spent else 0.0)
        last, start = float(seconds[at]), at + 1
    return scores
