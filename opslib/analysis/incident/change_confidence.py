"""How sure it is that the first change to suspect is more than a coincidence.

Method: a suspect scores by what it is and by how near to the onset it lies. Any other change
before the onset scored as much for some minutes after it was made, and the suspect itself does
from when it was made to the onset. These minutes over those that were watched are the share of
moments at which something as suspect could have been found though nothing had happened: one less
the exponential of their negative, for changes that come independently (Poisson). It is the same
question that quiet windows answer for components (see `.component_confidence`).

Assumptions: changes before the onset are like those of any day, and one act of several calls is
told by its component or by its principal. Failure modes: a window that begins shortly before the
onset watches too little (and says so); a rush of changes just before looks less sure than it is.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from math import isinf

import numpy as np
import numpy.typing as npt
import pandas as pd

from opslib.analysis.incident.change_factors import HALF_TIME_MINUTES
from opslib.analysis.incident.rarity import Floats

__all__ = ["Confidence", "change_chances", "change_shares", "judge_change"]

FALSE_ALARM_SHARE = 0.05
"""Share of moments without an incident at which a suspect of high confidence may be found."""
DOUBTFUL_SHARE = 0.2
"""The same for medium confidence."""
LEAST_PERIODS = round(1 / FALSE_ALARM_SHARE) - 1
"""Periods of the past without which nothing can be called rarer than the share of false alarms."""
LEAST_SHARE = 0.5
"""Share of the odds of all acts that the first must have, so that it is likelier than not."""
LONGEST = 50.0
"""Logarithm of a time longer than any, in half times."""
SAME_COMPONENT = pd.Timedelta(minutes=15)
SAME_PRINCIPAL = pd.Timedelta(minutes=1)


class Confidence(StrEnum):
    """How sure a suspect is one."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def change_chances(scored: pd.DataFrame, *, first: int, since: datetime, onset: datetime) -> Floats:
    """Return the share of moments at which a change as suspect could have been found by chance.

    Args:
        scored: changes with ``Score``, its factor ``time``, ``Principal`` and ``Component``, best
            first.
        first: of how many it is asked.
        since: from when on changes are known.
        onset: of the symptom.
    """
    watched = max((pd.Timestamp(onset) - pd.Timestamp(since)).total_seconds() / 60, 1.0)
    score = scored["Score"].to_numpy(float)
    standing = score - scored["time"].to_numpy(float)
    own = (pd.Timestamp(onset) - scored["EventTime"]).dt.total_seconds().to_numpy() / 60
    before = np.maximum(own, 0.0)
    minutes = HALF_TIME_MINUTES * np.expm1(np.clip(standing - score[:first, None], 0.0, LONGEST))
    minutes = np.where(_same_act(scored, first), 0.0, np.minimum(minutes, before))
    chances: Floats = -np.expm1(-(minutes.sum(axis=1) + before[:first]) / watched)
    return chances


def change_shares(scored: pd.DataFrame, *, first: int) -> Floats:
    """Return the first changes' shares of the odds, those of its own act left out of the others."""
    odds = np.exp(scored["Score"].to_numpy(float) - scored["Score"].max())
    others = np.where(_same_act(scored, first), 0.0, odds).sum(axis=1)
    shares: Floats = odds[:first] / (odds[:first] + others)
    return shares


def judge_change(
    *, chance: float | None, share: float, past_periods: int, hops: float | None
) -> tuple[Confidence, tuple[str, ...]]:
    """Return how sure a suspect is one, and in sentences what keeps it from being surer.

    Args:
        chance: as of `change_chances`; None where no onset is known.
        share: as of `change_shares`.
        past_periods: of the past that rarity rests on.
        hops: calls from what shows the symptom; infinite for none, None where not known.
    """
    if chance is None:
        return Confidence.LOW, ("no onset is known that it could have come before",)
    reasons = []
    if past_periods < LEAST_PERIODS:
        reasons.append(
            f"how rare it is rests on {past_periods} periods of the past; {LEAST_PERIODS} are "
            "needed"
        )
    if chance > FALSE_ALARM_SHARE:
        reasons.append(f"at {chance:.0%} of moments before the onset a change looks as suspect")
    if share < LEAST_SHARE:
        reasons.append("other changes together are as likely")
    if hops is None:
        reasons.append("whether it touches what shows the symptom is not known")
    elif isinf(hops):
        reasons.append("no call leads from what shows the symptom to what it changed")
    doubtful = chance > DOUBTFUL_SHARE or (hops is not None and isinf(hops))
    surest = Confidence.MEDIUM if reasons else Confidence.HIGH
    return Confidence.LOW if doubtful else surest, tuple(reasons)


def _same_act(scored: pd.DataFrame, first: int) -> npt.NDArray[np.bool_]:
    """Tell which changes belong to one act with each of the first, of shape (first, changes)."""
    times = scored["EventTime"].to_numpy()
    apart = np.abs(times - times[:first, None])
    component, principal = scored["Component"].to_numpy(), scored["Principal"].to_numpy(object)
    placed = (component != "") & (component[:first, None] != "")
    alike = placed & (component == component[:first, None]) & (apart <= SAME_COMPONENT)
    by_one = ~placed & (principal == principal[:first, None]) & (apart <= SAME_PRINCIPAL)
    same: npt.NDArray[np.bool_] = alike | by_one
    return same
