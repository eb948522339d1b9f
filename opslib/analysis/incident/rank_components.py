"""Ranking components by what they add to a symptom, against quiet windows of the same length."""

from __future__ import annotations

import numpy as np
import pandas as pd

from opslib.analysis.incident.call_shares import UNREACHED
from opslib.analysis.incident.callee_departures import CalleeDepartures, callee_departures
from opslib.analysis.incident.component_confidence import conformal_p_value, reservations
from opslib.analysis.incident.component_scores import (
    ComponentScores,
    component_scores,
    strength,
)
from opslib.analysis.incident.component_suspects import (
    ComponentRanking,
    ComponentSuspect,
    Symptom,
)
from opslib.analysis.incident.component_windows import (
    ComparedExcess,
    ComparedWindows,
    compared_windows,
)
from opslib.analysis.incident.moved_calls import moved_calls
from opslib.errors import ParameterError

__all__ = ["rank_components"]

EQUAL_DIGITS = 12


def rank_components(
    metrics: pd.DataFrame,
    normal: pd.DataFrame,
    calls: pd.DataFrame,
    symptom: Symptom,
    *,
    false_alarm_share: float = 0.05,
) -> ComponentRanking:
    """Rank the components of a system by how much they are to suspect for a symptom.

    Method: the symptom's excess is divided among the components that it reaches by calls (see
    `opslib.analysis.incident.excess`). A component's score is the share of the symptom's excess
    that its own excess explains, times its significance: the own excess in standard deviations
    of the same quantity in quiet windows, of five at most, so that a component with next to no
    noise does not outdo one that explains more. A callee that departed from usual by another
    metric, or whose calls were recorded as another's, inherits its caller's score (see
    `opslib.analysis.incident.callee_departures` and `.moved_calls`). The
    strength of the first suspect, in seconds or failures, is compared with that of the first
    suspect of every quiet window; this makes false alarms as rare as ``false_alarm_share``.

    Assumptions: one origin; requests and costs are means over all requests; the window begins
    before the symptom does. Failure modes: those of the parts; a component that nobody measures
    is not suspected, its caller is.

    Args:
        metrics: of the incident's window, `opslib.tables.component_metrics.COMPONENT_METRICS`.
        normal: the same of a period when all was well, the longer the better.
        calls: `opslib.tables.component_metrics.CALLS`.
        symptom: what suffers, and since when.
        false_alarm_share: of quiet windows that may yield a confident suspect.

    Returns:
        All components that the tables name, the first to suspect first.

    Raises:
        ParameterError: no such component, intervals of different lengths, an impossible share.
        TableError: two values for the same component, metric and interval.
    """
    if not 0 < false_alarm_share < 1:
        raise ParameterError("a share lies between 0 and 1", where="false_alarm_share")
    compared = compared_windows(metrics, normal, calls, symptom)
    excess = compared.compared(symptom.metric)
    departures = callee_departures(compared, symptom.metric, excess)
    strongest = strength(compared, excess, excess.own, excess.window.symptom).max()
    quiet = strength(compared, excess, excess.quiet_own, excess.quiet.symptom)
    scores = component_scores(compared, excess, departures, moved_calls(compared, excess))
    order = _order(compared, scores)
    symptom_excess = _symptom_excess(compared, symptom, excess)
    chance = conformal_p_value(float(strongest), quiet.max(axis=1, initial=0.0))
    first = order[0]
    reasons = reservations(
        symptom_excess=symptom_excess,
        explained=float(scores.explained[first]),
        p_value=chance,
        quiet_windows=len(quiet),
        false_alarm_share=false_alarm_share,
        level_measured=_level_measured(compared, symptom, first),
        unmeasured_callees=tuple(
            compared.components[callee]
            for callee in np.flatnonzero(compared.calls.calls[first] & departures.unmeasured)
        ),
    )
    return ComponentRanking(
        suspects=tuple(_suspect(compared, excess, departures, scores, place) for place in order),
        symptom_excess=symptom_excess,
        p_value=chance,
        quiet_windows=len(quiet),
        confident=not reasons,
        reservations=reasons,
    )


def _order(compared: ComparedWindows, scores: ComponentScores) -> list[int]:
    unreached = compared.calls.distance == UNREACHED
    return sorted(
        range(len(compared.components)),
        key=lambda place: (
            -round(float(scores.score[place]), EQUAL_DIGITS),
            bool(unreached[place]),
            -round(float(scores.significance[place]), EQUAL_DIGITS),
            compared.components[place],
        ),
    )


def _level_measured(compared: ComparedWindows, symptom: Symptom, place: int) -> bool:
    """Tell whether a component was measured before the onset, if only as not called."""
    before = slice(0, compared.shape.before)
    requests = compared.window.requests[before, place]
    cost = compared.window.cost[symptom.metric][before, place]
    told = (requests == 0) | (~np.isnan(requests) & ~np.isnan(cost))
    return compared.shape.before == 0 or bool(told.any())


def _symptom_excess(compared: ComparedWindows, symptom: Symptom, excess: ComparedExcess) -> float:
    """Return the symptom's excess; NaN where its component was not measured."""
    after = compared.window.cost[symptom.metric][compared.shape.before :, compared.shape.at]
    unknown = bool(np.isnan(after).all()) or bool(np.isnan(excess.usual[compared.shape.at]))
    return float("nan") if unknown else float(excess.window.symptom[0])


def _suspect(
    compared: ComparedWindows,
    excess: ComparedExcess,
    departures: CalleeDepartures,
    scores: ComponentScores,
    place: int,
) -> ComponentSuspect:
    origin = scores.inherited_from[place]
    ratio = float(departures.requests_ratio[place])
    distance = int(compared.calls.distance[place])
    return ComponentSuspect(
        component=compared.components[place],
        score=float(scores.score[place]),
        gross_excess=float(excess.window.gross[0, place]),
        own_excess=float(excess.own[0, place]),
        explained=float(scores.explained[place]),
        significance=float(scores.significance[place]),
        requests_ratio=None if np.isnan(ratio) else ratio,
        distance=None if distance == UNREACHED else distance,
        inherited_from=None if origin is None else compared.components[origin],
        departure=scores.departure[place],
    )
