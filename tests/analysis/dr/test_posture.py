from __future__ import annotations

import json
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.dr import BackupTargets, assess_backups
from opslib.findings import Severity, Verdict
from tests.analysis.dr.backups import (
    AS_OF,
    AWAY,
    DAY,
    HOME,
    HOUR,
    ORDERS,
    TABLES,
    TODAY,
    Row,
    assess,
    bucket,
    copy_of,
    job,
    kinds,
    point,
    rule,
    selection,
    store,
    tables,
    vault,
    vault_arn,
)


def test_what_is_as_it_should_be_passes() -> None:
    posture = assess()
    (row,) = posture.rows
    assert row.verdict is Verdict.PASS
    assert row.newest_point_at == TODAY
    assert row.newest_copy_at == TODAY + HOUR / 2
    assert row.copy_regions == (AWAY,)
    assert row.plans == ("daily",)
    assert posture.findings == ()
    assert posture.conclusion.verdict is Verdict.PASS
    assert posture.conclusion.sentence == "Yes, all of 1 resource."


@pytest.mark.parametrize(
    ("changed", "kind", "severity", "figure"),
    [
        ({"selections": [], "points": []}, "unprotected", Severity.HIGH, "0 recovery points"),
        (
            {"points": [point(TODAY - 3 * DAY), copy_of(TODAY - 3 * DAY + HOUR)]},
            "stale_recovery_point",
            Severity.MEDIUM,
            "3.1 days ago",
        ),
        ({"points": []}, "stale_recovery_point", Severity.MEDIUM, "0 recovery points"),
        (
            {"points": [point(RetentionDays=7.0), copy_of()]},
            "short_retention",
            Severity.MEDIUM,
            "7 days, not 35",
        ),
        (
            {"points": [point(), copy_of(RetentionDays=1.0)]},
            "short_retention",
            Severity.MEDIUM,
            "1 days, not 35",
        ),
        (
            {"points": [point(), copy_of(IsEncrypted=False)]},
            "unencrypted_recovery_point",
            Severity.HIGH,
            "1 of 2 recovery points",
        ),
        (
            {"points": [point()]},
            "no_cross_region_copy",
            Severity.HIGH,
            "0 copies in another region",
        ),
        (
            {"points": [point(), point(TODAY - DAY), copy_of(TODAY - 4 * DAY)]},
            "no_cross_region_copy",
            Severity.HIGH,
            "4.1 days ago",
        ),
        (
            {"stores": [store(IsPitrOn=False, PitrEarliest=None, PitrLatest=None)]},
            "pitr_off",
            Severity.HIGH,
            "last 2.8 hours",
        ),
        (
            {"backup_jobs": [job("FAILED", TODAY - DAY, Message="no\nrole"), job()]},
            "failed_backup_job",
            Severity.MEDIUM,
            '("no role"); one of 2 Mar 2026 03:10 UTC went well',
        ),
        (
            {"backup_jobs": [job("EXPIRED"), job("ABORTED", TODAY - DAY)]},
            "failed_backup_job",
            Severity.HIGH,
            "2 backup jobs fail in 7 days",
        ),
        ({"copy_jobs": [job("PARTIAL")]}, "failed_copy_job", Severity.HIGH, "1 copy job"),
        ({"vaults": [vault(IsLocked=False)]}, "vault_unlocked", Severity.LOW, "1 recovery point"),
    ],
)
def test_each_departure_is_found_alone_and_with_its_figure(
    changed: dict[str, list[Row]], kind: str, severity: Severity, figure: str
) -> None:
    posture = assess(tables(**changed))
    (finding,) = posture.findings
    assert (finding.kind, finding.severity) == (f"dr.{kind}", severity)
    assert figure in finding.sentence
    failed = severity is not Severity.LOW
    assert posture.conclusion.verdict is (Verdict.FAIL if failed else Verdict.PASS)
    if failed:
        assert finding.subject["ResourceArn"] == ORDERS
        assert posture.rows[0].verdict is Verdict.FAIL


def test_without_plan_point_or_pitr_it_is_critical() -> None:
    bare = store(IsPitrOn=False, PitrEarliest=None, PitrLatest=None)
    posture = assess(tables(stores=[bare], selections=[], points=[]))
    severities = {finding.kind: finding.severity for finding in posture.findings}
    assert severities == {
        "dr.unprotected": Severity.CRITICAL,
        "dr.pitr_off": Severity.HIGH,
    }


@pytest.mark.parametrize(
    ("as_of", "late"),
    [
        (TODAY.replace(hour=4, minute=59), False),
        (TODAY.replace(hour=5, minute=0), True),
    ],
)
def test_a_backup_is_late_once_its_window_is_over(as_of: Any, late: bool) -> None:
    points = [point(TODAY - DAY), copy_of(TODAY - DAY + HOUR)]
    assert ("stale_recovery_point" in kinds(assess(tables(points=points), as_of=as_of))) is late


def test_a_backup_that_still_runs_is_not_late() -> None:
    points = [point(TODAY - DAY), copy_of(TODAY - DAY + HOUR)]
    assert kinds(assess(tables(points=points, backup_jobs=[job("RUNNING")]))) == []
    stuck = [job("RUNNING", TODAY - DAY)]
    assert kinds(assess(tables(points=points, backup_jobs=stuck))) == ["stale_recovery_point"]


def test_the_rpo_is_held_by_pitr_or_by_recovery_points() -> None:
    assert kinds(assess(rpo_hours=0.5)) == []  # 5 minutes and a window of 2 hours
    behind = [store(PitrLatest=AS_OF - 3 * HOUR)]
    (finding,) = assess(tables(stores=behind), rpo_hours=0.5).findings
    assert finding.kind == "dr.stale_recovery_point"
    assert finding.severity is Severity.HIGH
    assert "the RPO of 0.5 hours is not held" in finding.sentence


@pytest.mark.parametrize(
    "unfit",
    [
        {"Status": "PARTIAL"},
        {"Status": "EXPIRED"},
        {"ScanFindings": "MALWARE"},
        {"DeleteAt": AS_OF},
    ],
)
def test_what_cannot_be_restored_from_is_no_backup(unfit: Row) -> None:
    points = [point(**unfit), point(TODAY - 2 * DAY), copy_of(TODAY - 2 * DAY + HOUR)]
    assert kinds(assess(tables(points=points))) == ["stale_recovery_point"]


def test_what_came_after_the_moment_is_not_seen() -> None:
    later = [point(AS_OF + HOUR), copy_of(AS_OF + HOUR, IsEncrypted=False)]
    posture = assess(tables(points=[point(), copy_of(), *later]))
    assert posture.findings == ()
    assert posture.rows[0].newest_point_at == TODAY
    failed = [job("FAILED", AS_OF + HOUR)]
    assert assess(tables(backup_jobs=failed)).findings == ()


def test_an_old_failure_is_not_told_again() -> None:
    assert assess(tables(backup_jobs=[job("FAILED", AS_OF - 8 * DAY)])).findings == ()


def test_a_copy_in_a_vault_that_was_not_read_counts_by_its_job() -> None:
    done = [job(DestinationVaultArn="arn:aws:backup:ap-south-1:999999999999:backup-vault:far")]
    assert kinds(assess(tables(points=[point()], copy_jobs=done))) == []
    # In a vault that was read, what is not there was deleted since.
    gone = [job(DestinationVaultArn=vault_arn(AWAY))]
    assert kinds(assess(tables(points=[point()], copy_jobs=gone))) == ["no_cross_region_copy"]
    near = [job(DestinationVaultArn="arn:aws:backup:us-east-1:999999999999:backup-vault:near")]
    assert kinds(assess(tables(points=[point()], copy_jobs=near))) == ["no_cross_region_copy"]


@pytest.mark.parametrize(
    ("gap", "changed", "doubt"),
    [
        (("recovery points", HOME), {"points": [copy_of()]}, "recovery points could not"),
        (("backup vaults", HOME), {"points": [], "vaults": []}, "recovery points could not"),
        (("recovery points", AWAY), {"points": [point()]}, "copies in other regions"),
        (("copy jobs", HOME), {}, "copy jobs could not"),
        (("backup jobs", HOME), {}, "backup jobs could not"),
        (
            ("backup selections", HOME),
            {"selections": [], "points": [point(PlanId=""), copy_of()]},
            "which plans select it",
        ),
    ],
)
def test_what_could_not_be_read_is_inconclusive_and_neither_fine_nor_wrong(
    gap: tuple[str, str], changed: dict[str, list[Row]], doubt: str
) -> None:
    posture = assess(tables(**changed), [gap])
    (row,) = posture.rows
    assert posture.findings == ()
    assert row.verdict is posture.conclusion.verdict is Verdict.INCONCLUSIVE
    assert any(doubt in reason for reason in row.reasons)
    assert any(gap[0] in reason for reason in posture.conclusion.because)


def test_what_is_seen_to_be_wrong_stays_so_whatever_is_hidden() -> None:
    unplanned: dict[str, list[Row]] = {"selections": [], "points": []}
    posture = assess(tables(**unplanned), [("backup plans", HOME)])
    (finding,) = posture.findings
    assert finding.sentence == "Aurora orders of acme has 0 recovery points."
    assert posture.conclusion.verdict is Verdict.FAIL
    assert posture.conclusion.because


@given(gap=st.sampled_from([(table, region) for table in TABLES for region in (HOME, AWAY)]))
def test_with_any_gap_the_answer_is_no_pass(gap: tuple[str, str]) -> None:
    posture = assess(gaps=[gap])
    assert posture.conclusion.verdict is Verdict.INCONCLUSIVE
    assert posture.findings == ()


def test_what_nobody_asked_for_is_no_pass() -> None:
    posture = assess_backups(tables(), [], AS_OF, BackupTargets())
    assert posture.conclusion.verdict is Verdict.INCONCLUSIVE
    assert "data stores: not asked for" in posture.conclusion.because


def test_an_account_without_anything_is_inconclusive() -> None:
    posture = assess(tables(stores=[], points=[], selections=[], vaults=[]))
    assert posture.rows == ()
    assert posture.conclusion.verdict is Verdict.INCONCLUSIVE
    assert posture.conclusion.because == ("nothing that holds data was found",)


@pytest.mark.parametrize("unknown", ["IsPitrOn", "Tags"])
def test_a_detail_that_was_refused_is_a_doubt(unknown: str) -> None:
    bare = store(**{unknown: "" if unknown == "Tags" else None})
    tagged = [
        selection(Conditions={"StringEquals": [{"ConditionKey": "a", "ConditionValue": "b"}]})
    ]
    points = [point(PlanId=""), copy_of()]
    (row,) = assess(tables(stores=[bare], selections=tagged, points=points)).rows
    verdict = Verdict.INCONCLUSIVE if unknown == "Tags" else Verdict.FAIL
    assert row.verdict is verdict
    assert row.doubts


def test_a_bucket_that_is_replicated_elsewhere_needs_no_plan() -> None:
    replica = bucket("copies", Region=AWAY)
    origin = bucket("papers", ReplicasOn=json.dumps(["arn:aws:s3:::copies"]))
    none: dict[str, list[Row]] = {"selections": [], "points": []}
    posture = assess(tables(stores=[origin, replica], **none))
    assert [row.verdict for row in posture.rows] == [Verdict.PASS, Verdict.PASS]
    same_region = [origin, {**replica, "Region": HOME}]
    assert kinds(assess(tables(stores=same_region, **none))) == ["unprotected"]
    suspended = [{**origin, "Versioning": "Suspended"}, replica]
    assert kinds(assess(tables(stores=suspended, **none))) == ["unprotected"] * 2
    (row,) = assess(tables(stores=[origin], **none)).rows
    assert row.verdict is Verdict.INCONCLUSIVE
    (row,) = assess(tables(stores=[bucket("papers", ReplicasOn="")], **none)).rows
    assert row.verdict is Verdict.INCONCLUSIVE


def test_a_read_replica_is_judged_where_its_source_is() -> None:
    replica = store(ReplicaOf="ledger", IsPitrOn=False, PitrEarliest=None, PitrLatest=None)
    posture = assess(tables(stores=[replica], selections=[], points=[]))
    assert posture.findings == ()
    assert posture.rows[0].reasons == ("is the replica of ledger",)


def test_a_continuous_backup_is_as_new_as_its_last_job() -> None:
    arn = "arn:aws:backup:us-east-1:2:recovery-point:continuous:orders-1"
    began = TODAY - 20 * DAY
    points = [point(began, RecoveryPointArn=arn, Status="AVAILABLE"), copy_of()]
    posture = assess(tables(points=points, backup_jobs=[job(RecoveryPointArn=arn)]))
    assert posture.findings == ()
    assert posture.rows[0].backed_up_at == TODAY
    (finding,) = assess(tables(points=points)).findings
    assert "was last backed up 20.1 days ago" in finding.sentence
    (row,) = assess(tables(points=points), [("backup jobs", HOME)]).rows
    assert row.verdict is Verdict.INCONCLUSIVE
    assert "when its continuous backup was last written was not read" in row.reasons
    stopped = [point(began, RecoveryPointArn=arn, Status="STOPPED"), copy_of()]
    assert kinds(assess(tables(points=stopped))) == ["stale_recovery_point"]


def test_an_rpo_that_rests_on_pitr_is_a_doubt_where_its_reach_is_unknown() -> None:
    (row,) = assess(tables(stores=[store(PitrLatest=None)]), rpo_hours=0.5).rows
    assert row.verdict is Verdict.INCONCLUSIVE
    assert row.reasons == ("how far its point-in-time recovery reaches was not read",)


def test_the_moment_may_be_given_in_any_time_zone() -> None:
    tokyo = AS_OF.astimezone(timezone(timedelta(hours=9)))
    points = [point(TODAY - DAY), copy_of(TODAY - DAY + HOUR)]
    there, here = (assess(tables(points=points), as_of=moment) for moment in (tokyo, AS_OF))
    assert there.findings == here.findings


def test_a_planned_bucket_without_versions_cannot_be_backed_up() -> None:
    plain = bucket("papers", Versioning="Disabled")
    papers = [point(ResourceArn="arn:aws:s3:::papers"), copy_of(ResourceArn="arn:aws:s3:::papers")]
    assert kinds(assess(tables(stores=[plain], points=papers))) == ["versioning_off"]


def test_what_is_exempt_is_listed_and_not_judged() -> None:
    posture = assess(tables(selections=[], points=[]), exempt=("arn:aws:rds:*:cluster:ord*",))
    assert posture.exempt == (ORDERS,)
    assert posture.rows == ()
    assert posture.findings == ()
    assert posture.conclusion.sentence.endswith("1 exempt by the parameters.")


def test_a_failed_job_of_something_else_is_told_too() -> None:
    disk = "arn:aws:ec2:us-east-1:222222222222:volume/vol-1"
    failed = [job("FAILED", ResourceArn=disk, ResourceType="EBS")]
    (finding,) = assess(tables(backup_jobs=failed)).findings
    assert finding.subject["ResourceArn"] == disk
    assert finding.sentence.startswith("EBS ")


def test_names_from_outside_are_made_harmless() -> None:
    (finding,) = assess(tables(stores=[store(ResourceName="or\x1b[31mders")], points=[])).findings
    assert "\x1b" not in finding.sentence


def test_the_targets_can_be_relaxed() -> None:
    points = [point(TODAY, RetentionDays=7.0, IsEncrypted=False)]
    relaxed: dict[str, Any] = {"retention_days": 7, "encryption": False, "cross_region_copy": False}
    assert assess(tables(points=points), **relaxed).findings == ()


@settings(max_examples=25)
@given(hours=st.integers(0, 24 * 40))
def test_an_older_backup_is_never_judged_better(hours: int) -> None:
    newer, older = (
        assess(tables(points=[point(TODAY - timedelta(hours=h)), copy_of()]), retention_days=1)
        for h in (hours, hours + 1)
    )
    assert ("stale_recovery_point" in kinds(newer)) <= ("stale_recovery_point" in kinds(older))


def test_a_backup_is_due_when_its_own_plan_says_so() -> None:
    yesterday = [point(TODAY - DAY), copy_of(TODAY - DAY + HOUR)]
    evening = [rule("cron(0 22 * * ? *)", ScheduleTimezone="America/New_York")]  # 03:00 UTC
    (finding,) = assess(tables(points=yesterday, rules=evening)).findings
    assert "was due on 2 Mar 2026 03:00 UTC" in finding.sentence
    later = [rule("cron(0 3 * * ? *)", ScheduleTimezone="America/New_York")]  # 08:00 UTC
    morning = [point(TODAY - 19 * HOUR), copy_of(TODAY - 18 * HOUR)]
    assert kinds(assess(tables(points=morning, rules=later))) == []
    assert kinds(assess(tables(points=morning))) == ["stale_recovery_point"]
    waiting = [rule(StartWindowMinutes=240.0)]
    assert kinds(assess(tables(points=yesterday, rules=waiting))) == []
    of_another = [rule("cron(0 3 1 * ? *)", PlanId="other")]
    assert kinds(assess(tables(points=yesterday, rules=of_another))) == ["stale_recovery_point"]


def test_the_run_before_is_due_where_the_last_one_goes_on() -> None:
    weekly = [rule("cron(0 3 ? * MON *)")]
    running = [job("RUNNING")]
    last_week = [point(TODAY - 7 * DAY), copy_of(TODAY - 7 * DAY + HOUR)]
    made = tables(points=last_week, rules=weekly, backup_jobs=running)
    assert kinds(assess(made, rpo_hours=24 * 7)) == []
    older = [point(TODAY - 8 * DAY), copy_of(TODAY - 8 * DAY + HOUR)]
    made = tables(points=older, rules=weekly, backup_jobs=running)
    assert kinds(assess(made, rpo_hours=24 * 7)) == ["stale_recovery_point"]


@pytest.mark.parametrize("pitr", [True, False])
def test_a_plan_that_runs_less_often_than_the_rpo_is_a_finding(pitr: bool) -> None:
    weekly = [rule("cron(0 3 ? * MON *)")]
    posture = assess(tables(stores=[store(IsPitrOn=pitr)], rules=weekly))
    named = {finding.kind: finding for finding in posture.findings}
    finding = named["dr.infrequent_schedule"]
    assert "by plan daily only every 7 days, against an RPO of 24 hours" in finding.sentence
    assert finding.severity is (Severity.LOW if pitr else Severity.HIGH)
    assert posture.rows[0].verdict is (Verdict.PASS if pitr else Verdict.FAIL)
    both = [*weekly, rule("rate(1 day)", RuleName="between")]
    assert "infrequent_schedule" not in kinds(assess(tables(rules=both)))
    ended = assess(tables(rules=[rule("cron(0 3 * * ? 2024)")]))
    assert any("never again within 400 days" in f.sentence for f in ended.findings)


def test_a_schedule_that_is_not_understood_is_a_doubt() -> None:
    strange = [rule("cron(0 3 whenever)")]
    (row,) = assess(tables(rules=strange)).rows
    assert row.verdict is Verdict.INCONCLUSIVE
    assert row.reasons == (
        "the schedule of rule every-night (cron(0 3 whenever)) is not understood",
    )
    beside = [*strange, rule(RuleName="known")]
    assert assess(tables(rules=beside)).rows[0].verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("facts", "kind", "figure"),
    [
        ({"PitrDays": 1.0}, "short_pitr_window", "1 days, not 7"),
        ({"PitrLatest": AS_OF - 7 * HOUR}, "pitr_behind", "7.0 hours ago"),
    ],
)
def test_the_window_of_pitr_is_held_against_the_target(facts: Row, kind: str, figure: str) -> None:
    (finding,) = assess(tables(stores=[store(**facts)])).findings
    assert (finding.kind, finding.severity) == (f"dr.{kind}", Severity.MEDIUM)
    assert figure in finding.sentence
    assert assess(tables(stores=[store(**facts)]), pitr_days=1, pitr_lag_hours=8).findings == ()


def test_a_pitr_window_that_was_not_told_is_a_doubt() -> None:
    (row,) = assess(tables(stores=[store(PitrDays=None)])).rows
    assert row.verdict is Verdict.INCONCLUSIVE
    assert "how far back" in row.reasons[0]


@pytest.mark.parametrize(("ahead", "until"), [(None, "lift."), (DAY, "lift until 3 Mar 2026")])
def test_a_lock_that_can_be_lifted_is_told(ahead: timedelta | None, until: str) -> None:
    lifted = None if ahead is None else AS_OF + ahead
    posture = assess(tables(vaults=[vault(LockedForGoodAt=lifted), vault(AWAY)]))
    (finding,) = posture.findings
    assert (finding.kind, finding.severity) == ("dr.vault_lock_removable", Severity.INFO)
    assert until in finding.sentence
    assert posture.conclusion.verdict is Verdict.PASS
