"""How often the origin of an injected fault is the first component to suspect.

    python -m benchmarks.injected_faults FOLDER [--each N] [--seed N] [--symptoms NAME ...]

Injects faults of every kind into every component that the symptom's reaches (see
`benchmarks.fault_injection`), in the normal periods of a folder (layout:
`benchmarks.incident_folders`), learning from the rest of the same period; prints how often the
origin is first, among the first three and named with confidence, by kind and by component.
Symptoms are looked for in the components that the folder's incidents name, unless told.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.fault_injection import INTERVALS, KINDS, inject, reached_from
from benchmarks.fault_surroundings import Fault, System
from benchmarks.incident_folders import Scenario, read_incidents, read_scenarios
from opslib.analysis.incident.component_series import ComponentSeries, component_series
from opslib.analysis.incident.component_suspects import Symptom
from opslib.analysis.incident.rank_components import rank_components
from opslib.tables.component_metrics import ComponentMetric, MetricStatistic

TOP = 3
APART = 12
"""Intervals on both sides of a window from which nothing is learnt."""


def outcomes(
    scenario: Scenario, symptom: str, each: int, chance: np.random.Generator
) -> Iterator[dict[str, object]]:
    """Yield one row for every fault that could be injected."""
    names = sorted(scenario.normal["Component"].unique())
    series = component_series(scenario.normal, names)
    index = {name: place for place, name in enumerate(names)}
    calls = tuple(
        (index[caller], index[callee])
        for caller, callee in zip(scenario.calls["Caller"], scenario.calls["Callee"], strict=True)
        if caller in index and callee in index and caller != callee
    )
    system = System(series=series, calls=calls)
    for origin in reached_from(calls, index[symptom]):
        for metric, kinds in KINDS.items():
            for kind in kinds:
                fault = Fault(origin=origin, symptom=index[symptom], metric=metric, kind=kind)
                for _ in range(each):
                    row = outcome(scenario, names, system, fault, chance)
                    if row is not None:
                        yield row


def outcome(
    scenario: Scenario,
    names: Sequence[str],
    system: System,
    fault: Fault,
    chance: np.random.Generator,
) -> dict[str, object] | None:
    """Inject one fault and return how it was ranked; None where it would not be seen."""
    first = int(chance.integers(0, len(system.series.starts) - INTERVALS))
    injected = inject(system, fault, first, chance)
    if injected is None:
        return None
    window, onset = injected
    seconds = system.series.starts[1] - system.series.starts[0]
    near = (window.starts[0] - APART * seconds, window.starts[-1] + APART * seconds)
    at = scenario.normal["Timestamp"]
    inside = at.between(_moment(near[0]), _moment(near[1]))
    symptom = Symptom(component=names[fault.symptom], metric=fault.metric, onset=_moment(onset))
    ranking = rank_components(
        as_table(window, names), scenario.normal[~inside], scenario.calls, symptom
    )
    place = [suspect.component for suspect in ranking.suspects].index(names[fault.origin]) + 1
    return {
        "symptom": names[fault.symptom],
        "metric": str(fault.metric),
        "kind": fault.kind,
        "origin": names[fault.origin],
        "top-1": place == 1,
        "top-3": place <= TOP,
        "confident": ranking.confident,
        "right if confident": place == 1 if ranking.confident else np.nan,
    }


def as_table(series: ComponentSeries, names: Sequence[str]) -> pd.DataFrame:
    """Return the series as a long table of component metrics."""
    values = {
        (ComponentMetric.REQUESTS, MetricStatistic.SUM): series.requests,
        (ComponentMetric.LATENCY, MetricStatistic.AVERAGE): series.cost[ComponentMetric.LATENCY],
        (ComponentMetric.AVAILABILITY, MetricStatistic.AVERAGE): 100
        * (1 - series.cost[ComponentMetric.AVAILABILITY]),
    }
    times = [_moment(start) for start in series.starts]
    parts = [
        pd.DataFrame(array, index=times, columns=list(names))
        .melt(ignore_index=False, var_name="Component", value_name="Value")
        .rename_axis("Timestamp")
        .reset_index()
        .assign(Metric=str(metric), Statistic=str(statistic))
        for (metric, statistic), array in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _print(rows: pd.DataFrame, by: list[str]) -> None:
    measures = ["top-1", "top-3", "confident", "right if confident"]
    groups = rows.groupby(by)
    table = groups[measures].mean().astype(float).round(3)
    table.insert(0, "faults", groups.size())
    print(f"\n{table.to_string()}")


def main() -> int:
    """Print recall by kind and by component."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=1, help="faults a component and kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--symptoms", nargs="*", default=[])
    options = parser.parse_args()
    chance = np.random.default_rng(options.seed)
    rows: list[dict[str, object]] = []
    for scenario in read_scenarios(options.folder):
        if scenario.normal_of == scenario.name:
            told = {i.symptom.component for i in read_incidents(options.folder, scenario)}
            for symptom in sorted(options.symptoms or told):
                rows += outcomes(scenario, symptom, options.each, chance)
    if not rows:
        print(f"{options.folder}: no normal period with a symptom to inject", file=sys.stderr)
        return 2
    table = pd.DataFrame(rows)
    for by in (["metric"], ["metric", "kind"], ["metric", "origin"]):
        _print(table, by)
    return 0


if __name__ == "__main__":
    sys.exit(main())
