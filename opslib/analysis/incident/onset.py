"""When a symptom began and when it ended, each with the interval that holds it.

Method: what the metric would have been comes from its past (`onset_baseline`); the probability of
every onset and recovery from one epidemic change-point model (`onset_posterior`); that anything
happened at all is believed where the Bayes factor exceeds `BELIEVED` and all but one in twenty of
the past windows, which are put to the same question. Under no change a Bayes factor exceeds 1000
with probability below 1/1000 (Markov's inequality; Ville 1939), whatever the number of moments
tried; the past windows guard against what the model of the noise does not know.

Assumption: the window begins before the onset. A metric that is already shifted there is called so.
Failure mode: see the two modules; a symptom weaker than the noise of a single point is dated by the
posterior to a wide interval, and honestly so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
import pandas as pd

from opslib.analysis.incident.daily_profile import Floats
from opslib.analysis.incident.onset_baseline import GAP, Usual, Window, usual_in
from opslib.analysis.incident.onset_posterior import SMALLEST, Shift, find_shift
from opslib.errors import ParameterError
from opslib.timewindow import TimeWindow

__all__ = ["Direction", "Moment", "Symptom", "SymptomState", "find_symptom"]

CONFIDENCE = 0.95
BELIEVED = float(np.log(1000.0))
PAST_QUANTILE = 0.95
ENOUGH_SEEN = 0.9
"""Share of a window's points that must be there before finding nothing means that nothing was."""
SHORTEST = 2


class Direction(StrEnum):
    """Which way a metric goes when things go wrong."""

    RISE = "rise"
    FALL = "fall"
    EITHER = "either"

    @property
    def signs(self) -> tuple[int, ...]:
        """Return the signs of the shifts to look for."""
        return {"rise": (1,), "fall": (-1,), "either": (1, -1)}[self.value]


class SymptomState(StrEnum):
    """What a window shows of a symptom."""

    NONE = "none"
    RECOVERED = "recovered"
    ONGOING = "ongoing"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment and the interval that holds it.

    Args:
        at: time of the first point that belongs to what follows; the likeliest.
        low: time of the last point that belongs to what was before, at the earliest.
        high: end of the first point's period, at the latest.
        confidence: probability that the moment lies between ``low`` and ``high``.
        across_gap: whether points are missing between ``low`` and ``high``.
    """

    at: datetime
    low: datetime
    high: datetime
    confidence: float
    across_gap: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What a metric shows in a window.

    Args:
        state: none, recovered, ongoing at the end of the window, or inconclusive.
        onset: when it began; None where there is none, or it began before the window.
        recovery: when it ended; None unless recovered.
        size: median departure from the expected while it lasted, in the unit of the metric.
        noise: robust standard deviation of a point when nothing is wrong, in the same unit.
        evidence: natural logarithm of the Bayes factor for a shift against none.
        needed: what ``evidence`` had to exceed.
        seen: share of the window's points that were there, 0 to 1.
        daily: whether a daily pattern was taken out.
        why: one clause that says why the state is what it is.
    """

    state: SymptomState
    onset: Moment | None = None
    recovery: Moment | None = None
    size: float = 0.0
    noise: float = 0.0
    evidence: float = 0.0
    needed: float = BELIEVED
    seen: float = 0.0
    daily: bool = False
    why: str

    @property
    def has_left(self) -> bool:
        """Say whether the metric left the usual, in the window or before it."""
        return self.state in {SymptomState.RECOVERED, SymptomState.ONGOING}


def find_symptom(
    metric: pd.Series,
    window: TimeWindow,
    *,
    direction: Direction = Direction.EITHER,
    shortest: int = SHORTEST,
    least_noise: float = 0.0,
) -> Symptom:
    """Return when ``metric`` left the usual in ``window``, and when it came back.

    Args:
        metric: values by aware time of the start of their period, in any order; missing values are
            as good as no row. What lies before ``window`` is its history, 1 to 14 days of it.
        window: one to many hours that begin before the supposed onset.
        direction: which way the metric goes when things go wrong.
        shortest: points that a symptom lasts at least.
        least_noise: standard deviation, in the metric's unit, that points have at least by how
            they come about; what the days before show may be less by luck.

    Raises:
        ParameterError: times without a zone.
    """
    if not isinstance(metric.index, pd.DatetimeIndex) or metric.index.tz is None:
        raise ParameterError(
            "the metric's times have no time zone",
            where=f"metric {metric.name or ''}".strip(),
            remedy="Give times in UTC.",
        )
    known = metric.replace([np.inf, -np.inf], np.nan).dropna().groupby(level=0).mean()
    usual = usual_in(known, window, least_noise)
    if usual is None:
        return Symptom(
            state=SymptomState.INCONCLUSIVE,
            why="there is too little history before the window to say what is usual",
        )
    shift = find_shift(usual.window, usual.noise, direction.signs, shortest)
    return _concluded(usual, shift, window, direction, shortest)


def _concluded(
    usual: Usual, shift: Shift | None, window: TimeWindow, direction: Direction, shortest: int
) -> Symptom:
    """Return what the best shift comes to."""
    seen = min(1.0, len(usual.window.times) * usual.noise.step / window.duration.total_seconds())
    needed = max(BELIEVED, _past_evidence(usual, direction, shortest))
    evidence = shift.evidence if shift else 0.0
    small = shift is None or abs(shift.size) < SMALLEST * usual.noise.scale
    if shift is None or small or evidence <= needed:
        return _nothing(usual, evidence, needed, seen)
    ongoing = bool(shift.recovery[-1] > 1 - shift.recovery[-1])
    before = bool(np.argmax(shift.onset) == 0 and np.isnan(usual.window.before))
    return Symptom(
        state=SymptomState.ONGOING if ongoing else SymptomState.RECOVERED,
        onset=None if before else _moment(usual, shift.onset),
        recovery=None if ongoing else _moment(usual, shift.recovery[:-1]),
        size=shift.size,
        noise=usual.noise.scale,
        evidence=evidence,
        needed=needed,
        seen=seen,
        daily=usual.daily,
        why=_reason(shift, usual.noise.scale, before=before, ongoing=ongoing),
    )


def _past_evidence(usual: Usual, direction: Direction, shortest: int) -> float:
    """Return the evidence that one in twenty past windows shows though nothing was called wrong."""
    found = [find_shift(past, usual.noise, direction.signs, shortest) for past in usual.past]
    shown = [shift.evidence for shift in found if shift]
    return float(np.quantile(shown, PAST_QUANTILE)) if shown else -np.inf


def _nothing(usual: Usual, evidence: float, needed: float, seen: float) -> Symptom:
    """Return that nothing was found, or that too little was seen to say so."""
    blind = seen < ENOUGH_SEEN
    if blind:
        why = f"no shift was found, but only {seen:.0%} of the window's points are there"
    elif evidence <= BELIEVED:
        why = "no shift stands out from the noise of the days before"
    elif evidence <= needed:
        why = "past windows without an incident show shifts as clear as this one"
    else:
        why = f"the one shift is below {SMALLEST} times the noise, as the expected level may be off"
    return Symptom(
        state=SymptomState.INCONCLUSIVE if blind else SymptomState.NONE,
        noise=usual.noise.scale,
        evidence=evidence,
        needed=needed,
        seen=seen,
        daily=usual.daily,
        why=why,
    )


def _moment(usual: Usual, chances: Floats) -> Moment:
    """Return the likeliest point and the interval around it, resolution and gaps included."""
    tail = (1 - CONFIDENCE) / 2
    below = np.cumsum(chances) / chances.sum()
    first = int(np.searchsorted(below, tail))
    last = min(int(np.searchsorted(below, 1 - tail)), len(chances) - 1)
    times, step = usual.window.times, usual.noise.step
    low = _previous(usual.window, first, step)
    points = np.concatenate([[low], times[first : last + 1]])
    return Moment(
        at=_aware(times[int(np.argmax(chances))]),
        low=_aware(low),
        high=_aware(times[last] + step),
        confidence=CONFIDENCE,
        across_gap=bool((np.diff(points) > GAP * step).any()),
    )


def _previous(window: Window, point: int, step: float) -> float:
    """Return the time of the point before ``point``."""
    if point:
        return float(window.times[point - 1])
    return float(window.times[0] - step if np.isnan(window.before) else window.before_time)


def _reason(shift: Shift, noise: float, *, before: bool, ongoing: bool) -> str:
    """Return why a symptom is believed, in one clause."""
    way = "above" if shift.size > 0 else "below"
    began = "since before the window, " if before else ""
    last = shift.recovery[-1]
    end = "not back to the usual at the end of the window" if ongoing else "back to the usual since"
    doubt = f" (with probability {max(last, 1 - last):.0%})" if 0.05 < last < 0.95 else ""  # noqa: PLR2004
    return f"{began}{abs(shift.size) / noise:.1f} times its noise {way} the usual, {end}{doubt}"


def _aware(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
