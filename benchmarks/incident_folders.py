"""Incidents in folders: measurements and calls as files, each incident with its known origin.

::

    SCENARIO/graph.csv                          adjacency, rows call columns
    SCENARIO/noissue/metrics.csv                a period when all was well
    SCENARIO/{train,test}/ISSUE/metrics.csv     around the incident
    SCENARIO/{train,test}/ISSUE/target.json     the symptom, and the true origin

`metrics.csv` has three header rows (component, metric, statistic) and seconds since 1970 as its
index. A scenario without a normal period takes that of `low_traffic`, else the first there is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from opslib.analysis.incident.component_suspects import Symptom
from opslib.tables.component_metrics import ComponentMetric

__all__ = ["KnownIncident", "Scenario", "read_incidents", "read_scenarios"]

SUBSTITUTE = "low_traffic"
SPLITS = ("train", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is known of a system under one kind of traffic.

    Args:
        name: of its folder.
        normal: columns of `COMPONENT_METRICS`, of a period when all was well.
        normal_of: the scenario that the normal period was measured in.
        calls: columns of `CALLS`.
    """

    name: str
    normal: pd.DataFrame
    normal_of: str
    calls: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIncident:
    """One incident, and the component that truly was its origin."""

    case: str
    split: str
    scenario: Scenario
    metrics: pd.DataFrame
    symptom: Symptom
    origin: str


def read_scenarios(folder: Path) -> list[Scenario]:
    """Return the scenarios of ``folder``, by name; none where no normal period is to be had."""
    folders = sorted(path.parent for path in folder.glob("*/graph.csv"))
    normal = {
        path.name: _read_metrics(path / "noissue" / "metrics.csv")
        for path in folders
        if (path / "noissue" / "metrics.csv").is_file()
    }
    if not normal:
        return []
    substitute = SUBSTITUTE if SUBSTITUTE in normal else min(normal)
    scenarios = []
    for path in folders:
        of = path.name if path.name in normal else substitute
        calls = _read_calls(path / "graph.csv")
        scenarios.append(Scenario(name=path.name, normal=normal[of], normal_of=of, calls=calls))
    return scenarios


def read_incidents(folder: Path, scenario: Scenario) -> Iterator[KnownIncident]:
    """Read the incidents of one scenario, in the order of split and name."""
    for split in SPLITS:
        for path in sorted((folder / scenario.name / split).glob("*/target.json")):
            told = json.loads(path.read_text(encoding="utf-8"))
            target = told["target"]
            yield KnownIncident(
                case=path.parent.name,
                split=split,
                scenario=scenario,
                metrics=_read_metrics(path.parent / "metrics.csv"),
                symptom=Symptom(
                    component=target["node"],
                    metric=ComponentMetric(target["metric"]),
                    onset=_onset(target.get("timestamp")),
                ),
                origin=told["root_cause"]["node"],
            )


def _onset(seconds: float | None) -> pd.Timestamp | None:
    return None if seconds is None else pd.Timestamp(seconds, unit="s", tz="UTC")


def _read_metrics(path: Path) -> pd.DataFrame:
    wide = pd.read_csv(path, header=[0, 1, 2], index_col=0)
    wide.index = pd.to_datetime(wide.index.astype(float), unit="s", utc=True)
    names = [[str(name) for name in wide.columns.get_level_values(level)] for level in range(3)]
    parts = [
        pd.DataFrame(
            {
                "Component": component,
                "Metric": metric,
                "Statistic": statistic,
                "Timestamp": wide.index,
                "Value": pd.to_numeric(wide.iloc[:, place], errors="coerce").to_numpy(float),
            }
        )
        for place, (component, metric, statistic) in enumerate(zip(*names, strict=True))
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.astype(dict.fromkeys(["Component", "Metric", "Statistic"], "category"))


def _read_calls(path: Path) -> pd.DataFrame:
    calls = pd.read_csv(path, index_col=0)
    pairs = [
        (str(caller), str(callee))
        for caller, row in zip(calls.index, calls.to_numpy(), strict=True)
        for callee, called in zip(calls.columns, row, strict=True)
        if called > 0
    ]
    return pd.DataFrame(pairs, columns=["Caller", "Callee"])
