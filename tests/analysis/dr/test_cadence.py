from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.dr.cadence import CadencePosture, assess_cadence
from opslib.analysis.dr.points import age
from opslib.analysis.dr.questions import DRILLED
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Severity, Verdict
from opslib.tables.drills import PAST_RUNS, RESTORE_JOBS
from tests.analysis.dr.backups import AS_OF, DAY, HOUR, ORDERS, Row, frame
from tests.analysis.dr.drill_records import past_run, restore_job, seen

MINUTE = timedelta(minutes=1)


def assess(
    runs: Sequence[Row] = (),
    jobs: Sequence[Row] = (),
    coverage: Sequence[Coverage] | None = None,
    **more: Any,
) -> CadencePosture:
    return assess_cadence(
        frame(runs, PAST_RUNS),
        frame(jobs, RESTORE_JOBS),
        seen() if coverage is None else coverage,
        AS_OF,
        92,
        **{"resource": ORDERS, **more},
    )


@pytest.mark.parametrize(
    ("ago", "verdict"),
    [(DAY, Verdict.PASS), (92 * DAY, Verdict.PASS), (92 * DAY + HOUR, Verdict.FAIL)],
)
@pytest.mark.parametrize("by", ["report", "restore test"])
def test_the_newest_drill_may_be_as_old_as_the_cadence(
    by: str, ago: timedelta, verdict: Verdict
) -> None:
    posture = assess([past_run(ago)]) if by == "report" else assess([], [restore_job(ago)])
    assert posture.conclusion.question == DRILLED
    assert posture.conclusion.verdict is posture.check.verdict is verdict
    assert by in posture.check.found
    kinds = [(f.kind, f.severity) for f in posture.findings]
    overdue = [] if verdict is Verdict.PASS else [("dr.drill_overdue", Severity.HIGH)]
    assert kinds == overdue


@pytest.mark.parametrize(
    ("ago", "told"), [(MINUTE, "1 minute"), (59 * MINUTE, "59 minutes"), (60 * MINUTE, "1.0 hours")]
)
def test_what_was_just_now_is_told_in_minutes(ago: timedelta, told: str) -> None:
    assert age(AS_OF - ago, AS_OF) == told


def test_when_it_fell_due_is_told() -> None:
    (finding,) = assess([past_run(100 * DAY)]).findings
    assert finding.first_day == "2026-02-22"
    assert "100.0 days ago (22 Nov 2025 06:00 UTC" in finding.sentence
    assert finding.subject == {"ResourceArn": ORDERS}


@pytest.mark.parametrize(
    ("runs", "jobs"),
    [
        ([], []),
        ([past_run(DAY, "inconclusive")], []),
        ([past_run(DAY, Conclusions="{}")], []),
        ([past_run(-HOUR)], []),
        ([], [restore_job(DAY, ValidationStatus="")]),
        ([], [restore_job(DAY, ValidationStatus="TIMED_OUT")]),
        ([], [restore_job(DAY, ValidationStatus="VALIDATING")]),
        (
            [],
            [restore_job(DAY, ValidationStatus="FAILED", ValidationMessage="INCONCLUSIVE: denied")],
        ),
        ([], [restore_job(DAY, TestingPlanArn="")]),
        ([], [restore_job(DAY, Status="RUNNING", CompletedAt=None)]),
        ([], [restore_job(DAY, ResourceArn="arn:other")]),
        ([], [restore_job(-HOUR)]),
    ],
)
def test_what_came_to_no_verdict_is_no_drill(runs: list[Row], jobs: list[Row]) -> None:
    posture = assess(runs, jobs)
    (finding,) = posture.findings
    assert (finding.kind, finding.severity) == ("dr.never_drilled", Severity.HIGH)
    assert posture.conclusion.verdict is Verdict.FAIL
    assert posture.check.found == "none on record"


def test_a_run_of_another_cluster_is_no_drill_of_this_one() -> None:
    runs = [past_run(DAY)]
    assert assess(runs, same={"source_cluster": "orders"}).findings == ()
    (finding,) = assess(runs, same={"source_cluster": "ledger"}).findings
    assert finding.kind == "dr.never_drilled"


def test_a_run_about_an_earlier_moment_is_as_old_as_that() -> None:
    backdated = [past_run(DAY, AsOf=AS_OF - 200 * DAY)]
    assert assess(backdated).conclusion.verdict is Verdict.FAIL


@pytest.mark.parametrize("table", ["past_runs", "restore_jobs"])
@given(status=st.sampled_from([s for s in CoverageStatus if s.is_gap]))
def test_what_was_not_seen_is_neither_drilled_nor_missed(
    table: str, status: CoverageStatus
) -> None:
    for runs in ([], [past_run(200 * DAY)]):
        posture = assess(runs, coverage=seen(**{table: status}))
        assert posture.conclusion.verdict is Verdict.INCONCLUSIVE
        assert posture.findings == ()
    known = assess([past_run(DAY)], coverage=seen(**{table: status}))
    assert known.conclusion.verdict is Verdict.PASS


def test_what_nobody_asked_for_is_told() -> None:
    posture = assess(coverage=[])
    assert posture.conclusion.because == ("past runs: not asked for", "restore jobs: not asked for")


def test_a_drill_that_is_held_now_takes_the_urgency_but_not_the_fact() -> None:
    late = assess([past_run(200 * DAY)], this_drill=Verdict.PASS)
    assert [(f.kind, f.severity) for f in late.findings] == [("dr.drill_overdue", Severity.MEDIUM)]
    assert late.conclusion.verdict is Verdict.FAIL
    first = assess(this_drill=Verdict.FAIL)
    assert [(f.kind, f.severity) for f in first.findings] == [("dr.never_drilled", Severity.LOW)]
    assert first.conclusion.verdict is Verdict.INCONCLUSIVE


def test_a_failed_drill_is_one_and_wants_another() -> None:
    failed = [past_run(DAY, "fail"), past_run(9 * DAY)]
    posture = assess(failed)
    assert posture.conclusion.verdict is Verdict.PASS
    assert [f.kind for f in posture.findings] == ["dr.last_drill_failed"]
    assert assess(failed, this_drill=Verdict.PASS).findings == ()
    assert assess([past_run(DAY), past_run(9 * DAY, "fail")]).findings == ()


@given(days=st.lists(st.integers(0, 400), max_size=6), more=st.integers(0, 400))
def test_another_drill_never_makes_it_worse(days: list[int], more: int) -> None:
    ranks = [Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL]
    unique = sorted(set(days))
    before = assess([past_run(d * DAY) for d in unique])
    after = assess([past_run(d * DAY) for d in {*unique, more}])
    assert ranks.index(after.conclusion.verdict) <= ranks.index(before.conclusion.verdict)
