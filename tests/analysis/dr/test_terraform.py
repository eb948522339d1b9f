from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.dr.questions import REBUILDABLE
from opslib.analysis.dr.state_targets import StateTargets
from opslib.analysis.dr.terraform import TerraformPosture, assess_terraform, terraform_tables
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Severity, Verdict
from opslib.tables.terraform import STATE_BUCKETS, STATE_OBJECTS, TerraformTables
from tests.analysis.dr.backups import Row, frame

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = "prod/data/terraform.tfstate"
ALL = json.dumps([["", "arn:aws:s3:::copy"]])


def bucket(**facts: Any) -> Row:
    return {
        "Account": "acme",
        "Bucket": "state",
        "Versioning": "Enabled",
        "Replication": ALL,
        "Encryption": "aws:kms",
        "IsPublicBlocked": True,
        **facts,
    }


def state(key: str = KEY, **facts: Any) -> Row:
    return {
        "Account": "acme",
        "Bucket": "state",
        "Key": key,
        "Environment": "prod",
        "Layer": "data",
        "IsExpected": True,
        "Exists": True,
        "ModifiedAt": AS_OF - 30 * HOUR,
        "SizeBytes": 5000.0,
        "OldVersions": 3.0,
        "OldestVersionAt": AS_OF - 900 * HOUR,
        "DeletedAt": None,
        "LockedSince": None,
        "IsLockSeen": True,
        **facts,
    }


def gone(**facts: Any) -> Row:
    unknown = dict.fromkeys(("ModifiedAt", "SizeBytes", "OldestVersionAt"))
    return state(**{"Exists": False, **unknown, **facts})


def read(status: CoverageStatus = CoverageStatus.COMPLETE) -> Coverage:
    return Coverage(table="terraform states", asked="1 pattern", status=status, rows=1)


def tables(buckets: list[Row] | None = None, states: list[Row] | None = None) -> TerraformTables:
    return TerraformTables(
        buckets=frame([bucket()] if buckets is None else buckets, STATE_BUCKETS),
        states=frame([state()] if states is None else states, STATE_OBJECTS),
    )


def assess(
    made: TerraformTables | None = None,
    *coverage: Coverage,
    backed_up: tuple[str, ...] = (),
    **targets: Any,
) -> TerraformPosture:
    lines = coverage or (read(),)
    wanted = StateTargets(**targets)
    return assess_terraform(made or tables(), lines, AS_OF, wanted, backed_up=backed_up)


def test_a_state_that_is_kept_well_passes() -> None:
    posture = assess()
    assert posture.findings == ()
    assert posture.conclusion.question == REBUILDABLE
    assert posture.conclusion.verdict is Verdict.PASS
    assert posture.conclusion.sentence.startswith("Yes: 1 of 1 state is there")
    assert len(posture.checks) == 7
    assert "3 older versions kept" in posture.checks[3].sentence


@pytest.mark.parametrize(
    ("changed", "kind", "severity", "figure"),
    [
        ({"states": [gone()]}, "state", Severity.CRITICAL, "There is no state of prod/data"),
        (
            {"states": [gone(DeletedAt=AS_OF - HOUR)]},
            "state",
            Severity.CRITICAL,
            "deleted 2 Mar 2026 05:00 UTC",
        ),
        ({"states": [state(SizeBytes=0.0)]}, "state", Severity.CRITICAL, "0 bytes"),
        ({"buckets": [bucket(Encryption="None")]}, "encryption", Severity.HIGH, "None"),
        ({"buckets": [bucket(IsPublicBlocked=False)]}, "access", Severity.HIGH, "not blocked"),
        ({"buckets": [bucket(Replication="[]")]}, "copy", Severity.MEDIUM, "neither replicated"),
        (
            {"buckets": [bucket(Replication=json.dumps([["dev/", "arn:aws:s3:::copy"]]))]},
            "copy",
            Severity.MEDIUM,
            "neither replicated",
        ),
        (
            {"states": [state(LockedSince=AS_OF - 13 * HOUR)]},
            "lock",
            Severity.MEDIUM,
            "locked for 13.0 hours",
        ),
    ],
)
def test_each_departure_is_found_alone(
    changed: dict[str, list[Row]], kind: str, severity: Severity, figure: str
) -> None:
    made = tables(**changed)
    posture = assess(made)
    (finding,) = posture.findings
    assert (finding.kind, finding.severity) == (f"dr.terraform_{kind}", severity)
    assert figure in finding.sentence
    assert posture.conclusion.verdict is Verdict.FAIL
    assert set(finding.evidence) <= set(terraform_tables(made))


def test_without_versions_there_is_no_replica_either() -> None:
    others = [state(f"prod/{n}", Layer=str(n)) for n in range(3)]
    posture = assess(tables(buckets=[bucket(Versioning="Suspended")], states=others))
    assert [f.kind for f in posture.findings] == ["dr.terraform_versioning", "dr.terraform_copy"]
    assert posture.findings[1].sentence.startswith("3 states in bucket state are neither")


def test_a_backup_plan_is_a_second_copy_and_none_may_be_wanted() -> None:
    alone = tables(buckets=[bucket(Replication="[]")])
    assert assess(alone, backed_up=("state",)).findings == ()
    assert assess(alone, second_copy=False).findings == ()


def test_a_lock_that_is_young_is_a_run_at_work() -> None:
    made = tables(states=[state(LockedSince=AS_OF - HOUR)])
    assert assess(made).conclusion.verdict is Verdict.PASS
    assert assess(made, lock_hours=0.5).conclusion.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"buckets": [bucket(Versioning="")]}, "keeps versions: not read"),
        ({"buckets": [bucket(Encryption="")]}, "encrypts new objects: not read"),
        ({"buckets": [bucket(IsPublicBlocked=None)]}, "was not read"),
        ({"buckets": [bucket(Replication="")]}, "is replicated was not read"),
        ({"buckets": []}, "is replicated was not read"),
        ({"states": [state(OldVersions=None)]}, "how many older versions"),
        (
            {"states": [state(ModifiedAt=datetime(2022, 1, 1, tzinfo=UTC))]},
            "before S3 encrypted every object",
        ),
        ({"states": [gone(IsExpected=False, DeletedAt=AS_OF)]}, "name environments and layers"),
        ({"states": []}, "no pattern of state objects"),
    ],
)
def test_what_cannot_be_told_is_inconclusive(changed: dict[str, list[Row]], doubt: str) -> None:
    posture = assess(tables(**changed))
    assert posture.findings == ()
    assert posture.conclusion.verdict is Verdict.INCONCLUSIVE
    assert any(doubt in reason for reason in posture.conclusion.because)


def test_that_no_lock_was_seen_is_told_and_takes_nothing_away() -> None:
    posture = assess(tables(states=[state(IsLockSeen=False)]))
    assert posture.conclusion.verdict is Verdict.PASS
    (lock,) = (check for check in posture.checks if check.check == "terraform lock")
    assert lock.verdict is Verdict.INCONCLUSIVE


@given(status=st.sampled_from([s for s in CoverageStatus if s.is_gap]))
def test_with_any_gap_the_answer_is_no_pass(status: CoverageStatus) -> None:
    conclusion = assess(None, read(status)).conclusion
    assert conclusion.verdict is Verdict.INCONCLUSIVE
    assert status.value.replace("_", " ") in conclusion.because[0]


def test_names_from_outside_are_made_harmless() -> None:
    posture = assess(tables(states=[gone(Key="a\x1b[31m", Layer="b\x1b")]))
    assert "\x1b" not in posture.findings[0].sentence
