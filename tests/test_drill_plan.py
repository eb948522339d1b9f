"""What a drill knows before it restores: what it cannot see is no answer, and no obstacle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opslib.analysis.dr.questions import CAN_BE_RESTORED, WHOLE
from opslib.analysis.dr.report import DrReport
from opslib.errors import ReadError
from opslib.findings import Conclusion, Verdict
from opslib.sandbox.backups import list_stores
from opslib.sandbox.scenario import plan_scenario
from tests.test_dr_drill import EXISTING, reads_in, report_from, sandbox_of

pytestmark = pytest.mark.slow


def answer_of(report: DrReport, question: str) -> Conclusion:
    (answer,) = [told for told in report.conclusions if told.question == question]
    return answer


def first_seed(scenario: str, **wanted: Any) -> int:
    """Return the first seed of a scenario with such a fault, or such a truth of ``orders``."""
    (arn,) = [store.arn for store in list_stores() if store.name == "orders"]
    for seed in range(500):
        planned = plan_scenario(scenario, seed)
        faults = {fault.operation for fault in planned.faults}
        claims = {(t.name, t.claim.subject.get("ResourceArn")) for t in planned.truths if t.claim}
        if wanted.get("fault") in faults or (wanted.get("truth"), arn) in claims:
            return seed
    raise AssertionError(wanted)


@pytest.mark.parametrize("fault", ["ListRecoveryPointsByBackupVault", "ListBackupVaults"])
def test_recovery_points_that_cannot_be_seen_are_not_absent(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sandbox_of(monkeypatch, tmp_path, "denied", first_seed("denied", fault=fault)):
        plan = report_from(reads_in(tmp_path / "plan", mode="plan"))
        with pytest.raises(ReadError, match="cannot be read") as refused:
            report_from(reads_in(tmp_path / "restore"))
    told = answer_of(plan, CAN_BE_RESTORED)
    assert told.verdict is Verdict.INCONCLUSIVE
    assert told.because == (refused.value.what,)


def test_no_recovery_point_is_a_fail_of_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = first_seed("troubled", truth="unprotected")
    with sandbox_of(monkeypatch, tmp_path, "troubled", seed):
        plan = report_from(reads_in(tmp_path / "plan", mode="plan"))
    assert answer_of(plan, CAN_BE_RESTORED).verdict is Verdict.FAIL


def test_what_is_restored_already_needs_nothing_to_restore_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {**EXISTING, "backup_role": "", "copies": [], "controls": False}
    with sandbox_of(monkeypatch, tmp_path, "steady", 3):
        report = report_from(reads_in(tmp_path / "run", **values))
    assert answer_of(report, WHOLE).verdict is Verdict.PASS
