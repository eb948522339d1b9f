"""How often the true origin of an incident is the first component to suspect.

    python -m benchmarks.suspects FOLDER [--out FILE.csv]

Ranks the components for every incident of a folder (layout: `benchmarks.incident_folders`),
prints by scenario and symptom how often the origin is first and among the first three, of all
and with confidence, beside two baselines, and how often quiet windows yield no confident suspect:
windows of an incident's length, of one half of a normal period, learning from the other half.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.incident_folders import KnownIncident, Scenario, read_incidents, read_scenarios
from benchmarks.quiet_periods import QuietWindow, quiet_windows, specificity
from benchmarks.suspect_baselines import BaselineRanking, largest_z, walk_by_anomaly
from opslib.analysis.incident.component_suspects import ComponentRanking, Symptom
from opslib.analysis.incident.rank_components import rank_components

TOP = 3
Baseline = Callable[[pd.DataFrame, pd.DataFrame, pd.DataFrame, Symptom], BaselineRanking]
BASELINES: dict[str, Baseline] = {"largest z": largest_z, "walk": walk_by_anomaly}


def judged(incident: KnownIncident) -> tuple[dict[str, object], ComponentRanking]:
    """Return one row of scores for one incident, and the ranking."""
    scenario = incident.scenario
    began = time.perf_counter()
    ranking = rank_components(incident.metrics, scenario.normal, scenario.calls, incident.symptom)
    spent = time.perf_counter() - began
    place = _place([suspect.component for suspect in ranking.suspects], incident.origin)
    row: dict[str, object] = {
        "scenario": scenario.name,
        "metric": str(incident.symptom.metric),
        "top-1": place == 1,
        "top-3": place <= TOP,
        "confident": ranking.confident,
        "confident top-1": ranking.confident and place == 1,
        "ms": spent * 1000,
    }
    for name, baseline in BASELINES.items():
        order = baseline(incident.metrics, scenario.normal, scenario.calls, incident.symptom)
        held = _place(order.components, incident.origin)
        row |= {f"{name} top-1": held == 1, f"{name} top-3": held <= TOP}
    return row, ranking


def rows_of(incident: KnownIncident, ranking: ComponentRanking) -> list[dict[str, object]]:
    """Return the ranking of one incident, one row a component."""
    return [
        {
            "case": incident.case,
            "scenario": incident.scenario.name,
            "split": incident.split,
            "target": incident.symptom.component,
            "metric": str(incident.symptom.metric),
            "rank": rank,
            "component": suspect.component,
            "score": suspect.score,
            "confident": ranking.confident and rank == 1,
            "true_root_cause": incident.origin,
            "own_excess": suspect.own_excess,
            "gross_excess": suspect.gross_excess,
            "explained": suspect.explained,
            "significance": suspect.significance,
            "requests_ratio": suspect.requests_ratio,
            "distance": suspect.distance,
            "inherited_from": suspect.inherited_from,
            "departure": suspect.departure,
            "p_value": ranking.p_value,
            "reservations": "; ".join(ranking.reservations),
        }
        for rank, suspect in enumerate(ranking.suspects, start=1)
    ]


def print_recall(rows: pd.DataFrame) -> None:
    """Print recall by scenario and metric, by metric, and of all."""
    measures = [name for name in rows.columns if name not in {"scenario", "metric"}]
    everywhere = rows.assign(scenario="all")
    both = everywhere.assign(metric="both")
    shown = pd.concat([rows, everywhere, both]).groupby(["scenario", "metric"], sort=False)
    table = shown[measures].mean()
    table.insert(0, "cases", shown.size())
    print(table.astype(float).round(3).to_string())


def print_specificity(windows: Sequence[QuietWindow]) -> None:
    """Print by scenario and metric how often nobody is named in a quiet window."""
    groups: dict[tuple[str, str], list[QuietWindow]] = {}
    for window in windows:
        groups.setdefault((window.scenario.name, str(window.symptom.metric)), []).append(window)
        groups.setdefault(("all", str(window.symptom.metric)), []).append(window)
    print(f"\n{'quiet windows of':<22}{'metric':<14}{'windows':>8}{'specificity':>13}", end="")
    print("".join(f"{name:>12}" for name in BASELINES))
    for (scenario, metric), held in groups.items():
        ours = specificity(held, lambda *tables: rank_components(*tables).confident)
        print(f"{scenario:<22}{metric:<14}{len(held):>8}{ours:>13.3f}", end="")
        for baseline in BASELINES.values():
            theirs = specificity(held, lambda *tables, by=baseline: by(*tables).named)
            print(f"{theirs:>12.3f}", end="")
        print()


def _place(order: Sequence[str], origin: str) -> int:
    return order.index(origin) + 1 if origin in order else len(order) + 1


def _quiet(scenarios: Sequence[Scenario], incidents: Sequence[KnownIncident]) -> list[QuietWindow]:
    return [
        window
        for scenario in scenarios
        if scenario.normal_of == scenario.name
        for window in quiet_windows(scenario, incidents)
    ]


def main() -> int:
    """Print the tables, and write the rankings where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, help="write every ranking there, as CSV")
    options = parser.parse_args()
    scenarios = read_scenarios(options.folder)
    incidents = [i for scenario in scenarios for i in read_incidents(options.folder, scenario)]
    if not incidents:
        print(f"{options.folder}: no incident with a normal period beside it", file=sys.stderr)
        return 2
    judgements = [(incident, *judged(incident)) for incident in incidents]
    if options.out:
        rankings = [
            row for incident, _, ranking in judgements for row in rows_of(incident, ranking)
        ]
        pd.DataFrame(rankings).to_csv(options.out, index=False)
    print_recall(pd.DataFrame([row for _, row, _ in judgements]))
    print_specificity(_quiet(scenarios, incidents))
    return 0


if __name__ == "__main__":
    sys.exit(main())
