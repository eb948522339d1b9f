"""The command line: what it prints where, and what it ends with."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.doctor import Check
from opslib.cli import command_line
from opslib.errors import NotebookRunError
from opslib.runner import catalog
from opslib.runner.manifest import RunStatus, read_manifest, write_manifest
from opslib.runner.project import Project
from tests.runner.records import document, finding, record_run
from tests.runner.tiny import TINY, failed, make_project, published

RUN = ("run", "tiny", "-e", "test")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Opslib = Callable[..., Ended]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path / "project")
    monkeypatch.setattr(catalog, "CATALOG", (TINY,))
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def opslib(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Opslib]:
    def call(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["opslib", *arguments])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        out, err = capfd.readouterr()
        return Ended(code=int(ended.value.code or 0), out=out, err=err)

    before = signal.getsignal(signal.SIGTERM)
    yield call
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("project")
def test_the_list_tells_notebooks_by_their_question(opslib: Opslib) -> None:
    assert opslib("list").out == "tiny  Does the runner keep its word?\n"


@pytest.mark.usefixtures("project")
def test_describe_tells_parameters_and_iam_actions(opslib: Opslib) -> None:
    ended = opslib("describe", "tiny")
    assert "behaviour" in ended.out
    assert "IAM actions: budgets:ViewBudget, ce:GetCostAndUsage" in ended.out


@pytest.mark.parametrize("path", [(), *((name,) for name in command_line.commands.commands)])
def test_every_command_shows_examples(opslib: Opslib, path: tuple[str, ...]) -> None:
    ended = opslib(*path, "--help")
    assert ended.code == 0
    assert "Examples:\n    " in ended.out


def test_an_unknown_command_is_answered_with_the_nearest(opslib: Opslib) -> None:
    ended = opslib("rum")
    assert ended.code == 2
    assert "'run'" in ended.err


def test_init_writes_what_run_needs_and_overwrites_nothing(
    project: Project, opslib: Opslib
) -> None:
    ended = opslib("init", "-e", "prod")
    assert ended.out.splitlines() == [
        "parameters/prod/tiny.yaml",
        "parameters/prod/tiny.iam.json",
        "parameters/prod/delivery.yaml",
    ]
    policy = project.policy_file("tiny").read_text()
    assert (project.root / "parameters/prod/tiny.iam.json").read_text() == policy
    (project.root / "parameters/prod/tiny.yaml").write_text("mine")
    again = opslib("init", "-e", "prod")
    assert again.code == 2
    assert "it exists already" in again.err
    assert (project.root / "parameters/prod/tiny.yaml").read_text() == "mine"


@pytest.mark.usefixtures("project")
def test_an_environment_cannot_lead_out_of_the_project(opslib: Opslib) -> None:
    assert opslib("init", "-e", "../../elsewhere").code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "tinny", "-e", "test"), "unknown notebook 'tinny'; did you mean 'tiny'?"),
        ((*RUN, "-p", "behavior=finish"), "'behavior'; did you mean 'behaviour'?"),
        ((*RUN, "-p", "behaviour=dance"), "parameter 'behaviour' is 'dance'"),
        ((*RUN, "-p", "as_of=2999-01-01T00:00:00Z"), "lies in the future"),
        (("run", "tiny", "-e", "prod"), "opslib init -e prod"),
        ((*RUN, "--scenario", "steady"), "belong to the sandbox"),
        ((*RUN, "--resume", "nowhere"), "no run there"),
        (("replay", "nowhere"), "no run there"),
    ],
)
def test_bad_input_is_one_clear_line_before_anything_runs(
    project: Project, opslib: Opslib, arguments: tuple[str, ...], says: str
) -> None:
    ended = opslib(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("opslib: error: ")
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert not project.reports.exists()


def test_outside_a_project_it_says_so(
    opslib: Opslib, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = opslib("run", "cost_analysis", "-e", "prod")
    assert (ended.code, "OPSLIB_PROJECT" in ended.err) == (2, True)


@pytest.mark.slow
def test_a_run_prints_its_folder_to_stdout_and_the_rest_to_stderr(
    project: Project, opslib: Opslib
) -> None:
    ended = opslib(*RUN, "-p", 'name="\\e[31mred"')
    assert ended.code == 0
    (folder,) = published(project)
    assert ended.out == f"{folder}\n"
    assert "expects at least 3 calls to AWS and 0.02 USD, under a minute (estimated)" in ended.err
    assert "medium   \N{REPLACEMENT CHARACTER}[31mred has 42." in ended.err
    assert f"report  {folder.relative_to(project.root)}/report.html" in ended.err
    assert "not seen     answers: \N{REPLACEMENT CHARACTER}[31mred" in ended.err
    assert "\x1b" not in ended.err
    again = opslib(*RUN, "--json", "--fail-on", "medium", "--strict")
    assert again.code == 1
    assert "(from earlier runs)" in again.err
    assert json.loads(again.out) == {
        "report": str(published(project)[1]),
        "notebook": "tiny",
        "environment": "test",
        "exit_code": 1,
        "signed": False,
        "seconds": json.loads(again.out)["seconds"],
        "findings": {"medium": 1},
        "suppressed": 0,
        "verdicts": {"inconclusive": 1},
        "gaps": 1,
    }
    assert opslib(*RUN, "--fail-on", "high", "--strict").code == 5
    replayed = opslib("replay", str(folder))
    assert (replayed.code, replayed.out) == (0, "equal\n")
    (folder / "evidence" / "answer.txt").write_text("43")
    replayed = opslib("replay", str(folder), "--json")
    assert replayed.code == 3
    assert json.loads(replayed.out)["changed_files"] == ["evidence/answer.txt"]


@pytest.mark.slow
def test_a_failing_run_ends_with_the_code_of_its_error(project: Project, opslib: Opslib) -> None:
    ended = opslib(*RUN, "-p", "behaviour=deny")
    assert ended.code == 4
    (folder,) = failed(project)
    assert ended.err.endswith(
        "opslib: error: no right to read the bill [payer]. Ask for it.\n"
        f"  The failed run is kept in {folder}\n"
    )
    assert ended.out == ""
    assert "--resume" in opslib("replay", str(folder)).err
    resumed = opslib(*RUN, "--resume", str(folder))
    assert resumed.code == 0
    moments = [read_manifest(run).parameters["as_of"] for run in (folder, published(project)[0])]
    assert moments[0] == moments[1]


def test_an_unexpected_error_is_shown_whole_and_is_no_finding(
    project: Project, opslib: Opslib, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("opslib.cli.runs.run_request", broken)
    ended = opslib(*RUN)
    assert ended.code == 3
    assert "Traceback" in ended.err
    assert "ZeroDivisionError: a defect" in ended.err


class FakeSandbox:
    """Stands for a sandbox that runs."""

    endpoint = "http://127.0.0.1:9"
    scenario = "steady"
    seed = 7

    def __init__(self, name: str) -> None:
        self.environ = {"AWS_ENDPOINT_URL": name}


@pytest.mark.parametrize(
    ("up", "arguments", "used"),
    [
        (None, (), "started troubled 1"),
        (None, ("--scenario", "steady", "--seed", "0"), "started steady 0"),
        (FakeSandbox("up"), (), "up"),
        (FakeSandbox("up"), ("--seed", "3"), "started troubled 3"),
    ],
)
def test_a_sandbox_run_uses_the_one_that_is_up_unless_another_is_asked_for(
    project: Project,
    opslib: Opslib,
    monkeypatch: pytest.MonkeyPatch,
    up: FakeSandbox | None,
    arguments: tuple[str, ...],
    used: str,
) -> None:
    seen: list[str] = []

    @contextmanager
    def running_sandbox(*, scenario: str, seed: int) -> Iterator[FakeSandbox]:
        yield FakeSandbox(f"started {scenario} {seed}")

    def run_request(request: Any, aws: dict[str, str], *, deliver: bool) -> Any:
        seen.append(aws["AWS_ENDPOINT_URL"])
        raise NotebookRunError("far enough")

    monkeypatch.setattr("opslib.sandbox.process.read_state", lambda: up)
    monkeypatch.setattr("opslib.sandbox.process.running_sandbox", running_sandbox)
    monkeypatch.setattr("opslib.cli.runs.run_request", run_request)
    (project.root / "parameters" / "sandbox").mkdir()
    (project.root / "parameters" / "sandbox" / "tiny.yaml").write_text("")
    assert opslib("run", "tiny", "-e", "sandbox", *arguments).code == 3
    assert seen == [used]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("ok", "code"), [(True, 0), (None, 0), (False, 4)])
def test_the_doctor_says_what_is_missing_and_how_to_mend_it(
    opslib: Opslib, monkeypatch: pytest.MonkeyPatch, ok: bool | None, code: int
) -> None:
    def examine(parameters: Any, actions: tuple[str, ...]) -> list[Check]:
        assert actions == ("budgets:ViewBudget", "ce:GetCostAndUsage")
        return [Check(name="payer: ce", ok=ok, detail="seen", remedy="Grant it.")]

    monkeypatch.setattr("opslib.aws.doctor.examine", examine)
    ended = opslib("doctor", "tiny", "-e", "test")
    assert ended.code == code
    assert ("Grant it." in ended.out) == (ok is not True)


def test_the_sandbox_is_started_told_and_ended(
    opslib: Opslib, monkeypatch: pytest.MonkeyPatch
) -> None:
    state: list[FakeSandbox] = []
    process = "opslib.sandbox.process"

    def start_sandbox(*, scenario: str, seed: int, port: int, with_parent: bool) -> FakeSandbox:
        assert not with_parent
        return FakeSandbox("it's here")

    monkeypatch.setattr(f"{process}.start_sandbox", start_sandbox)
    monkeypatch.setattr(f"{process}.write_state", state.append)
    monkeypatch.setattr(f"{process}.read_state", lambda: state[0] if state else None)
    monkeypatch.setattr(f"{process}.stop_sandbox", lambda sandbox: None)
    monkeypatch.setattr(f"{process}.clear_state", state.clear)
    assert opslib("sandbox", "status").code == 3
    assert opslib("sandbox", "up").out == "export AWS_ENDPOINT_URL='it'\"'\"'s here'\n"
    assert opslib("sandbox", "up").code == 2
    assert opslib("sandbox", "status").out == "steady, seed 7, at http://127.0.0.1:9\n"
    assert opslib("sandbox", "down").code == 0
    assert opslib("sandbox", "down").err == "no sandbox is up\n"


def test_help_loads_nothing_heavy() -> None:
    heavy = "pandas pydantic boto3 moto plotly papermill nbformat nbconvert ibis duckdb yaml jinja2"
    code = f"import sys, opslib.cli; print(sorted(set({heavy.split()}) & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "[]\n"


def test_the_digest_of_the_newest_run_is_printed(project: Project, opslib: Opslib) -> None:
    for minute, told in ((5, "old"), (20, "new \x1b[31m")):
        exports = record_run(project.reports, minute, document()) / "exports"
        exports.mkdir()
        (exports / "digest.txt").write_text(f"{told}\nsecond\n", encoding="utf-8")
        (exports / "digest.md").write_text(f"**{told}**\n", encoding="utf-8")
    ended = opslib("digest", "tiny", "-e", "test")
    assert (ended.code, ended.out) == (0, "new \ufffd[31m\nsecond\n")
    assert opslib("digest", "tiny", "-e", "test", "--markdown").out.startswith("**new")


def test_a_notebook_without_a_digest_of_its_own_has_one_of_its_findings(
    project: Project, opslib: Opslib
) -> None:
    found = document(finding("EC2", owner="payments"), finding("S3"))
    record_run(project.reports, 5, found)
    assert opslib("digest", "tiny", "-e", "test").out.splitlines() == [
        "tiny of test: 2 medium found (as of 2026-03-02 06:00 UTC).",
        "medium, payments: EC2 costs more. Ask why.",
        "medium: S3 costs more. Ask why.",
        "Not seen: nothing that was asked for.",
    ]
    own = opslib("digest", "tiny", "-e", "test", "--owner", "payments").out
    assert "tiny of test for payments: 1 medium found" in own
    assert "S3" not in own
    refused = opslib("digest", "tiny", "-e", "test", "--owner", "payment")
    assert (refused.code, refused.out) == (2, "")
    assert "no owner 'payment'; did you mean 'payments'?" in refused.err


def test_no_digest_stands_in_for_one_that_is_missing(project: Project, opslib: Opslib) -> None:
    none = opslib("digest", "tiny", "-e", "test")
    assert (none.code, none.out) == (2, "")
    assert "no run of tiny in test" in none.err
    folder = record_run(project.reports, 5, document())
    manifest = replace(
        read_manifest(folder), status=RunStatus.FAILED, started="2026-03-02T08:00:00+00:00"
    )
    later = project.reports / ".failed" / "2026-03-02" / "test" / "tiny-080000Z"
    later.mkdir(parents=True)
    write_manifest(later, manifest)
    ended = opslib("digest", "tiny", "-e", "test")
    assert (ended.code, ended.out) == (3, "")
    assert "the newest run of tiny in test failed" in ended.err
