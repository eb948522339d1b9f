from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd

from tests.analysis.incident.systems import CALLS, ONSET, quiet_period, window_of

COMPONENTS = ["shop", "search", "pay", "table", "bank"]


def wide(table: pd.DataFrame) -> pd.DataFrame:
    keys = ["Component", "Metric", "Statistic"]
    laid_out = table.pivot_table(index="Timestamp", columns=keys, values="Value")
    laid_out.index = [moment.timestamp() for moment in laid_out.index]
    laid_out.columns.names = ["microservice", "metric", "statistic"]
    return laid_out


def write_folder(folder: Path, onset: datetime) -> None:
    scenario = folder / "calm"
    issue = scenario / "test" / "issue_0"
    issue.mkdir(parents=True)
    (scenario / "noissue").mkdir()
    edges = pd.DataFrame(0.0, index=COMPONENTS, columns=COMPONENTS)
    for caller, callee in zip(CALLS["Caller"], CALLS["Callee"], strict=True):
        edges.loc[caller, callee] = 1.0
    edges.to_csv(scenario / "graph.csv")
    wide(quiet_period(80)).to_csv(scenario / "noissue" / "metrics.csv")
    slow = [0.0, 0.0, 1.0, 1.0, 0.0]
    slower = {"pay": [0.4 * s for s in slow], "shop": [0.2 * s for s in slow]}
    wide(window_of(slower=slower)).to_csv(issue / "metrics.csv")
    target = {"node": "shop", "metric": "latency", "agg": "Average", "timestamp": onset.timestamp()}
    told = {"target": target, "root_cause": {"node": "pay", "metric": None}}
    (issue / "target.json").write_text(json.dumps(told), encoding="utf-8")


def test_the_benchmark_reads_a_folder_and_writes_its_rankings(tmp_path: Path) -> None:
    write_folder(tmp_path / "incidents", ONSET)
    out = tmp_path / "rankings.csv"
    command = [sys.executable, "-m", "benchmarks.suspects", str(tmp_path / "incidents")]
    ran = subprocess.run(
        [*command, "--out", str(out)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "top-1" in ran.stdout
    assert "quiet windows of" in ran.stdout
    rankings = pd.read_csv(out)
    assert set(rankings["component"]) == set(COMPONENTS)
    best = rankings[rankings["rank"] == 1].iloc[0]
    assert (best["component"], best["split"], bool(best["confident"])) == ("pay", "test", True)


def test_a_folder_without_incidents_is_said_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.suspects", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 2
    assert "no incident" in ran.stderr
