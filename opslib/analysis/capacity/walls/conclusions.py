"""Whether anything runs out, and whether there is time to act: the answers on walls.

A pass says that every limit that was read has a forecast of its usage, and none of them is reached
within the horizon by more than one path in ten. Where a limit was not read, not measured or carries
no honest forecast, the answer is inconclusive; what is reached already, or will be, fails whatever
else is missing. A limit whose present use is all that AWS tells (addresses of a subnet) has no
forecast; below the warning level it is said and doubts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from opslib.analysis.capacity.missing import few, unread
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.wording import days_left, distinct_words
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Verdict
from opslib.parameters.capacity import CapacityParameters
from opslib.wording import count
from opslib.wording import day as write_day

__all__ = ["IN_TIME", "RUNS_OUT", "conclude_walls"]

COSTS = "capacity costs"
RUNS_OUT = "Does anything run out within the horizon?"
IN_TIME = "Is there time to act on all of it?"


def conclude_walls(
    limits: Sequence[LimitForecast],
    coverage: Sequence[Coverage],
    parameters: CapacityParameters,
) -> tuple[Conclusion, ...]:
    """Return both answers.

    Args:
        limits: the earliest first.
        coverage: of what was read.
        parameters: horizon and warning level.
    """
    names = distinct_words(limits)
    missing = _missing(names, coverage, parameters)
    return (
        _runs_out(names, missing, parameters.horizon_days),
        _in_time(names, missing, parameters.as_of.date()),
    )


def _missing(
    limits: Mapping[LimitForecast, str],
    coverage: Sequence[Coverage],
    parameters: CapacityParameters,
) -> tuple[str, ...]:
    told: dict[str, list[str]] = {}
    for limit, name in limits.items():
        if limit.full is None and not (
            limit.is_momentary and _is_low(limit, parameters.warn_at_percent)
        ):
            told.setdefault(limit.why_not, []).append(name)
    near = [
        f"{name} ({one.horizon_days} days)"
        for one, name in limits.items()
        if one.full is not None and one.full.p50 != 0 and one.horizon_days < parameters.horizon_days
    ]
    shorter = [f"could be told less far ahead: {few(near)}"] if near else []
    without = [f"{why}: {few(names)}" for why, names in told.items()]
    none = [] if limits else ["no limit was read"]
    return (*unread(_of_capacity(coverage)), *without, *shorter, *none)


def _is_low(limit: LimitForecast, warn_at_percent: float) -> bool:
    return limit.used_percent is not None and limit.used_percent < warn_at_percent


def _of_capacity(coverage: Sequence[Coverage]) -> list[Coverage]:
    """Return what walls rest on: prices bear on none of them."""
    return [c for c in coverage if c.table.startswith("capacity") and c.table != COSTS]


def _runs_out(
    limits: Mapping[LimitForecast, str], missing: tuple[str, ...], horizon_days: int
) -> Conclusion:
    walls = [one for one in limits if one.full is not None and one.full.p50 is not None]
    possible = [
        one
        for one in limits
        if one.full is not None and one.full.p50 is None and one.full.p10 is not None
    ]
    if walls:
        first = walls[0]
        assert first.full is not None
        left = days_left(first, first.full)
        when = "is reached already" if left == "reached" else f"has {left} left"
        others = f"; {count(len(walls) - 1, 'other limit')} follow" if walls[1:] else ""
        return Conclusion(
            question=RUNS_OUT,
            verdict=Verdict.FAIL,
            sentence=f"Yes: {limits[first]} {when} in the median{others}.",
            because=missing,
        )
    known = sum(1 for one in limits if one.full is not None)
    if not known:
        return Conclusion(
            question=RUNS_OUT,
            verdict=Verdict.INCONCLUSIVE,
            sentence="No limit could be forecast.",
            because=missing or ("of no limit that was read AWS keeps a history",),
        )
    doubts = [*missing, *(f"{limits[one]} may be reached" for one in possible)]
    sentence = f"None of {count(known, 'limit')} with a forecast is within {horizon_days} days."
    return Conclusion(
        question=RUNS_OUT,
        verdict=Verdict.INCONCLUSIVE if doubts else Verdict.PASS,
        sentence=sentence,
        because=tuple(doubts),
    )


def _in_time(
    limits: Mapping[LimitForecast, str], missing: tuple[str, ...], today: date
) -> Conclusion:
    """Judge by the day on which one path in ten is there, less what the change takes."""
    dated = sorted((one.act_by, name) for one, name in limits.items() if one.act_by)
    late = [words for act_by, words in dated if act_by < today]
    if late:
        sentence = f"No: {few(late)} should have been begun already."
        return Conclusion(question=IN_TIME, verdict=Verdict.FAIL, sentence=sentence)
    known = any(one.full is not None for one in limits)
    sentence = "Nothing has to be begun that is known of."
    if dated:
        begin = f"begin with {dated[0][1]} by {write_day(dated[0][0])}"
        sentence = f"As far as is known: {begin}." if missing else f"Yes: {begin}."
    doubts = missing if known or missing else ("no limit could be forecast",)
    return Conclusion(
        question=IN_TIME,
        verdict=Verdict.INCONCLUSIVE if doubts else Verdict.PASS,
        sentence=sentence,
        because=doubts,
    )
