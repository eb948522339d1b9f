"""Drills that are cut off at every stage: what they made in AWS is deleted all the same."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from opslib.actions.drill_run import NAME_PREFIX
from opslib.actions.made_things import MadeThing, list_things
from opslib.aws.connection import Connection
from opslib.aws.ledger import Ledger
from opslib.parameters import DrParameters
from opslib.parameters.load import load_parameters
from opslib.sandbox.process import RunningSandbox, running_sandbox, write_state

ROOT = Path(__file__).parents[1]
NOTEBOOK = "dr_restore_validation"
STAGES = (
    "request accepted",
    "job completed: RUNNING",
    "job completed after",
    "cluster available after",
    "endpoint available after",
    "validated after",
    "making the negative controls",
    "deleting what the drill made",
)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="steady", seed=3) as sandbox:
        yield sandbox


@pytest.fixture
def project(
    shared_sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    write_state(shared_sandbox)
    root = tmp_path / "project"
    (root / "notebooks").mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / f"{NOTEBOOK}.ipynb", root / "notebooks")
    shutil.copytree(ROOT / "parameters", root / "parameters")
    (root / "reports").mkdir()
    monkeypatch.setenv("OPSLIB_PROJECT", str(root))
    return root


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from opslib.cli import main; main()", *arguments]


def start_drill(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("run", NOTEBOOK, "-e", "sandbox", *arguments),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def wait_for_line(drill: subprocess.Popen[str], wanted: str) -> None:
    assert drill.stderr is not None
    seen = []
    for line in drill.stderr:
        seen.append(line)
        if wanted in line:
            return
    raise AssertionError("".join(seen))


def left_in_aws(monkeypatch: pytest.MonkeyPatch, sandbox: RunningSandbox) -> list[MadeThing]:
    parameters = load_parameters(
        DrParameters,
        file=ROOT / "parameters" / "sandbox" / f"{NOTEBOOK}.yaml",
        overrides=(),
        environment="sandbox",
        as_of=sandbox.epoch,
    )
    with monkeypatch.context() as patched:
        for name, value in sandbox.environ.items():
            patched.setenv(name, value)
        connection = Connection(parameters, Ledger())
        return list_things(lambda service: connection.client(service, account=parameters.account))


def sweep(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("drill", "sweep", "-e", "sandbox", *arguments),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def published(project: Path) -> list[Path]:
    return list((project / "reports").glob("[0-9]*/*/*"))


def failed(project: Path) -> list[Path]:
    return list((project / "reports").glob(".failed/*/*/*"))


@pytest.mark.parametrize("stage", STAGES)
def test_after_a_kill_the_sweep_leaves_nothing(
    stage: str,
    project: Path,
    shared_sandbox: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drill = start_drill()
    wait_for_line(drill, stage)
    drill.kill()
    drill.communicate(timeout=60)  # until its kernel is gone too
    assert left_in_aws(monkeypatch, shared_sandbox), "the kill came before anything was made"
    shown = sweep("--json")
    (listed, *_) = json.loads(shown.stdout)
    assert listed["identifier"].startswith(NAME_PREFIX)
    assert listed["deletable"]
    assert left_in_aws(monkeypatch, shared_sandbox), "a sweep without --delete changes nothing"
    done = sweep("--delete")
    assert done.returncode == 0, done.stderr
    assert "nothing is left of any drill" in done.stdout
    assert left_in_aws(monkeypatch, shared_sandbox) == []
    assert published(project) == []
    assert len(failed(project)) == 1
    assert list((project / "reports" / ".running").iterdir()) == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_drill_deletes_what_it_made(
    sent: signal.Signals,
    project: Path,
    shared_sandbox: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drill = start_drill()
    wait_for_line(drill, "endpoint available after")
    drill.send_signal(sent)
    _, said = drill.communicate(timeout=60)
    assert drill.returncode == 130, said
    assert "2 things made and deleted again" in said
    assert left_in_aws(monkeypatch, shared_sandbox) == []
    assert published(project) == []
    assert len(failed(project)) == 1


def test_a_drill_out_of_time_deletes_what_it_made(
    project: Path, shared_sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    drill = start_drill("--cell-timeout", "2", "-p", "restore_timeout_minutes=0.05")
    _, said = drill.communicate(timeout=60)
    assert drill.returncode == 3, said
    assert "a cell ran longer than 5 s" in said
    assert left_in_aws(monkeypatch, shared_sandbox) == []
    assert published(project) == []


def test_a_restore_that_takes_too_long_is_reported_and_deleted(
    project: Path, shared_sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    drill = start_drill("-p", "restore_timeout_minutes=0.01")
    _, said = drill.communicate(timeout=60)
    assert drill.returncode == 5, said
    assert left_in_aws(monkeypatch, shared_sandbox) == []
    (report,) = published(project)
    findings = json.loads((report / "findings.json").read_text())
    verdicts = {c["question"]: c["verdict"] for c in findings["conclusions"]}
    assert verdicts["Did the restore bring back what was there?"] == "inconclusive"
    assert verdicts["Is everything that the drill made gone again?"] == "pass"
    assert "dr.restore_not_completed" in {f["kind"] for f in findings["findings"]}


def test_the_sweep_spares_a_drill_that_goes_on(
    project: Path, shared_sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    del project
    drill = start_drill()
    wait_for_line(drill, "endpoint available after")
    swept = sweep("--delete")
    assert swept.returncode == 1
    assert "its run may be going on" in swept.stdout
    assert left_in_aws(monkeypatch, shared_sandbox)
    os.kill(drill.pid, signal.SIGTERM)
    drill.communicate(timeout=60)
