"""Runs that are cut off: by a person, by the system, by force."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from opslib.runner.failure import sweep_abandoned
from opslib.runner.index import write_index
from opslib.runner.project import Project
from opslib.runner.seal import unsealed
from tests.runner.tiny import failed, make_project, published

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def start_sleeping(project: Project) -> tuple[subprocess.Popen[str], int]:
    """Start a run that sleeps in a cell; return it and the pid of its kernel."""
    command = [sys.executable, "-m", "tests.runner.tiny", "run", "tiny", "-e", "test"]
    runner = subprocess.Popen(
        [*command, "-p", "behaviour=sleep"],
        cwd=ROOT,
        env={**os.environ, "OPSLIB_PROJECT": str(project.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: any(project.reports.glob(".running/*/kernel.json")))
    (written,) = project.reports.glob(".running/*/kernel.json")
    wait_for(lambda: written.stat().st_size > 0)
    return runner, json.loads(written.read_text())["pid"]


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_kept_as_failed_and_leaves_no_kernel(
    tmp_path: Path, sent: signal.Signals
) -> None:
    project = make_project(tmp_path / "project")
    runner, kernel = start_sleeping(project)
    runner.send_signal(sent)
    out, err = runner.communicate(timeout=20)
    assert runner.returncode == 130
    assert out == ""
    (folder,) = failed(project)
    assert f"opslib: interrupted\n  The failed run is kept in {folder}\n" in err
    assert "Traceback" not in err
    assert published(project) == []
    assert is_gone(kernel)
    assert (folder / "evidence" / "answer.txt").exists()


def test_a_killed_run_leaves_no_report_and_the_next_one_sweeps_it(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    runner, kernel = start_sleeping(project)
    assert not sweep_abandoned(project.reports, unsealed), "it still runs"
    runner.kill()
    runner.communicate(timeout=20)
    assert published(project) == []
    wait_for(lambda: is_gone(kernel))
    (kept,) = sweep_abandoned(project.reports, unsealed).values()
    assert [kept] == failed(project)
    assert list((project.reports / ".running").iterdir()) == []
    assert "killed" in json.loads((kept / "error.json").read_text())["what"]
    assert "the runner was killed" in write_index(project.reports).read_text()
