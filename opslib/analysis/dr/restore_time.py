"""How long a restore is likely to take, from those that there were.

Method: n past restores of the same resource, or n of the same kind put to its size, leave the next
one between the shortest and the longest of them with probability (n - 1) / (n + 1), whatever their
distribution, if they are exchangeable. Durations are put to size by a power law whose exponent is
the median slope between pairs (Theil and Sen), kept within 0 (size does not matter) and 1
(proportional); where no two sizes differ, both ends are taken.
Assumption: restores are as they were. The newest `MOST` count.
Fails where: a size far beyond the past ones, an engine that loads its data lazily after the restore
is COMPLETED (Amazon RDS from snapshots), other hardware.
Source: H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed., 7.3 (prediction intervals);
P. K. Sen, Journal of the American Statistical Association 63 (1968), 1379.
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
    minutes: float
    size: float | None


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
        return _told([past.minutes for past in same], len(same), what)
    alike = [past for past in _past(jobs[jobs["ResourceType"] == kind], as_of) if past.size]
    if size_bytes and len(alike) >= ENOUGH:
        what = f"restores of {kind}, put to size"
        return _told(_scaled(alike, size_bytes), len(alike), what)
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
        _Past(minutes=max((end - start).total_seconds() / 60, 1 / 60), size=size)
        for end, start, size in newest[:MOST]
    ]


def _end(one: tuple[datetime, datetime, float | None]) -> datetime:
    return one[0]


def _scaled(alike: Sequence[_Past], size: float) -> list[float]:
    exponents = _exponents(alike)
    return [
        past.minutes * (size / past.size) ** exponent
        for past in alike
        if past.size
        for exponent in exponents
    ]


def _exponents(alike: Sequence[_Past]) -> tuple[float, ...]:
    """Return the exponent of size that fits, or both that are possible where none can be told."""
    slopes = [
        (math.log(one.minutes) - math.log(other.minutes))
        / (math.log(one.size) - math.log(other.size))
        for one, other in combinations(alike, 2)
        if one.size and other.size and one.size != other.size
    ]
    if not slopes:
        return 0.0, 1.0
    return (min(max(statistics.median(slopes), 0.0), 1.0),)


def _told(minutes: Sequence[float], number: int, what: str) -> RestoreTime:
    low, mid, high = (
        Decimal(f"{value:.1f}")
        for value in (min(minutes), statistics.median(minutes), max(minutes))
    )
    confidence = (number - 1) / (number + 1)
    return RestoreTime(
        minutes=Estimate(low=low, mid=mid, high=high, confidence=confidence),
        basis=what,
        jobs=number,
        sentence=f"It is likely to take {mid} minutes, {low} to {high} with probability "
        f"{confidence:.0%}, by {number} {what}.",
    )
