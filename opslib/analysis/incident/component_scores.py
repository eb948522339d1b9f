"""The score of each component: what it explains itself, or what a caller's excess says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opslib.analysis.incident.call_shares import UNREACHED
from opslib.analysis.incident.callee_departures import CalleeDepartures
from opslib.analysis.incident.component_series import FloatArray
from opslib.analysis.incident.component_windows import ComparedExcess, ComparedWindows
from opslib.analysis.incident.moved_calls import MovedCalls

__all__ = ["ComponentScores", "component_scores", "significance", "strength"]

CERTAIN = 5.0
"""Standard deviations from which more make no suspect any stronger."""
UNFAMILIAR = 0.5
"""Weight of a significance where the normal period does not tell how the component varies."""
BEHIND = 0.9
"""Weight of what comes next to a component that is suspected for the same excess."""
UNANSWERED = "its calls were recorded as another's"


@dataclass(slots=True, kw_only=True)
class ComponentScores:
    """Scores in the order of the components.

    Args:
        score: 0 to 1.
        explained: share of the symptom's excess that the component, or the one whose excess it
            inherits, explains.
        significance: own excess in standard deviations of quiet windows.
        inherited_from: index of the component whose excess it may explain, else None.
        departure: in which way it departed itself, in words.
    """

    score: FloatArray
    explained: FloatArray
    significance: FloatArray
    inherited_from: list[int | None]
    departure: list[str]

    def inherit(self, heir: int, source: int, score: float, explained: float, why: str) -> None:
        """Let ``heir`` be suspected for what ``source`` costs, if that makes it more suspect."""
        if score > self.score[heir]:
            self.score[heir], self.explained[heir] = score, explained
            self.inherited_from[heir], self.departure[heir] = source, why


def significance(compared: ComparedWindows, excess: ComparedExcess, own: FloatArray) -> FloatArray:
    """Return the own excess in standard deviations of quiet windows, 0 where no call leads."""
    familiar = np.where(np.isnan(excess.usual), UNFAMILIAR, 1.0)
    noise = np.maximum(excess.own_noise, np.finfo(float).tiny)
    reached = compared.calls.distance != UNREACHED
    return np.where(reached, familiar * own / noise, 0.0)


def strength(
    compared: ComparedWindows, excess: ComparedExcess, own: FloatArray, symptom: FloatArray
) -> FloatArray:
    """Return explained excess times significance, of shape (windows, components).

    Args:
        compared: the windows.
        excess: by the symptom's metric.
        own: excess, of shape (windows, components).
        symptom: excess of the symptom's component, of shape (windows,).
    """
    explained = np.clip(np.minimum(own, symptom[:, None]), 0.0, None)
    return explained * np.clip(significance(compared, excess, own) / CERTAIN, 0.0, 1.0)


def component_scores(
    compared: ComparedWindows,
    excess: ComparedExcess,
    departures: CalleeDepartures,
    moved: tuple[MovedCalls, ...],
) -> ComponentScores:
    """Score every component by its own excess, then by what its callers' excess says of it.

    Args:
        compared: the windows.
        excess: by the symptom's metric.
        departures: of callees by another metric, or by falling silent.
        moved: calls that went elsewhere during the symptom.
    """
    symptom = max(float(excess.window.symptom[0]), 0.0)
    share = 1 / symptom if symptom > 0 else 0.0
    own = strength(compared, excess, excess.own, excess.window.symptom)[0] * share
    explained = np.clip(excess.own[0] * share, 0.0, 1.0)
    calls = compared.calls.calls
    beyond_doubt = np.asarray((calls & (departures.strength >= 1)).any(axis=1))
    for move in moved:
        if _is_unanswered(move):
            beyond_doubt[[move.caller, move.after]] = True
    scores = ComponentScores(
        score=np.where(beyond_doubt, BEHIND * own, own),
        explained=explained.copy(),
        significance=significance(compared, excess, excess.own[0]),
        inherited_from=[None] * len(own),
        departure=[""] * len(own),
    )
    for caller, callee in np.argwhere(calls & (departures.strength > 0)):
        passed = float(own[caller] * departures.strength[callee])
        why = departures.words[callee]
        scores.inherit(int(callee), int(caller), passed, float(explained[caller]), why)
    for move in moved:
        source = max((move.caller, move.after), key=lambda place: own[place])
        passed = float(own[source]) * move.likelihood * (1.0 if _is_unanswered(move) else BEHIND)
        scores.inherit(move.before, source, passed, float(explained[source]), UNANSWERED)
    return scores


def _is_unanswered(move: MovedCalls) -> bool:
    """Tell whether a component did not answer, rather than its caller turning to another."""
    return move.unanswered and move.likelihood >= 1
