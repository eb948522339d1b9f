"""How long a restore is likely to take, from those that there were.

Method: n past restores of the same resource leave the next one between the shortest and the longest
of them with probability (n - 1) / (n + 1), whatever their distribution, if they are exchangeable.
For n restores of the same kind, time follows size by a power law whose exponent is the median slope
between pairs (Theil and Sen), kept within 0 (size does not matter) and 1 (proportional); where no
two sizes differ, both. Each restore is predicted by the others, and the interval is that of the
jackknife+, which holds with the same probability at least.
Assumption: restores are as they were. The newest `MOST` count.
Fails where: a size far beyond the past ones, an engine that loads its data lazily after the restore
is COMPLETED (Amazon RDS from snapshots), other hardware.
Source: H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed., 7.3 (prediction intervals);
P. K. Sen, Journal of the American Statistical Association 63 (1968), 1379; R. F. Barber and others,
"Predictive inference with the jackknife+", Annals of Statistics 49 (2021), 486.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import combinations

import pandas as pd

from opslib.analysis.dr.points import given
from opslib.estimate import Estimate

__all__ = ["RestoreTime", "estimate_restore_minutes"]

MOST = 20
ENOUGH = 2
NOT_KNOWN = "not known"
LONGEST = math.log(1e7)
"""Nineteen years of minutes: beyond it nothing is told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTime:
    """How long a restore is likely to take.

    Args:
        minutes: with the interval that holds it; None where too little is known.
        basis: what it rests on.
        jobs: how many past restores.
        sentence: the same in words.
    """

    minutes: Estimate | None
    basis: str
    jobs: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """One restore; a size of 0 where it was not told."""

    minutes: float
    size: float


def estimate_restore_minutes(
    jobs: pd.DataFrame, resource: str, kind: str, size_bytes: float | None, as_of: datetime
) -> RestoreTime:
    """Estimate how long restoring a resource will take.

    Args:
        jobs: columns of `opslib.tables.drills.RESTORE_JOBS`.
        resource: ARN of what is to be restored.
        kind: its ResourceType.
        size_bytes: of the backup; None where it was not told.
        as_of: the report's moment; what ended later is left out.
    """
    same = _past(jobs[jobs["ResourceArn"] == resource], as_of)
    if len(same) >= ENOUGH:
        what = "restores of the same resource"
        minutes = [past.minutes for past in same]
        return _told(minutes, statistics.median(minutes), len(same), what)
    alike = [past for past in _past(jobs[jobs["ResourceType"] == kind], as_of) if past.size > 0]
    if size_bytes and len(alike) >= ENOUGH:
        what = f"restores of {kind}, put to size"
        reached = _put_to_size(alike, size_bytes)
        return _told(reached, reached[0], len(alike), what)
    once = f"; the one there was took {same[0].minutes:.0f} minutes" if same else ""
    sentence = f"How long it takes is {NOT_KNOWN}: too few such restores are on record{once}."
    return RestoreTime(minutes=None, basis=NOT_KNOWN, jobs=len(same), sentence=sentence)


def _past(jobs: pd.DataFrame, as_of: datetime) -> list[_Past]:
    done = [
        (given(row["CompletedAt"]), row["CreatedAt"].to_pydatetime(), given(row["SizeBytes"]))
        for row in jobs.to_dict("records")
        if row["Status"] == "COMPLETED"
    ]
    newest = sorted((one for one in done if one[0] and one[0] <= as_of), reverse=True, key=_end)
    return [
        _Past(minutes=max((end - start).total_seconds() / 60, 1 / 60), size=size or 0.0)
        for end, start, size in newest[:MOST]
    ]


def _end(one: tuple[datetime, datetime, float | None]) -> datetime:
    return one[0]


def _put_to_size(alike: Sequence[_Past], size: float) -> list[float]:
    """Return minutes for a size: as all predict it, and the ends that leaving one out allows."""
    low, high = _predict(alike, size)
    reached = [(low + high) / 2]
    for place, left_out in enumerate(alike):
        others = [*alike[:place], *alike[place + 1 :]]
        expected = _predict(others, left_out.size)
        took = math.log(left_out.minutes)
        missed = max(abs(took - end) for end in expected)
        low, high = _predict(others, size)
        reached += [low - missed, high + missed]
    return [math.exp(min(one, LONGEST)) for one in reached]


def _predict(alike: Sequence[_Past], size: float) -> tuple[float, float]:
    """Return the logarithm of the minutes that a size takes, by the exponents that may be."""
    ends = [
        statistics.median(
            math.log(past.minutes) + exponent * math.log(size / past.size) for past in alike
        )
        for exponent in _exponents(alike)
    ]
    return min(ends), max(ends)


def _exponents(alike: Sequence[_Past]) -> tuple[float, ...]:
    slopes = [
        math.log(one.minutes / other.minutes) / math.log(one.size / other.size)
        for one, other in combinations(alike, 2)
        if one.size != other.size
    ]
    if not slopes:
        return 0.0, 1.0
    return (min(max(statistics.median(slopes), 0.0), 1.0),)


def _told(minutes: Sequence[float], middle: float, number: int, what: str) -> RestoreTime:
    low, mid, high = (Decimal(f"{value:.1f}") for value in (min(minutes), middle, max(minutes)))
    confidence = (number - 1) / (number + 1)
    return RestoreTime(
        minutes=Estimate(low=low, mid=mid, high=high, confidence=confidence),
        basis=what,
        jobs=number,
        sentence=f"It is likely to take {mid} minutes, {low} to {high} with probability "
        f"{confidence:.0%} at least, by {number} {what}.",
    )
