"""What a run is told of the runs before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opslib.findings import Verdict
from opslib.run_folder import PAST_RUNS
from opslib.runner.past_runs import write_past_runs
from tests.runner.records import conclusion, document, headline, record_run
from tests.runner.tiny import make_project, request, run


def told(folder: Path, reports: Path, environment: str = "test") -> list[dict[str, Any]]:
    write_past_runs(folder, reports, "tiny", environment)
    written: list[dict[str, Any]] = json.loads((folder / PAST_RUNS).read_text())
    return written


def test_published_runs_of_the_same_notebook_and_environment_are_told(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    concluded = document(conclusions=(conclusion(Verdict.FAIL),), headlines=(headline("1.5"),))
    record_run(reports, 1, concluded, exit_code=1)
    record_run(reports, 2, document())
    record_run(reports, 3, document(), environment="other")
    newest, oldest = told(tmp_path, reports)
    assert newest["run"] == "2026-03-02/test/tiny-070200Z"
    assert newest["conclusions"] == []
    assert oldest["started"] == "2026-03-02T07:01:00+00:00"
    assert oldest["as_of"] == "2026-03-02T06:00:00Z"
    assert (oldest["mode"], oldest["status"], oldest["exit_code"]) == ("", "published", 1)
    assert oldest["conclusions"] == [{"question": "Is it so?", "verdict": "fail"}]
    assert oldest["headlines"][0]["amount"] == "1.5"
    assert [one["run"] for one in told(tmp_path, reports, "other")] == [
        "2026-03-02/other/tiny-070300Z"
    ]


def test_findings_that_cannot_be_read_are_said_to_be(tmp_path: Path) -> None:
    folder = record_run(tmp_path, 1, document())
    (folder / "findings.json").write_text("{")
    (one,) = told(tmp_path, tmp_path)
    assert one["conclusions"] == []
    assert "findings.json" in one["problem"]


def test_without_reports_the_list_is_empty(tmp_path: Path) -> None:
    assert told(tmp_path, tmp_path / "none") == []


@pytest.mark.slow
def test_a_run_finds_the_list_in_its_folder_before_it_begins(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    first, second = run(project), run(project)
    assert json.loads((first.folder / PAST_RUNS).read_text()) == []
    (one,) = json.loads((second.folder / PAST_RUNS).read_text())
    assert one["run"] == str(first.folder.relative_to(project.reports))
    assert one["parameters"] == request(project).parameters.model_dump(mode="json")
    assert PAST_RUNS in second.manifest.files
