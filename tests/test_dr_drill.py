"""The drill on the sandbox's databases: what was lost is found, and nothing else is claimed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from opslib.actions.action_ledger import ActionLedger
from opslib.actions.baseline_capture import capture_baseline
from opslib.actions.changes import Changes
from opslib.actions.drill import run_drill
from opslib.actions.drill_run import DrillRun
from opslib.actions.teardown import TeardownLimits, tear_down
from opslib.analysis.dr.action_summary import summarise_actions
from opslib.analysis.dr.report import DrReport, analyse_drill
from opslib.analysis.dr.statements import statements_of, time_checks
from opslib.aws.reads import Reads
from opslib.aws.recovery_tables import read_recovery_tables
from opslib.errors import OpsError
from opslib.findings import Verdict
from opslib.parameters import DrParameters
from opslib.run_folder import PAST_RUNS, RunFolder
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.sandbox.restore_losses import LOSSES, choose_loss
from opslib.sandbox.scenario import plan_scenario
from opslib.tables.baseline import load_baseline, write_baseline

ROOT = Path(__file__).parents[1]
RUN = "20260302t060000z-abcdef"
EXISTING: dict[str, Any] = {
    "mode": "validate_existing",
    "restored": "orders-restored",
    "restored_to": "2026-03-02T06:00:00Z",
}
LEDGER = {
    "source_kind": "instance",
    "source": "ledger",
    "database": "ledger",
    "confirm_restore": "ledger in acme-production",
    "baseline": "s3://acme-dr-baselines/ledger",
    "transactions": "",
    "copies": [],
}
DECLARED = {"table": "shop.event_log", "appended_at": "happened_at"}
pytestmark = pytest.mark.slow


def reads_in(folder: Path, *, replay: bool = False, **values: Any) -> Reads:
    text = (ROOT / "parameters" / "sandbox" / "dr_restore_validation.yaml").read_text()
    folder.mkdir(exist_ok=True)
    (folder / PAST_RUNS).write_text("[]")
    parameters = DrParameters.parse({**yaml.safe_load(text), **values})
    return Reads(parameters, RunFolder(path=folder, replay=replay, run_id=RUN))


def report_from(reads: Reads) -> DrReport:
    parameters = reads.parameters
    assert isinstance(parameters, DrParameters)
    tables = read_recovery_tables(reads, parameters)
    drill = run_drill(reads, parameters, tables.backups)
    return analyse_drill(parameters, tables, drill, reads.coverage)


def end(reads: Reads) -> ActionLedger:
    """Tear down what a drill made; return its ledger."""
    parameters = reads.parameters
    assert isinstance(parameters, DrParameters)
    ledger = ActionLedger(reads.run.path)
    changes = Changes(
        reads.connection, parameters.account, parameters.region, DrillRun(id=RUN), ledger
    )
    left = tear_down(changes, TeardownLimits(seconds=30, poll_seconds=0.1), lambda _: None)
    assert left == []
    return ledger


@pytest.fixture(scope="module")
def steady() -> Iterator[RunningSandbox]:
    """Run one account for tests that make nothing in it, or delete what they make."""
    with running_sandbox(scenario="steady", seed=3) as sandbox:
        yield sandbox


@contextmanager
def sandbox_of(
    monkeypatch: pytest.MonkeyPatch, folder: Path, scenario: str, seed: int
) -> Iterator[None]:
    with (
        running_sandbox(scenario=scenario, seed=seed) as sandbox,
        entered(monkeypatch, folder, sandbox),
    ):
        yield


@contextmanager
def entered(
    monkeypatch: pytest.MonkeyPatch, folder: Path, sandbox: RunningSandbox
) -> Iterator[None]:
    with monkeypatch.context() as patch:
        for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(folder / "cache")}.items():
            patch.setenv(name, value)
        yield


def of_drill(report: DrReport) -> list[str]:
    posture = {finding.id for finding in report.posture.findings}
    return [finding.kind for finding in report.findings if finding.id not in posture]


def verdicts(report: DrReport) -> list[Verdict]:
    return [conclusion.verdict for conclusion in report.conclusions]


def test_a_whole_restore_passes_and_a_replay_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady: RunningSandbox
) -> None:
    with entered(monkeypatch, tmp_path, steady):
        reads = reads_in(tmp_path / "run", changes=[DECLARED])
        report = report_from(reads)
        summary = summarise_actions(end(reads).actions())
    assert set(verdicts(report)) == {Verdict.PASS}
    assert of_drill(report) == ["dr.to_set_after_restore"]
    assert report.drill.controls is not None
    assert (report.drill.controls["Outcome"] == "caught").sum() >= 40
    assert report.drill.restore is not None
    assert list(report.drill.restore.stages["Stage"]) == [
        "request accepted",
        "job completed",
        "cluster available",
        "endpoint available",
        "first connection",
        "first query",
        "validated",
    ]
    assert set(report.configuration["Judgement"]) == {"as the source", "as asked", "left off"}
    assert [thing.kind for thing in summary.things] == ["cluster", "instance", "table"]
    assert summary.left == ()
    assert str(summary.usd) == "0.04"
    statements = report.drill.statements
    assert statements is not None
    assert all(not statements_of([check], statements).empty for check in report.checks)
    timed = time_checks(report.checks, statements)
    unread = set(statements["Check"]) - {check.check for check in timed}
    told = statements[~statements["Check"].isin(unread)]["Seconds"].sum()
    assert sum(check.seconds or 0 for check in timed) == pytest.approx(told)
    replayed = report_from(reads_in(tmp_path / "run", replay=True, changes=[DECLARED]))
    assert replayed.drill.statements is not None
    assert replayed.drill.statements.equals(statements)
    assert replayed.findings == report.findings
    assert replayed.conclusions == report.conclusions
    stored = b"".join(path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert b"Customer1@example.com" not in stored, "rows leave the database as hashes only"


@pytest.mark.parametrize("loss", [loss.name for loss in LOSSES])
def test_what_a_restore_lost_is_found_and_nothing_else_is_claimed(
    loss: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = next(seed for seed in range(1, 200) if choose_loss(seed).name == loss)
    (truth,) = [t for t in plan_scenario("troubled", seed).truths if t.part == "drill"]
    assert truth.claim is not None
    with sandbox_of(monkeypatch, tmp_path, "troubled", seed):
        values: dict[str, Any] = {"recovery_point": "2026-03-02T05:30:00Z", "copies": []}
        reads = reads_in(tmp_path / "run", controls=False, **values)
        report = report_from(reads)
        end(reads)
    assert report.conclusions[0].verdict is Verdict.FAIL
    posture = {finding.id for finding in report.posture.findings}
    made = [f for f in report.findings if f.id not in posture]
    named = [f for f in made if truth.claim.matches(f.kind, f.subject)]
    assert len(named) == 1, [f.sentence for f in made]
    others = [f for f in made if f not in named]
    assert all(any(c.matches(f.kind, f.subject) for c in truth.follows) for f in others)


def test_every_way_of_restoring_an_instance_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sandbox_of(monkeypatch, tmp_path, "steady", 5):
        secret = yaml.safe_load(
            (ROOT / "parameters" / "sandbox" / "dr_restore_validation.yaml").read_text()
        )["source_secret"].replace("cluster-orders", "cluster-ledger")
        values = {**LEDGER, "source_secret": secret, "restored_secret": secret, "controls": False}
        used = set()
        for number, point in enumerate(["latest_healthy", "2026-03-02T05:30:00Z"]):
            reads = reads_in(tmp_path / f"run{number}", **{**values, "recovery_point": point})
            report = report_from(reads)
            used |= {action.operation for action in end(reads).actions()}
            assert report.conclusions[0].verdict is Verdict.PASS, report.conclusions[0]
    assert {"backup:StartRestoreJob", "rds:RestoreDBInstanceToPointInTime"} <= used


def test_a_recovery_point_older_than_the_baseline_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady: RunningSandbox
) -> None:
    with entered(monkeypatch, tmp_path, steady):
        reads = reads_in(tmp_path / "run", controls=False, recovery_point="2026-03-01T05:30:00Z")
        report = report_from(reads)
        end(reads)
    assert report.conclusions[0].verdict is Verdict.INCONCLUSIVE
    assert "after the recovery point" in " ".join(report.conclusions[0].because)
    assert set(of_drill(report)) == {"dr.to_set_after_restore"}


def test_a_declaration_of_what_is_not_there_is_inconclusive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady: RunningSandbox
) -> None:
    values: dict[str, Any] = {"changes": [DECLARED, {**DECLARED, "table": "shop.nothing"}]}
    with entered(monkeypatch, tmp_path, steady):
        reads = reads_in(tmp_path / "run", controls=False, **values)
        report = report_from(reads)
        end(reads)
    assert report.conclusions[0].verdict is Verdict.INCONCLUSIVE
    assert "shop.nothing is declared in changes, but there is no such table." in (
        report.conclusions[0].because
    )
    replayed = report_from(reads_in(tmp_path / "run", replay=True, controls=False, **values))
    assert replayed.conclusions == report.conclusions


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"source": "nothing", "confirm_restore": "nothing in acme-production"}, "cannot be read"),
        ({"recovery_point": "arn:aws:backup:us-east-1:1:recovery-point:x"}, "nothing to restore"),
        ({"recovery_point": "yesterday"}, "no rule for a recovery point"),
        ({"backup_role": ""}, "AWS Backup restores by a role"),
        ({"baseline": "s3://acme-dr-baselines/nothing"}, "baseline cannot be read"),
        ({"copies": [{"kind": "table", "source": "sessions"}]}, "needs baseline"),
        (
            {"copies": [{"kind": "table", "source": "sessions", "baseline": "nowhere"}]},
            "there is no baseline",
        ),
        ({"transactions": "nowhere.yaml"}, "nowhere.yaml"),
        ({"confirm_restore": "orders"}, "confirm_restore: 'orders in acme-production'"),
        ({"rto_minutes": None}, "rto_minutes"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_made(
    values: dict[str, Any],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    steady: RunningSandbox,
) -> None:
    with entered(monkeypatch, tmp_path, steady), pytest.raises(OpsError) as refused:
        report_from(reads_in(tmp_path / "run", **values))
    assert said in str(refused.value)
    assert not (tmp_path / "run" / "actions.jsonl").exists()


def test_another_engine_is_assessed_and_not_validated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady: RunningSandbox
) -> None:
    chosen: dict[str, Any] = {"source": "catalog", "confirm_restore": "catalog in acme-production"}
    with entered(monkeypatch, tmp_path, steady):
        report = report_from(reads_in(tmp_path / "run", source_kind="instance", **chosen))
    inconclusive = report.conclusions[0]
    assert inconclusive.verdict is Verdict.INCONCLUSIVE
    assert "engine not supported: mysql" in inconclusive.because
    assert report.posture.backups.conclusion.verdict is Verdict.PASS
    assert not (tmp_path / "run" / "actions.jsonl").exists()


def test_a_plan_changes_nothing_and_an_empty_account_is_inconclusive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady: RunningSandbox
) -> None:
    with entered(monkeypatch, tmp_path, steady):
        planned = report_from(reads_in(tmp_path / "plan", mode="plan"))
    assert set(verdicts(planned)) == {Verdict.PASS}
    assert not (tmp_path / "plan" / "actions.jsonl").exists()
    with sandbox_of(monkeypatch, tmp_path, "empty", 1):
        empty = report_from(reads_in(tmp_path / "empty", **EXISTING))
    assert set(verdicts(empty)[:3]) == {Verdict.INCONCLUSIVE}
    assert Verdict.PASS not in verdicts(empty)


def test_a_baseline_is_captured_kept_and_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady: RunningSandbox
) -> None:
    with entered(monkeypatch, tmp_path, steady):
        reads = reads_in(tmp_path / "run")
        assert isinstance(reads.parameters, DrParameters)
        captured, latencies = capture_baseline(reads, reads.parameters, "text")
        write_baseline(captured, tmp_path / "baseline", latencies)
        loaded = load_baseline(tmp_path / "baseline")
        assert loaded.plans == captured.plans
        assert loaded.digests.equals(captured.digests)
        values = {**EXISTING, "baseline": str(tmp_path / "baseline"), "controls": False}
        values["restored_to"] = None  # the baseline is of now, and the sandbox of its epoch
        report = report_from(reads_in(tmp_path / "again", **values))
    of_data = {c.verdict for c in report.checks if c.check not in {"freshness", "transaction"}}
    assert of_data == {Verdict.PASS}
    assert report.conclusions[0].verdict is Verdict.INCONCLUSIVE
    assert report.conclusions[1].verdict is Verdict.INCONCLUSIVE


def test_nothing_is_restored_where_nobody_would_tear_it_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady: RunningSandbox
) -> None:
    with entered(monkeypatch, tmp_path, steady):
        reads = reads_in(tmp_path / "run", controls=False)
        reads.run = replace(reads.run, run_id="")
        with pytest.raises(OpsError, match="torn down by the runner"):
            report_from(reads)
    assert not (tmp_path / "run" / "actions.jsonl").exists()
