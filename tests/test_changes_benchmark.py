from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.changes import average_precision
from tests.cloudtrail_records import record, write_records

ODD = {
    "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "StopLogging",
    "sourceIPAddress": "203.0.113.9",
}


def ranked(folder: Path, agents: Sequence[str | None]) -> tuple[str, str]:
    """Return what the benchmark prints, but times, and writes of a month with one odd change."""
    usual = [record(day, eventTime=f"2026-02-{day + 1:02d}T12:00:00Z") for day in range(28)]
    odd = record(99, eventTime="2026-02-20T03:00:00Z", **ODD)
    records = [
        {**item, "userAgent": agent} for item, agent in zip([*usual, odd], agents, strict=True)
    ]
    if None in agents:
        records = [{key: item[key] for key in item if key != "userAgent"} for item in records]
    write_records(folder / "logs" / "a.json.gz", records[:20])
    write_records(folder / "logs" / "b.json.gz", records[20:])
    (folder / "ids.txt").write_text("event-0099\n")
    command = ["-m", "benchmarks.changes", str(folder / "logs"), "--truth", str(folder / "ids.txt")]
    done = subprocess.run(
        [sys.executable, *command, "--out", str(folder / "out.csv")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return done.stdout, (folder / "out.csv").read_text()


def test_the_odd_change_of_a_month_is_found_whatever_the_user_agents(tmp_path: Path) -> None:
    agents = [f"agent {number}" for number in range(29)]
    printed, table = ranked(tmp_path / "a", agents)
    assert "29 events (0 repeated), 29 changes" in printed
    assert "rank_changes                             1.000         1         1" in printed
    assert table.splitlines()[1].startswith("1,event-0099,")
    variants: tuple[Sequence[str | None], ...] = (agents[::-1], [None] * 29)
    for others in variants:
        assert ranked(tmp_path / "b", others)[1] == table


@pytest.mark.parametrize(
    ("order", "expected"),
    [("abcd", 1.0), ("xayb", (1 / 2 + 2 / 4) / 4), ("xyz", 0.0)],
)
def test_average_precision(order: str, expected: float) -> None:
    assert average_precision(list(order), set("abcd")) == pytest.approx(expected)
