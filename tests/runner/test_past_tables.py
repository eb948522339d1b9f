"""Tables of earlier reports, handed to the run that begins and read by it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.savings.past_advice import read_past_advice
from opslib.coverage import CoverageStatus
from opslib.parameters.savings import SavingsParameters
from opslib.run_folder import PAST_TABLES, RunFolder
from opslib.runner.catalog import find_notebook
from opslib.runner.manifest import Manifest, RunStatus, hash_files, write_manifest
from opslib.runner.past_tables import write_past_tables
from tests.aws.fakes import reads_with

SAVINGS = find_notebook("cost_savings")
NOW = "2026-03-02T06:00:00Z"
LINE = {"SubAccountId": "5", "ResourceId": "v", "SkuMeter": "gp3"}


def advice(name: str, saving: str) -> dict[str, Any]:
    words = dict.fromkeys(
        ["kind", "ResourceId", "name", "SubAccountId", "account", "RegionId"], "x"
    )
    cost = {"cost": Decimal(60), "saving": Decimal(saving)}
    return {"id": name, **words, "owner": "", "basis": "bill", **cost}


def report(reports: Path, as_of: str, *rows: dict[str, Any], beside: bool = False) -> Path:
    """Publish a report with advice on one line each; return its folder."""
    folder = reports / as_of[:10] / "test" / f"cost_savings-{as_of[11:19].replace(':', '')}Z"
    (folder / "tables").mkdir(parents=True)
    lines = [{"id": row["id"], **LINE, "cost": row["cost"]} for row in rows]
    more = [{**line, "SkuMeter": "iops"} for line in lines if beside]
    tables = {
        "recommendations": list(rows),
        "recommendation_lines": lines,
        "recommended_charges": [*lines, *more],
    }
    for name, held in tables.items():
        pd.DataFrame(held).to_parquet(folder / "tables" / f"{name}.parquet", index=False)
    manifest = Manifest(
        notebook="cost_savings",
        question="?",
        environment="test",
        parameters={"as_of": as_of},
        started=as_of.replace("Z", "+00:00"),
        status=RunStatus.PUBLISHED,
        files=hash_files(folder),
    )
    write_manifest(folder, manifest)
    return folder


def handed_on(reports: Path, folder: Path) -> list[dict[str, Any]]:
    folder.mkdir(exist_ok=True)
    parameters = SavingsParameters.parse({"environment": "test", "as_of": NOW})
    write_past_tables(folder, reports, SAVINGS, parameters)
    told: list[dict[str, Any]] = json.loads((folder / PAST_TABLES / "runs.json").read_text())
    return told


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, list[CoverageStatus]]:
    reads = reads_with(folder)
    found = read_past_advice(reads)
    return (*found, [line.status for line in reads.coverage])


def test_advice_is_told_once_as_the_last_report_had_it(tmp_path: Path) -> None:
    reports, folder = tmp_path / "reports", tmp_path / "run"
    report(reports, "2026-01-02T06:00:00Z", advice("a", "10"), advice("b", "5"), beside=True)
    report(reports, "2026-02-02T06:00:00Z", advice("a", "12"))
    told = handed_on(reports, folder)
    assert [one["problem"] for one in told] == ["", ""]
    found, lines, statuses = read(folder)
    held = {row["Id"]: row for row in found.to_dict("records")}
    assert held["a"]["Saving"] == Decimal(12)
    assert held["a"]["FirstAsOf"] == datetime(2026, 1, 2, 6, tzinfo=UTC)
    assert held["a"]["LastAsOf"] == datetime(2026, 2, 2, 6, tzinfo=UTC)
    assert held["b"]["LastAsOf"] == datetime(2026, 1, 2, 6, tzinfo=UTC)
    marks = {(r["Id"], r["SkuMeter"], r["Acted"], r["Charged"]) for r in lines.to_dict("records")}
    assert marks == {
        ("a", "gp3", True, True),
        ("b", "gp3", True, True),
        ("b", "iops", False, True),
    }
    assert statuses == [CoverageStatus.COMPLETE] * 2


def test_only_reports_of_earlier_moments_are_past(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    for moment in (NOW, "2026-03-09T06:00:00Z", "2024-12-01T06:00:00Z"):
        report(reports, moment, advice("a", "10"))
    assert handed_on(reports, tmp_path / "run") == []
    found, lines, statuses = read(tmp_path / "run")
    assert (len(found), len(lines)) == (0, 0)
    assert statuses == [CoverageStatus.COMPLETE] * 2


def test_reports_without_advice_have_none(tmp_path: Path) -> None:
    report(tmp_path / "reports", "2026-02-02T06:00:00Z")
    assert len(handed_on(tmp_path / "reports", tmp_path / "run")) == 1
    assert read(tmp_path / "run")[0].empty


@pytest.mark.parametrize("change", ["altered", "gone"])
def test_a_report_that_was_changed_is_left_out_and_named(change: str, tmp_path: Path) -> None:
    reports, folder = tmp_path / "reports", tmp_path / "run"
    report(reports, "2026-01-02T06:00:00Z", advice("a", "10"))
    changed = report(reports, "2026-02-02T06:00:00Z", advice("b", "10"))
    place = changed / "tables" / "recommendations.parquet"
    if change == "gone":
        place.unlink()
    else:
        pd.DataFrame([advice("b", "1000")]).to_parquet(place, index=False)
    handed_on(reports, folder)
    reads = reads_with(folder)
    found, _ = read_past_advice(reads)
    assert found["Id"].tolist() == ["a"]
    line = reads.coverage[0]
    assert line.status is CoverageStatus.PARTIAL
    assert "1 report left out: 2026-02-02/test/cost_savings-060000Z" in line.detail


def test_a_replay_reads_its_evidence(tmp_path: Path) -> None:
    report(tmp_path / "reports", "2026-02-02T06:00:00Z", advice("a", "10"))
    handed_on(tmp_path / "reports", tmp_path / "run")
    found, lines, _ = read(tmp_path / "run")
    for file in (tmp_path / "run" / PAST_TABLES).iterdir():
        file.unlink()
    replayed = reads_with(tmp_path / "run")
    replayed.run = RunFolder(path=tmp_path / "run", replay=True)
    again = read_past_advice(replayed)
    pd.testing.assert_frame_equal(again[0], found)
    pd.testing.assert_frame_equal(again[1], lines)


def test_without_the_runner_nobody_was_asked(tmp_path: Path) -> None:
    found, lines, statuses = read(tmp_path)
    assert found.empty
    assert lines.empty
    assert statuses == [CoverageStatus.NOT_ASKED] * 2


def test_broken_files_are_a_gap(tmp_path: Path) -> None:
    (tmp_path / PAST_TABLES).mkdir()
    (tmp_path / PAST_TABLES / "runs.json").write_text("{")
    assert read(tmp_path)[2] == [CoverageStatus.FAILED] * 2
    (tmp_path / PAST_TABLES / "runs.json").write_text("[]")
    (tmp_path / PAST_TABLES / "recommendations.parquet").write_text("no table")
    fresh = reads_with(tmp_path)
    read_past_advice(fresh)
    assert CoverageStatus.FAILED in {line.status for line in fresh.coverage}


def test_a_notebook_that_remembers_nothing_is_given_nothing(tmp_path: Path) -> None:
    parameters = SavingsParameters.parse({"environment": "test", "as_of": NOW})
    write_past_tables(tmp_path, tmp_path, replace(SAVINGS, remembers=()), parameters)
    assert not (tmp_path / PAST_TABLES).exists()
