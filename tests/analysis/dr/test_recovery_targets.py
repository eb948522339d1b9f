from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.dr.questions import IN_TIME, LOST_LITTLE
from opslib.analysis.dr.recovery_targets import (
    Measured,
    RecoveryTargets,
    TargetsMet,
    assess_targets,
)
from opslib.errors import ParameterError
from opslib.findings import Severity, Verdict


def assess(took: float | None = 30, lost: float | None = 10, **targets: Any) -> TargetsMet:
    wanted = {"rto_minutes": 60.0, "rpo_minutes": 15.0, "owner": "Platform team", **targets}
    return assess_targets(
        RecoveryTargets(**wanted),
        Measured(minutes=took, because="the restore was not made", evidence=("phases",)),
        Measured(minutes=lost, because="the newest row was not read"),
        "orders",
    )


def test_what_is_held_passes_and_equal_is_held() -> None:
    met = assess(60, 15)
    assert [c.question for c in met.conclusions] == [IN_TIME, LOST_LITTLE]
    assert {c.verdict for c in met.conclusions} == {Verdict.PASS}
    assert met.conclusions[0].sentence == "Yes: 60.0 minutes, against an RTO of 60.0 minutes."
    assert met.findings == ()


def test_a_gap_has_its_size_and_its_owner() -> None:
    met = assess(90, 10)
    assert [c.verdict for c in met.conclusions] == [Verdict.FAIL, Verdict.PASS]
    (gap,) = met.findings
    assert (gap.kind, gap.severity, gap.owner) == ("dr.rto_missed", Severity.HIGH, "Platform team")
    assert gap.sentence == (
        "The RTO of 60.0 minutes was missed by 30.0 minutes: it was 90.0 minutes."
    )
    assert gap.evidence == ("phases",)
    (gap,) = assess(30, 30).findings
    assert (gap.kind, gap.severity) == ("dr.rpo_missed", Severity.CRITICAL)


def test_what_was_not_measured_is_inconclusive_and_no_gap() -> None:
    met = assess(None, None)
    assert {c.verdict for c in met.conclusions} == {Verdict.INCONCLUSIVE}
    assert met.conclusions[0].because == ("the restore was not made",)
    assert met.findings == ()
    unset = assess(9000, rto_minutes=None)
    assert unset.conclusions[0].verdict is Verdict.INCONCLUSIVE
    assert unset.conclusions[0].because == ("no RTO is agreed",)
    assert "150.0 hours" in unset.conclusions[0].sentence


@given(took=st.floats(0, 1e6), more=st.floats(0, 1e6))
def test_taking_longer_is_never_better(took: float, more: float) -> None:
    ranks = {Verdict.PASS: 0, Verdict.FAIL: 1}
    short, long = (assess(m).conclusions[0].verdict for m in (took, took + more))
    assert ranks[short] <= ranks[long]


def test_a_target_of_nothing_is_refused() -> None:
    with pytest.raises(ParameterError, match="rpo_minutes"):
        RecoveryTargets(rto_minutes=None, rpo_minutes=0)
