"""How often a period without incident yields a confident suspect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from benchmarks.incident_folders import KnownIncident, Scenario
from opslib.analysis.incident.component_suspects import Symptom
from opslib.tables.component_metrics import ComponentMetric

__all__ = ["QuietWindow", "quiet_windows", "specificity"]

Names = Callable[[pd.DataFrame, pd.DataFrame, pd.DataFrame, Symptom], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietWindow:
    """A window of one half of a normal period, the other half being what is learnt from."""

    scenario: Scenario
    metrics: pd.DataFrame
    learnt: pd.DataFrame
    symptom: Symptom


def quiet_windows(scenario: Scenario, incidents: Sequence[KnownIncident]) -> Iterator[QuietWindow]:
    """Cut the normal period into windows as long as an incident's, one after another.

    For each, the symptoms that the incidents had are asked for, with an onset as far into the
    window as theirs, in the median. What is usual is learnt from the half of the normal period
    that the window is not in; windows across the middle are left out.
    """
    starts = pd.DatetimeIndex(scenario.normal["Timestamp"].unique()).sort_values()
    length = int(pd.Series([i.metrics["Timestamp"].nunique() for i in incidents]).median())
    into = pd.Series([_onset_after(incident) for incident in incidents]).median()
    middle = starts[len(starts) // 2]
    asked = sorted({(i.symptom.component, i.symptom.metric) for i in incidents})
    early = scenario.normal["Timestamp"] < middle
    halves = {True: scenario.normal[early], False: scenario.normal[~early]}
    for first in range(0, len(starts) - length + 1, length):
        begin, end = starts[first], starts[first + length - 1]
        if begin < middle <= end:
            continue
        half = halves[bool(end < middle)]
        inside = half["Timestamp"].between(begin, end)
        for component, metric in asked:
            yield QuietWindow(
                scenario=scenario,
                metrics=half[inside],
                learnt=halves[not bool(end < middle)],
                symptom=Symptom(
                    component=component,
                    metric=ComponentMetric(metric),
                    onset=begin + timedelta(seconds=float(into)),
                ),
            )


def specificity(windows: Sequence[QuietWindow], names: Names) -> float:
    """Return the share of windows in which ``names`` says that it names nobody."""
    named = [
        names(window.metrics, window.learnt, window.scenario.calls, window.symptom)
        for window in windows
    ]
    return 1 - sum(named) / len(named)


def _onset_after(incident: KnownIncident) -> float:
    onset = incident.symptom.onset
    if onset is None:
        return 0.0
    return float((onset - incident.metrics["Timestamp"].min()).total_seconds())
