from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.past_runs import read_past_runs
from opslib.aws.restore_jobs import read_restore_jobs
from opslib.coverage import CoverageStatus
from opslib.run_folder import PAST_RUNS, RunFolder
from tests.aws.fakes import reads_with, refusal
from tests.aws.test_backups import NOON, SINCE, FakeClient, only_acme


def job(name: str, **facts: Any) -> dict[str, Any]:
    return {"RestoreJobId": name, "CreationDate": NOON, "Status": "COMPLETED", **facts}


def test_restore_jobs_are_read_to_the_last_page_without_their_parts(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = [
        {"RestoreJobs": [job("a", CreatedBy={"RestoreTestingPlanArn": "arn:plan"})]},
        {"RestoreJobs": [job("part", ParentJobId="b"), job("b", IsParent=True)]},
    ]
    backup = FakeClient(list_restore_jobs=pages)
    jobs = read_restore_jobs(only_acme(tmp_path, backup=backup), SINCE)
    assert jobs["JobId"].tolist() == ["a", "b"]
    assert jobs["TestingPlanArn"].tolist() == ["arn:plan", ""]
    assert jobs["CreatedAt"].tolist() == [pd.Timestamp("2026-03-01T12:00Z")] * 2
    assert jobs["CompletedAt"].isna().all()
    assert backup.asked == [("list_restore_jobs", {"ByCreatedAfter": SINCE})]


def test_what_is_refused_is_a_gap(tmp_path: Path) -> None:
    denied = refusal("AccessDeniedException", "ListRestoreJobs")
    reads = only_acme(tmp_path, backup=FakeClient(list_restore_jobs=denied))
    assert read_restore_jobs(reads, SINCE).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]


def told(**facts: Any) -> dict[str, Any]:
    return {
        "run": "2026-01-01/prod/drill-070000Z",
        "started": "2026-01-01T08:00:00+01:00",
        "as_of": "2026-01-01T06:00:00Z",
        "mode": "full",
        "parameters": {"source_cluster": "orders"},
        "status": "published",
        "exit_code": 1,
        "problem": "",
        "conclusions": [{"question": "Is it?", "verdict": "pass"}],
        "headlines": [],
        **facts,
    }


def test_past_runs_come_from_the_run_folder_and_replay_without_it(tmp_path: Path) -> None:
    (tmp_path / PAST_RUNS).write_text(json.dumps([told(), told(run="b", as_of="", exit_code=None)]))
    reads = reads_with(tmp_path)
    runs = read_past_runs(reads)
    assert runs["StartedAt"].tolist() == [pd.Timestamp("2026-01-01T07:00Z")] * 2
    assert runs["AsOf"].tolist()[0] == pd.Timestamp("2026-01-01T06:00Z")
    assert runs["AsOf"].tolist()[1] == pd.Timestamp("2026-01-01T07:00Z")
    assert json.loads(runs["Conclusions"][0]) == {"Is it?": "pass"}
    (tmp_path / PAST_RUNS).unlink()
    replayed = reads_with(tmp_path)
    replayed.run = RunFolder(path=tmp_path, replay=True)
    pd.testing.assert_frame_equal(read_past_runs(replayed), runs)
    assert [line.status for line in replayed.coverage] == [CoverageStatus.COMPLETE]


def test_without_the_runner_nobody_was_asked(tmp_path: Path) -> None:
    reads = reads_with(tmp_path)
    assert read_past_runs(reads).empty
    (line,) = reads.coverage
    assert line.status is CoverageStatus.NOT_ASKED
    assert "opslib run" in line.detail


def test_no_past_run_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / PAST_RUNS).write_text("[]")
    reads = reads_with(tmp_path)
    assert read_past_runs(reads).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


@pytest.mark.parametrize("text", ["{", '[{"run": 1}]', '[{"run": "a", "conclusions": [1]}]'])
def test_a_broken_list_is_a_gap(text: str, tmp_path: Path) -> None:
    (tmp_path / PAST_RUNS).write_text(text)
    reads = reads_with(tmp_path)
    assert read_past_runs(reads).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.FAILED]
