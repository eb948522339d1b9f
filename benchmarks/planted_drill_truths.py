"""What a drill finds of what the sandbox planted, and what it claims falsely.

Restores the newest healthy recovery point of ``orders``, validates the copy, tells the posture and
tears down. Where there is nothing to restore from, or that cannot be seen, the restore must be
refused, and a plan is held against the truths instead.
"""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from benchmarks.planted_score import Key, Score, note_false_claims
from opslib.actions.action_ledger import ActionLedger
from opslib.actions.changes import Changes
from opslib.actions.drill import run_drill
from opslib.actions.drill_run import DrillRun
from opslib.actions.teardown import TeardownLimits, tear_down
from opslib.analysis.dr.questions import (
    BACKED_UP,
    IN_TIME,
    LOST_LITTLE,
    NOTICED,
    REBUILDABLE,
    WHOLE,
)
from opslib.analysis.dr.report import DrReport, analyse_drill
from opslib.aws.reads import Reads
from opslib.aws.recovery_tables import read_recovery_tables
from opslib.errors import OpsError
from opslib.findings import Verdict
from opslib.parameters.dr import DrParameters
from opslib.run_folder import PAST_RUNS, RunFolder
from opslib.sandbox.backup_history import Point
from opslib.sandbox.backups import BACKUP_REGION
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.process import running_sandbox
from opslib.sandbox.scenario import Scenario, ScenarioName, plan_scenario
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["examine_drill"]

ROOT = Path(__file__).parents[1]
NOTEBOOK = "dr_restore_validation"
PARTS = ("dr", "drill", "copies", "terraform", "cadence")
RUN = "20260302t060000z-abcdef"
HIDING = ("ListRecoveryPointsByBackupVault", "ListBackupVaults", "DescribeDBClusters")
"""Reads without which a recovery point of a cluster cannot be chosen."""
BASELINE_AGE = timedelta(hours=3, minutes=10)
"""How long before the epoch the sandbox captures its baselines."""
SESSIONS = f"arn:aws:dynamodb:{BACKUP_REGION}:{PRODUCTION}:table/sessions"
LEFT_TO_SET = PlantedTruth(
    name="left_to_set",
    part="drill",
    claim=Claim(kind="dr.to_set_after_restore", subject={"Table": "sessions"}),
)
"""DynamoDB restores no table with all of its settings, whatever the scenario."""
OTHERWISE = {
    ScenarioName.STEADY: {Verdict.PASS},
    ScenarioName.TROUBLED: set(Verdict),
    ScenarioName.DENIED: {Verdict.PASS, Verdict.INCONCLUSIVE},
    ScenarioName.EMPTY: {Verdict.FAIL, Verdict.INCONCLUSIVE},
}
"""The verdicts that a scenario bears for what it says nothing particular of."""


def examine_drill(scenario: str, seed: int, *, controls: bool = False) -> dict[Key, Score]:
    """Drill on one scenario and seed.

    Args:
        scenario: its name.
        seed: which story of it.
        controls: make the negative controls too.
    """
    planned = plan_scenario(scenario, seed)
    mode = "restore" if _newest_point(planned) else "plan"
    with (
        running_sandbox(scenario=scenario, seed=seed) as sandbox,
        tempfile.TemporaryDirectory() as folder,
    ):
        os.environ |= {**sandbox.environ, "OPSLIB_CACHE": f"{folder}/cache"}
        refused = mode == "plan" and _is_refused(Path(folder, "refused"), controls=controls)
        report, left = _drill(Path(folder, "run"), mode=mode, controls=controls)
    score = _judge(report, planned)
    score.false += _check_verdicts(report, planned, controls=controls)
    score.false += [f"left behind: {thing}" for thing in left]
    score.false += [] if refused or mode == "restore" else ["restored what cannot be seen"]
    return {(NOTEBOOK, scenario, mode): score}


def _newest_point(scenario: Scenario) -> Point | None:
    """Return the newest recovery point of ``orders``; None where there is none to be seen."""
    if any(f.operation in HIDING and f.account == PRODUCTION for f in scenario.faults):
        return None
    points = (
        point
        for point in scenario.backups.points
        if (point.store.name, point.region) == ("orders", BACKUP_REGION)
    )
    return next(points, None)


def _is_refused(folder: Path, *, controls: bool) -> bool:
    try:
        _drill(folder, mode="restore", controls=controls)
    except OpsError:
        return True
    return False


def _drill(folder: Path, *, mode: str, controls: bool) -> tuple[DrReport, list[str]]:
    """Return the report of a drill in the running sandbox, and what its teardown left."""
    folder.mkdir()
    (folder / PAST_RUNS).write_text("[]", encoding="utf-8")
    text = (ROOT / "parameters" / "sandbox" / f"{NOTEBOOK}.yaml").read_text(encoding="utf-8")
    values: dict[str, Any] = yaml.safe_load(text)
    transactions = str(ROOT / values["transactions"])
    chosen = {"mode": mode, "controls": controls, "transactions": transactions}
    parameters = DrParameters.parse({**values, **chosen})
    reads = Reads(parameters, RunFolder(path=folder, run_id=RUN))
    tables = read_recovery_tables(reads, parameters)
    try:
        drill = run_drill(reads, parameters, tables.backups)
        report = analyse_drill(parameters, tables, drill, reads.coverage)
    finally:
        left = _tear_down(reads, parameters) if mode == "restore" else []
    return report, left


def _tear_down(reads: Reads, parameters: DrParameters) -> list[str]:
    run, ledger = DrillRun(id=RUN), ActionLedger(reads.run.path)
    changes = Changes(reads.connection, parameters.account, parameters.region, run, ledger)
    limits = TeardownLimits(seconds=30, poll_seconds=0.1)
    return [thing.identifier for thing in tear_down(changes, limits, lambda _: None)]


def _judge(report: DrReport, scenario: Scenario) -> Score:
    """Hold a report against what was planted."""
    planted = [truth for truth in scenario.truths if truth.part in PARTS]
    planted += [LEFT_TO_SET]
    wanted = [truth for truth in planted if _is_demanded(truth, scenario, report)]
    score = Score(planted=len(wanted))
    for truth in wanted:
        if _is_found(report, truth):
            score.found += 1
        else:
            score.missed.append(f"{truth.name} {truth.coverage or truth.claim}")
    expected = [claim for truth in planted for claim in (truth.claim, *truth.follows) if claim]
    note_false_claims(score, report.findings, expected)
    return score


def _is_demanded(truth: PlantedTruth, scenario: Scenario, report: DrReport) -> bool:
    """Say whether a drill can tell a truth.

    What was lost cannot be told of a copy that is older than its baseline; of tables and buckets,
    nothing by a plan; of a table, nothing that could not be restored.
    """
    if truth.part == "drill" and truth is not LEFT_TO_SET:
        return _is_fresh(scenario)
    if truth is LEFT_TO_SET:
        return bool(report.drill.copies) and not any(
            t.name == "pitr_off" and t.claim and t.claim.subject["ResourceArn"] == SESSIONS
            for t in scenario.truths
        )
    return truth.part != "copies" or bool(report.drill.copies)


def _is_fresh(scenario: Scenario) -> bool:
    newest = _newest_point(scenario)
    return newest is not None and newest.created >= scenario.epoch - BASELINE_AGE


def _is_found(report: DrReport, truth: PlantedTruth) -> bool:
    if truth.coverage is not None:
        return truth.coverage in {(c.table, c.account, c.status.value) for c in report.coverage}
    assert truth.claim is not None
    return sum(truth.claim.matches(f.kind, f.subject) for f in report.findings) == 1


def _check_verdicts(report: DrReport, scenario: Scenario, *, controls: bool) -> list[str]:
    """Return the conclusions that a scenario does not bear."""
    allowed = _allowed(scenario)
    return [
        f"{told.question} {told.verdict}: {told.sentence} {'; '.join(told.because)}"
        for told in report.conclusions
        if told.verdict not in allowed.get(told.question, OTHERWISE[scenario.name])
        and (controls or told.question != NOTICED)
    ]


def _allowed(scenario: Scenario) -> dict[str, set[Verdict]]:
    """Return the verdicts that a scenario bears, by question."""
    if scenario.name is ScenarioName.DENIED:
        return {BACKED_UP: {Verdict.INCONCLUSIVE}}
    if scenario.name is not ScenarioName.TROUBLED:
        return {}
    fresh = _is_fresh(scenario)
    return {
        WHOLE: {Verdict.FAIL if fresh else Verdict.INCONCLUSIVE},
        LOST_LITTLE: {Verdict.PASS if fresh else Verdict.FAIL},
        BACKED_UP: {Verdict.FAIL},
        REBUILDABLE: {Verdict.FAIL},
        IN_TIME: {Verdict.PASS, Verdict.INCONCLUSIVE},
    }
