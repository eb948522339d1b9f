"""What has been restored in the sandbox's account: read, judged, and said again in a replay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from opslib.analysis.dr.cadence import CadencePosture, assess_cadence
from opslib.analysis.dr.restore_time import estimate_restore_minutes
from opslib.aws.past_runs import read_past_runs
from opslib.aws.permissions import iam_action
from opslib.aws.reads import Reads
from opslib.aws.restore_jobs import read_restore_jobs
from opslib.findings import Severity, Verdict
from opslib.run_folder import PAST_RUNS
from opslib.sandbox.process import running_sandbox
from opslib.sandbox.scenario import plan_scenario
from tests.test_backup_posture import AS_OF, reads_in

ORDERS = "arn:aws:rds:us-east-1:222222222222:cluster:orders"
GIB = 2**30
ACTIONS = {"backup:ListRestoreJobs", "sts:AssumeRole"}
"""The IAM actions that these readers need."""
pytestmark = pytest.mark.slow


def assess(reads: Reads) -> CadencePosture:
    runs = read_past_runs(reads)
    jobs = read_restore_jobs(reads, AS_OF - timedelta(days=365))
    return assess_cadence(runs, jobs, reads.coverage, AS_OF, 92, resource=ORDERS)


@pytest.mark.parametrize(
    ("scenario", "seed"), [("steady", 4), ("troubled", 1), ("troubled", 4), ("empty", 1)]
)
def test_what_was_drilled_is_told(
    scenario: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_sandbox(scenario=scenario, seed=seed) as sandbox:
        for name, value in sandbox.environ.items():
            monkeypatch.setenv(name, value)
        (tmp_path / PAST_RUNS).write_text("[]")
        reads = reads_in(tmp_path)
        posture = assess(reads)
        jobs = read_restore_jobs(reads, AS_OF - timedelta(days=365))
    claims = [t.claim for t in plan_scenario(scenario, seed).truths if t.part == "cadence"]
    expected = {claim.kind for claim in claims if claim}
    assert {finding.kind for finding in posture.findings} == expected
    assert {finding.severity for finding in posture.findings} <= {Severity.HIGH}
    passes = scenario == "steady"
    assert posture.conclusion.verdict is (Verdict.PASS if passes else Verdict.FAIL)
    called = {iam_action(call.service, call.operation) for call in reads.ledger.records}
    assert called == ACTIONS
    assert assess(reads_in(tmp_path, replay=True)) == posture
    if passes:
        told = estimate_restore_minutes(jobs, ORDERS, "Aurora", 100 * GIB, AS_OF)
        assert told.jobs == 6
        assert told.minutes is not None
        assert 10 < told.minutes.low < told.minutes.high < 60
