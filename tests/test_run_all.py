"""Every notebook of an environment at once: what is run, told, gone on past, and ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from opslib.cli import command_line
from opslib.cli.run_board import RunBoard
from opslib.cli.run_order import choose_notebooks, order_requests
from opslib.errors import AccessDenied, NotebookRunError, OpsError, ParameterError
from opslib.runner import catalog
from opslib.runner.project import Project
from opslib.runner.request import RunRequest
from tests.runner.records import document, record_run
from tests.runner.test_interruption import is_gone, wait_for
from tests.runner.tiny import TINY, TinyParameters, failed, make_project, published, request

ROOT = Path(__file__).parents[1]
NAMES = ("tiny", "small", "minute")


class Changing(TinyParameters):
    """Parameters of a run that makes something."""

    @property
    def changes_aws(self) -> bool:
        """Return that it does."""
        return True


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path / "project")
    for name in NAMES[1:]:
        (made.root / "parameters" / "test" / f"{name}.yaml").write_text("")
    notebooks = tuple(replace(TINY, name=name) for name in NAMES)
    monkeypatch.setattr(catalog, "CATALOG", notebooks)
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def run_all(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    def call(outcomes: dict[str, Any], *arguments: str) -> tuple[int, str, str]:
        def run_request(asked: RunRequest, aws: Any, progress: Any, *, deliver: bool) -> Any:
            outcome = outcomes[asked.notebook.name]
            if isinstance(outcome, Exception):
                raise outcome
            if outcome == "killed":
                os.write(2, b"out of memory\n")
                os.kill(os.getpid(), signal.SIGKILL)
            progress(1, 2, "a cell")
            return Finished(name=asked.notebook.name, exit_code=outcome)

        monkeypatch.setattr("opslib.cli.run_all.run_request", run_request)
        monkeypatch.setattr("opslib.cli.output.describe_result", described)
        monkeypatch.setattr(sys, "argv", ["opslib", "run-all", "-e", "test", *arguments])
        before = signal.getsignal(signal.SIGTERM)
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        signal.signal(signal.SIGTERM, before)
        return int(ended.value.code or 0), *capfd.readouterr()

    return call


@dataclass(frozen=True, kw_only=True)
class Finished:
    """Stands for a run that has ended."""

    name: str
    exit_code: int
    fault: OpsError | None = None
    undelivered: tuple[str, ...] = ()


def described(run: Finished) -> dict[str, Any]:
    counts = {"findings": {"low": 3, "high": 2}, "verdicts": {"fail": 1, "pass": 2}}
    more = {"suppressed": 1, "gaps": 0, "seconds": 61.0, "report": f"reports/{run.name}"}
    return {"notebook": run.name, "exit_code": run.exit_code, **counts, **more}


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((0, 5, 1), 1),
        ((1, NotebookRunError("broke"), 5), 3),
        ((NotebookRunError("broke"), AccessDenied("denied"), 0), 4),
        ((0, "killed", 5), 3),
        ((0, ZeroDivisionError("a defect"), 1), 3),
    ],
)
def test_it_goes_on_past_a_failure_and_ends_with_the_worst(
    run_all: Callable[..., tuple[int, str, str]], outcomes: tuple[Any, ...], code: int
) -> None:
    ended, out, err = run_all(dict(zip(NAMES, outcomes, strict=True)), "--jobs", "2")
    assert ended == code
    good = [name for name, one in zip(NAMES, outcomes, strict=True) if isinstance(one, int)]
    assert out.splitlines() == [f"reports/{name}" for name in good]
    assert all(err.count(f"{name:6}  begins") == 1 for name in NAMES)
    for name in good:
        assert f"{name:8}  2 pass, 1 fail  2 high, 3 low, 1 suppressed  1 min 1 s  rep" in err
    bad = [one for one in outcomes if isinstance(one, OpsError)]
    assert all(f"exit {one.exit_code}: {one}" in err for one in bad)
    assert ("out of memory" in err) == ("killed" in outcomes)
    crashed = any(isinstance(one, ZeroDivisionError) for one in outcomes)
    assert ("ZeroDivisionError: a defect" in err) == crashed


def test_bad_parameters_of_one_notebook_do_not_hold_up_the_others(
    project: Project, run_all: Callable[..., tuple[int, str, str]]
) -> None:
    (project.root / "parameters" / "test" / "small.yaml").write_text("behavior: finish\n")
    ended, out, _ = run_all(dict.fromkeys(NAMES, 0), "--json")
    assert ended == 2
    told = json.loads(out)
    assert [one["notebook"] for one in told] == list(NAMES)
    assert "did you mean 'behaviour'" in told[1]["error"]
    assert [one["exit_code"] for one in told] == [0, 2, 0]


def test_the_files_of_an_environment_say_what_is_run(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = project.root / "parameters" / "test"
    (folder / "small.yaml").rename(folder / "smal.yaml")
    (folder / "owners.yaml").write_text("")
    assert [one.name for one in choose_notebooks(project, "test")] == ["tiny", "minute"]
    said = capfd.readouterr().err
    assert said == "parameters/test/smal.yaml is no notebook's; did you mean 'small'?\n"
    with pytest.raises(ParameterError, match="no parameter file of any notebook"):
        choose_notebooks(project, "prod")


def test_the_longest_begins_first_and_what_changes_aws_last(project: Project) -> None:
    record_run(project.reports, 0, document(), seconds=50)
    short = replace(
        request(project),
        notebook=replace(TINY, name="small"),  # never run: a second for each of its three calls
    )
    drill = replace(request(project), parameters=Changing.parse({"as_of": "2026-03-02T06:00:00Z"}))
    long = request(project)
    assert order_requests([drill, short, long]) == [long, short, drill]


def test_a_terminal_has_a_line_a_run_that_is_drawn_again_when_it_changes(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    seconds = iter((0.0, 2.0, 2.1, 3.0))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    board = RunBoard(["tiny", "minute"], lambda: next(seconds))
    board.begin("tiny")
    board.progress("tiny", 3, 9, "a \x1b[31mcell")
    board.draw()
    board.draw()
    board.end("tiny", {"error": "it broke"})
    drawn = capfd.readouterr().err.split("\033[2A")
    assert len(drawn) == 2
    assert drawn[0] == (
        "\033[2Ktiny       2 s   3/9  a \N{REPLACEMENT CHARACTER}[31mcell\n"
        "\033[2Kminute          waits\n"
    )
    assert drawn[1].startswith("\033[2Ktiny       3 s  it broke\n")


@pytest.mark.slow
def test_ctrl_c_ends_every_run_once_and_keeps_what_there_is(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    file = project.root / "parameters" / "test" / "tiny.yaml"
    file.write_text("behaviour: sleep\n")
    runner = subprocess.Popen(
        [sys.executable, "-m", "tests.runner.tiny", "run-all", "-e", "test"],
        cwd=ROOT,
        env={**os.environ, "OPSLIB_PROJECT": str(project.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: any(project.reports.glob(".running/*/kernel.json")))
    (written,) = project.reports.glob(".running/*/kernel.json")
    wait_for(lambda: written.stat().st_size > 0)
    kernel = json.loads(written.read_text())["pid"]
    runner.send_signal(signal.SIGINT)
    out, err = runner.communicate(timeout=30)
    assert runner.returncode == 130
    assert out == ""
    assert f"  tiny: The failed run is kept in {failed(project)[0]}\n" in err
    assert "Traceback" not in err
    assert len(failed(project)) == 1
    assert published(project) == []
    assert list(project.reports.glob(".running/*")) == []
    assert is_gone(kernel)
