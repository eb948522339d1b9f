"""A run of a notebook, from its parameters to its published report."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import plotly
import pytest

from opslib.errors import AccessDenied, NotebookRunError, OpsError, ParameterError
from opslib.evidence.files import hash_file
from opslib.runner.differences import Difference
from opslib.runner.execute import TimeLimits
from opslib.runner.history import find_run, read_runs
from opslib.runner.manifest import changed_files, read_manifest
from opslib.runner.plotly_script import Assets
from opslib.runner.project import Project
from opslib.runner.replay import replay_run
from opslib.runner.request import FinishedRun
from opslib.runner.run import run_notebook
from tests.runner.tiny import failed, make_project, published, request, run

pytestmark = pytest.mark.slow

HOSTILE = "</script><script>document.title='taken'</script>"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    project = make_project(tmp_path_factory.mktemp("{braces}") / "project")
    return run(project, name=HOSTILE)


def project_of(finished: FinishedRun) -> Project:
    return Project(root=finished.folder.parents[3])


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_report_is_published_under_its_date_environment_and_time(finished: FinishedRun) -> None:
    place = finished.folder.relative_to(project_of(finished).reports)
    assert str(place) == "2026-03-02/test/tiny-070000Z"
    assert {path.name for path in finished.folder.iterdir()} >= {
        "report.ipynb",
        "report.html",
        "findings.json",
        "run.json",
        "evidence",
    }


def test_the_hashes_of_the_manifest_verify_and_tell_of_a_change(finished: FinishedRun) -> None:
    manifest = read_manifest(finished.folder)
    assert manifest == finished.manifest
    assert "report.html" in manifest.files
    assert "evidence/answer.txt" in manifest.files
    assert changed_files(finished.folder, manifest) == []
    assert changed_files(finished.folder, replace(manifest, files={})) == sorted(manifest.files)


def test_the_manifest_says_what_was_run_with_what(finished: FinishedRun) -> None:
    manifest = finished.manifest
    assert manifest.parameters["as_of"] == "2026-03-02T06:00:00Z"
    assert manifest.packages["papermill"]
    assert manifest.coverage[0]["status"] == "denied"
    assert manifest.started == "2026-03-02T07:00:00+00:00"
    assert manifest.exit_code == 0
    assert manifest.seconds > 0


def test_no_path_of_this_machine_is_in_the_notebook_that_was_run(finished: FinishedRun) -> None:
    text = (finished.folder / "report.ipynb").read_text()
    assert str(project_of(finished).root) not in text


def test_a_hostile_name_cannot_break_out_of_the_page(finished: FinishedRun) -> None:
    html = (finished.folder / "report.html").read_text()
    assert HOSTILE not in html
    assert html.count("document.title='taken'") >= 2
    assert html.count("<script nonce=") == 3  # what marks the section read, plotly, the figures


def test_the_page_needs_nothing_from_outside(finished: FinishedRun) -> None:
    plotly = _plotly_text()
    assert "</script" not in plotly, "it could not be put into a page"
    around = unescape((finished.folder / "report.html").read_text().replace(plotly, ""))
    assert "default-src 'none'" in around
    assert "http://" not in around
    assert "https://" not in around
    assert len(around) < 500_000


def _plotly_text() -> str:
    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text()


def test_the_kernel_is_gone_after_the_run(finished: FinishedRun) -> None:
    kernel = json.loads((finished.folder / "kernel.json").read_text())
    assert kernel["environ"]["OPSLIB_HEADLESS"] == "1"
    assert not is_alive(kernel["pid"])


def test_the_index_names_the_run_and_escapes_what_it_says(finished: FinishedRun) -> None:
    index = (project_of(finished).reports / "index.html").read_text()
    assert 'href="2026-03-02/test/tiny-070000Z/report.html"' in index
    assert "1 medium" in index
    assert "1 gap" in index
    assert HOSTILE not in index
    assert "&lt;/script&gt;" in index
    assert "<script" not in index.replace("<script nonce=", "")


def test_nothing_is_left_of_the_working_folder(finished: FinishedRun) -> None:
    assert list((project_of(finished).reports / ".running").iterdir()) == []


def test_a_replay_says_the_same_and_publishes_nothing(finished: FinishedRun) -> None:
    project = project_of(finished)
    again = replay_run(find_run(finished.folder), request(project, name=HOSTILE), lambda *_: None)
    assert again.is_equal
    assert published(project) == [finished.folder]


def test_a_second_run_says_what_changed_and_its_replay_says_so_too(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    first = run(project, name="first")
    later = request(project, name="second")
    second = run_notebook(later, lambda *_: None)
    told = json.loads((second.folder / "since_last_run.json").read_text())
    assert told["run"] == str(first.folder.relative_to(project.reports))
    page = (second.folder / "report.html").read_text()
    assert "Since the last run" in page
    assert "since_last_run.json" in second.manifest.files
    assert replay_run(find_run(second.folder), later, lambda *_: None).differences == ()


def test_a_replay_tells_what_differs_and_what_was_changed(
    finished: FinishedRun, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "project")
    folder = tmp_path / "copy"
    finished.folder.rename(folder)
    try:
        (folder / "evidence" / "answer.txt").write_text("43")
        again = replay_run(find_run(folder), request(project, name=HOSTILE), lambda *_: None)
    finally:
        (folder / "evidence" / "answer.txt").write_text("42")
        folder.rename(finished.folder)
    assert again.changed_files == ("evidence/answer.txt",)
    amount = Difference(part="findings.json", place="headlines[0].amount", recorded="42", now="43")
    assert amount in again.differences
    assert {each.part for each in again.differences} == {
        "findings.json",
        "report.ipynb, cell behave",
    }


def test_a_second_run_in_the_same_second_overwrites_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    first = run_notebook(replace(request(project), assets=Assets.SHARED), lambda *_: None)
    second = run_notebook(replace(request(project), assets=Assets.SHARED), lambda *_: None)
    assert second.folder.name == f"{first.folder.name}-2"
    assert changed_files(first.folder, first.manifest) == []
    (script,) = (project.reports / "assets").iterdir()
    assert first.manifest.assets == {f"assets/{script.name}": hash_file(script)}
    assert (first.folder / "report.html").stat().st_size < 500_000


@pytest.mark.parametrize(
    ("behaviour", "kind", "says"),
    [
        ("exit", NotebookRunError, "a cell did not run, though none failed"),
        ("raise", NotebookRunError, "ValueError: a [tiny.ipynb cell 5]"),
        ("deny", AccessDenied, "no right to read the bill [payer]. Ask for it."),
        ("die", NotebookRunError, "the kernel died"),
        ("silent", NotebookRunError, "the notebook wrote no findings.json"),
    ],
)
def test_a_failing_notebook_leaves_no_report_but_a_failed_run(
    tmp_path: Path, behaviour: str, kind: type[OpsError], says: str
) -> None:
    project = make_project(tmp_path / "project")
    with pytest.raises(kind) as caught:
        run(project, behaviour=behaviour)
    assert says in str(caught.value)
    assert published(project) == []
    (folder,) = failed(project)
    assert caught.value.__notes__ == [f"The failed run is kept in {folder}"]
    assert read_manifest(folder).exit_code == kind.exit_code
    assert json.loads((folder / "error.json").read_text())["error"] == kind.__name__
    said = (folder / "report.ipynb").read_text()
    assert "hunter2hunter2" not in said
    assert json.loads(said)["nbformat"] == 4
    assert not (folder / "report.html").exists()
    assert "failed" in (project.reports / "index.html").read_text()
    assert not is_alive(json.loads((folder / "kernel.json").read_text())["pid"])


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (TimeLimits(cell_seconds=1), "a cell ran longer than 1 s"),
        (TimeLimits(run_seconds=8), "the run took longer than 8 s"),
    ],
)
def test_a_run_ends_when_its_time_is_up(tmp_path: Path, limits: TimeLimits, says: str) -> None:
    project = make_project(tmp_path / "project")
    with pytest.raises(NotebookRunError, match=says):
        run(project, behaviour="sleep", limits=limits)
    (folder,) = failed(project)
    assert not is_alive(json.loads((folder / "kernel.json").read_text())["pid"])


def test_a_resumed_run_does_not_read_again_what_was_read(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    with pytest.raises(NotebookRunError):
        run(project, behaviour="raise")
    (folder,) = failed(project)
    assert (folder / "reads.txt").exists()
    resumed = replace(request(project), evidence=folder / "evidence")
    finished = run_notebook(resumed, lambda *_: None)
    assert not (finished.folder / "reads.txt").exists()
    assert finished.findings.headlines[0].amount == 42
    assert [run.error[:13] for run in read_runs(project.reports)] == ["", "ValueError: a"]


def test_ambient_credentials_do_not_reach_a_sandboxed_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-somebody")
    project = make_project(tmp_path / "project")
    aws = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    finished = run_notebook(replace(request(project), aws=aws), lambda *_: None)
    environ = json.loads((finished.folder / "kernel.json").read_text())["environ"]
    assert environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert "AWS_PROFILE" not in environ
    assert "AWS_SESSION_TOKEN" not in environ


def test_a_parameter_that_the_notebook_would_not_look_at_is_refused(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    with pytest.raises(ParameterError, match="does not take 'region'"):
        run(project, region="eu-west-1")
    assert published(project) == []


def test_a_folder_that_cannot_be_written_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path / "project")

    def full(*_: Any, **__: Any) -> str:
        raise OSError(28, "No space left on device", "report.html")

    monkeypatch.setattr("opslib.runner.run.render_report", full)
    with pytest.raises(NotebookRunError, match="No space left on device") as caught:
        run(project)
    assert published(project) == []
    assert "The failed run is kept in" in caught.value.__notes__[0]
    assert stat.S_ISDIR(failed(project)[0].stat().st_mode)


def test_who_answered_in_place_of_aws_is_named_without_what_else_its_address_holds(
    tmp_path: Path,
) -> None:
    project = make_project(tmp_path / "project")
    environ = {"AWS_ENDPOINT_URL": "http://ada:s3cret@127.0.0.1:5000/x", "AWS_REGION": "eu-west-1"}
    finished = run_notebook(replace(request(project), aws=environ), lambda *_: None)
    assert finished.manifest.endpoints == ["127.0.0.1"]
    written = "".join((finished.folder / name).read_text() for name in ("run.json", "report.html"))
    assert "AWS calls answered by 127.0.0.1" in written
    assert "s3cret" not in written
