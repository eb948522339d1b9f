"""What a run reads for an incident: sources that are off, logs, and how long a lookup takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.parameters.incident import IncidentParameters, IncidentSource
from opslib.people.incident_scope import IncidentScope
from opslib.people.incident_tables import read_incident_tables
from opslib.tables.incident import IncidentTables
from opslib.timewindow import TimeWindow
from tests.aws.model_clients import ModelConnection, model_reads
from tests.aws.test_cloudtrail_lookup import listed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON - timedelta(minutes=15), end=NOON)
SCOPE = IncidentScope(window=WINDOW, file=None)
COUNTED = {"bin(1m)": "2026-03-01 11:50:00.000", "@log": "1:/ecs/web", "errors": "3"}
LINE = {
    "@timestamp": "2026-03-01 11:50:30.500",
    "@message": "ERROR order 4711 timed out",
    "@log": "1:/ecs/web",
    "@ptr": "p1",
}


class Insights:
    """Answers a query by whether it counts or asks for lines."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def start(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {"queryId": str(len(self.asked))}

    def results(self, queryId: str) -> dict[str, Any]:  # noqa: N803
        asked = self.asked[int(queryId) - 1]
        row = COUNTED if "stats" in asked["queryString"] else LINE
        text = row.get("@timestamp") or row["bin(1m)"]
        at = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
        told = [row] if asked["startTime"] <= at <= asked["endTime"] else []
        return {
            "status": "Complete",
            "results": [[{"field": n, "value": v} for n, v in one.items()] for one in told],
            "statistics": {"bytesScanned": 1e9},
        }


def read(
    folder: Path, insights: Insights | None = None, **values: Any
) -> tuple[IncidentTables, Reads, ModelConnection]:
    asks = insights or Insights()
    answers: dict[str, dict[str, Any]] = {
        "cloudtrail": {"LookupEvents": {"Events": [listed(1)]}},
        "logs": {
            "DescribeLogGroups": {"logGroups": [{"logGroupName": "/ecs/web"}]},
            "StartQuery": asks.start,
            "GetQueryResults": asks.results,
        },
    }
    parameters = IncidentParameters.parse(
        {"as_of": "2026-03-02T06:00:00Z", "start": WINDOW.start, "end": WINDOW.end, **values}
    )
    reads, connection = model_reads(folder, answers)
    return read_incident_tables(reads, parameters, SCOPE), reads, connection


def test_a_source_that_is_off_is_a_gap(tmp_path: Path) -> None:
    tables, reads, connection = read(tmp_path, sources=[])
    assert connection.asked == []
    assert tables.trail is None
    assert tables.logs is None
    told = {line.table: line for line in reads.coverage}
    assert len(told) == len(IncidentSource)
    assert {line.status for line in told.values()} == {CoverageStatus.NOT_ASKED}
    assert told["alarms events"].detail == "sources leaves it out"


def test_logs_without_a_group_are_a_gap(tmp_path: Path) -> None:
    _, reads, _ = read(tmp_path, sources=["logs"])
    (line,) = [line for line in reads.coverage if line.table == "log errors"]
    assert line.status is CoverageStatus.NOT_ASKED
    assert line.detail == "log_groups names none"


def test_logs_are_counted_sampled_and_told_as_events(tmp_path: Path) -> None:
    insights = Insights()
    tables, reads, _ = read(tmp_path, insights, sources=["logs"], log_groups=["/ecs/web"])
    assert tables.logs is not None
    assert tables.logs.errors["Errors"].tolist() == [3]
    assert tables.logs.lines["Line"].tolist() == ["ERROR order 4711 timed out"]
    patterns = tables.logs.patterns[["LogGroup", "Pattern", "Errors"]].to_numpy().tolist()
    assert patterns == [["/ecs/web", "ERROR order <n> timed out", 3.0]]
    (told,) = [frame for frame in tables.events if not frame.empty]
    assert told["Source"].tolist() == ["logs"]
    kinds = {line.table for line in reads.coverage if line.status is CoverageStatus.COMPLETE}
    assert kinds == {"log errors", "error lines"}


def test_counts_and_lines_share_the_limit(tmp_path: Path) -> None:
    asked = {"sources": ["logs"], "log_groups": ["/ecs/web"], "max_scan_gb": 4.0}
    insights = Insights()
    _, reads, _ = read(tmp_path, insights, **asked)
    assert len([one for one in insights.asked if "stats" in one["queryString"]]) == 2
    cut = [line for line in reads.coverage if line.status is CoverageStatus.TRUNCATED]
    assert "the limit is 2" in cut[0].detail


def test_a_lookup_says_how_long_it_takes_and_goes_back_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("opslib.people.incident_tables.tell", told.append)
    tables, _, connection = read(tmp_path, sources=["cloudtrail"], history_days=1.5)
    assert len(told) == 1
    assert "changing events in 1 accounts and regions take about" in told[0]
    starts = {asked["StartTime"] for _, asked in connection.asked}
    assert starts == {WINDOW.start, WINDOW.start - timedelta(days=2)}
    assert tables.trail is not None
    assert tables.trail["EventId"].tolist() == ["event-1"]
    assert tables.history is not None
