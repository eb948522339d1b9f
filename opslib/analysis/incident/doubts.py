"""Why a report cannot say that nothing happened, or that it is over.

Method: silence is not health. That no metric left the usual is only said where every metric that
was asked for could be judged, none was unusual already when the window began, and none left the
usual beside the one that parameters or the incident's file name. That it is over is only said where
every metric could be judged and none goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opslib.analysis.incident.onset import SymptomState
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.symptoms import ShownMetric
from opslib.wording import count, join, printable

__all__ = ["began_before", "doubt_calm", "doubt_end", "named_few"]

MOST_NAMED = 3


def doubt_calm(analysis: IncidentAnalysis, lacking: Sequence[str]) -> tuple[str, ...]:
    """Return why it cannot be said that nothing left the usual; empty where it can.

    Args:
        analysis: what was found, without an onset.
        lacking: what coverage says is missing of the metrics.
    """
    if not analysis.shown:
        return ("no metric of latency, errors or availability was read", *lacking)
    return (
        *(f"{printable(one.name)}: {one.symptom.why}" for one in began_before(analysis)),
        *_others(analysis),
        *_blind(analysis.shown),
        *lacking,
    )


def doubt_end(analysis: IncidentAnalysis) -> tuple[str, ...]:
    """Return why it cannot be said that it is over, though the symptom is; empty where it can."""
    going = [
        one
        for one in analysis.shown
        if one is not analysis.symptom and one.symptom.state is SymptomState.ONGOING
    ]
    told = [f"{named_few(going)} left the usual and went on"] if going else []
    return (*told, *_blind(analysis.shown))


def began_before(analysis: IncidentAnalysis) -> tuple[ShownMetric, ...]:
    """Return the metrics that were unusual already when the window began."""
    return tuple(
        one for one in analysis.shown if one.symptom.has_left and one.symptom.onset is None
    )


def named_few(shown: Iterable[ShownMetric]) -> str:
    """Return the names of metrics, the first few of them."""
    names = [printable(one.name) for one in shown]
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return join([*names[:MOST_NAMED], *more])


def _others(analysis: IncidentAnalysis) -> tuple[str, ...]:
    left = [one for one in analysis.shown if one.symptom.onset is not None]
    if not left:
        return ()
    return (f"{named_few(left)} left the usual, which is not where the symptom was looked for",)


def _blind(shown: Iterable[ShownMetric]) -> tuple[str, ...]:
    blind = [one for one in shown if one.symptom.state is SymptomState.INCONCLUSIVE]
    told = tuple(f"{printable(one.name)}: {one.symptom.why}" for one in blind[:MOST_NAMED])
    left = len(blind) - MOST_NAMED
    return (*told, f"{count(left, 'more metric')} could not be judged") if left > 0 else told
