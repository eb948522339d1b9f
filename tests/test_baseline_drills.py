"""Drills that are held against captured stores, and against one baseline out of a series."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from opslib.analysis.dr.report import DrReport
from opslib.aws.baselines import fetch_baseline
from opslib.cli.baseline import capture
from opslib.errors import OpsError
from opslib.findings import Verdict
from opslib.parameters import DrParameters
from opslib.present.dr import tabulate_restore
from opslib.sandbox.bucket_injuries import restore_bucket
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.tables.baseline import write_baseline
from tests.test_baseline_capture import BUCKET, LATER, NUMBERS, client_of_source
from tests.test_dr_drill import EXISTING, ROOT, reads_in, report_from

pytestmark = pytest.mark.slow
ALONE: dict[str, Any] = {**EXISTING, "controls": False, "transactions": "", "copies": []}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="steady", seed=3) as running:
        yield running


@pytest.fixture(autouse=True)
def _enter(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)


def drill(folder: Path, *copies: dict[str, Any], **values: Any) -> DrReport:
    return report_from(reads_in(folder, **{**ALONE, "copies": list(copies), **values}))


def answer(report: DrReport) -> Verdict:
    """Return whether tables, buckets and folders are whole."""
    (found,) = [c for c in report.conclusions if c.question.startswith("Are the tables")]
    return found.verdict


def table(baseline: str) -> dict[str, Any]:
    """Return a table restored just now, as a drill's parameters name it."""
    client = client_of_source("dynamodb")
    backup = client.create_backup(TableName="sessions", BackupName=f"backup-{next(NUMBERS)}")
    name = f"sessions-{next(NUMBERS)}"
    client.restore_table_from_backup(
        TargetTableName=name, BackupArn=backup["BackupDetails"]["BackupArn"]
    )
    return {"kind": "table", "source": "sessions", "restored": name, "baseline": baseline}


def test_stores_are_captured_and_a_drill_against_them_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared, back = tmp_path / "shared", tmp_path / "back"
    for folder in (shared, back):
        (folder / "in").mkdir(parents=True)
        (folder / "in" / "file").write_text("content")
    restore_bucket(client_of_source("s3"), "acme-documents", "documents-restored")
    above = f"s3://{BUCKET}/drills"
    after = {"restored_to": LATER.isoformat()}
    copies = [
        {**table(f"{above}/sessions/"), **after},
        {
            "kind": "bucket",
            "source": "acme-documents",
            "restored": "documents-restored",
            "baseline": f"{above}/acme-documents/",
            **after,
        },
        {
            "kind": "folder",
            "source": str(shared),
            "restored": str(back),
            "baseline": f"{above}/shared/",
            **after,
        },
        {"kind": "replica", "source": "acme-uploads", "restored": "acme-uploads-replica"},
    ]
    override = (f"copies={json.dumps(copies)}",)
    target = f"{above}/{{store}}/{{time}}"
    written, code = capture("sandbox", target, "record", ("all",), write=True, overrides=override)
    assert (len(written), code) == (3, 0)
    told = capsys.readouterr().err
    for words in (
        "acme-uploads is validated with its replica",
        "152 items",
        "objects in",
        "1 file of 2 entries",
    ):
        assert words in told
    report = drill(tmp_path / "run", *copies[:3])
    assert answer(report) is Verdict.PASS, [c for c in report.copy_checks if c.verdict != "pass"]
    assert [read.baseline and read.baseline.path for read in report.drill.copies] == written
    shown = tabulate_restore(report).markup
    assert all(place in shown for place in written)

    (back / "in" / "file").write_text("damaged")
    early = {**copies[2], "restored_to": "2026-03-02T06:00:00Z"}
    told_early = {**copies[0], "restored": "sessions-restored"}  # it says of itself: 05:00
    again = drill(tmp_path / "again", copies[2], early, told_early)
    assert answer(again) is Verdict.FAIL
    of_folder, *doubts = [check for check in again.copy_checks if check.check != "attributes"]
    assert (of_folder.check, of_folder.verdict) == ("content", Verdict.FAIL)
    assert [doubt.check for doubt in doubts] == ["baseline", "baseline"]
    for doubt in doubts:
        assert doubt.verdict is Verdict.INCONCLUSIVE
        assert "opslib baseline capture" in doubt.sentence


def test_a_drill_takes_the_newest_baseline_that_is_not_later_and_says_so(tmp_path: Path) -> None:
    reads = reads_in(tmp_path / "kept")
    assert isinstance(reads.parameters, DrParameters)
    kept = fetch_baseline(reads, reads.parameters.account, reads.parameters.baseline)
    series = tmp_path / "series"
    for name, hours in (("old", -24), ("same", 0), ("later", 48)):
        moment = kept.captured_at + timedelta(hours=hours)
        write_baseline(replace(kept, captured_at=moment), series / name)
    (series / "half").mkdir()
    (series / "half" / "rows.parquet").write_bytes(b"")

    report = drill(tmp_path / "early", baseline=str(series))
    assert report.conclusions[0].verdict is Verdict.PASS
    assert report.drill.baseline is not None
    assert report.drill.baseline.path == f"{series}/same"
    assert "same, captured 2 Mar 2026" in tabulate_restore(report).markup
    (line,) = [line for line in report.coverage if line.table.startswith("series of")]
    half = "half (not written to its end: baseline.json is missing)"
    assert line.detail == f"1 of 4 folders passed over: {half}"
    again = report_from(
        reads_in(tmp_path / "early", replay=True, **{**ALONE, "baseline": str(series)})
    )
    assert again.document() == report.document()

    none = drill(tmp_path / "none", baseline=str(series), restored_to="2026-02-01T00:00:00Z")
    assert none.conclusions[0].verdict is Verdict.INCONCLUSIVE
    (check,) = [check for check in none.checks if check.check == "baseline"]
    assert check.verdict is Verdict.INCONCLUSIVE
    assert "opslib baseline capture" in check.sentence

    unknown = drill(tmp_path / "unknown", baseline=str(series), restored_to=None)
    assert unknown.conclusions[0].verdict is Verdict.INCONCLUSIVE
    assert "none of 3 baselines" in unknown.conclusions[0].because[0]

    (tmp_path / "only" / "half").mkdir(parents=True)
    (tmp_path / "only" / "half" / "rows.parquet").write_bytes(b"")
    with pytest.raises(OpsError, match=r"no whole baseline.*half \(not written to its end"):
        report_from(reads_in(tmp_path / "refused", baseline=str(tmp_path / "only")))
    assert not (tmp_path / "refused" / "actions.jsonl").exists()
