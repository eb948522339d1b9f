"""What speaks for a change where the bill tells no resources."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from opslib.analysis.cost.anomalies import find_cost_anomalies
from opslib.analysis.cost.anomalies.cause_kinds import kind_odds
from opslib.analysis.cost.anomalies.cause_words import cause_sentence
from opslib.analysis.cost.anomalies.causes import Explanation, explain_anomalies
from opslib.analysis.cost.anomalies.findings import describe_anomalies
from opslib.analysis.cost.anomalies.meters import meter_odds, moved_meters
from opslib.analysis.cost.anomalies.told import ToldTroubles
from opslib.analysis.cost.periods import plan_periods
from opslib.tables.cost_changes import classes_in, names_json
from opslib.tables.event_rows import Event
from opslib.timewindow import TimeWindow
from tests.analysis.cost.anomalies.changes import change, recorded
from tests.analysis.cost.bills import Charge, make_bill, parameters, steady
from tests.analysis.cost.reports import ALL_READ

FIRST, YESTERDAY = date(2025, 11, 1), date(2026, 3, 1)
SPIKE = date(2026, 2, 23)
CHARGES = [
    *steady(FIRST, YESTERDAY),
    *(
        Charge(day=SPIKE + timedelta(days=n), cost=Decimal(100), meter="BoxUsage:g5.12xlarge")
        for n in range(7)
    ),
]


def explained(*changes: Event, **columns: object) -> Explanation:
    """Return what explains the anomaly to a bill that knows no resources."""
    params = parameters()
    bill = replace(make_bill(CHARGES), resources=None)
    found = find_cost_anomalies(params, plan_periods(params), bill).found
    (explanation,) = explain_anomalies(found, recorded(*changes, **columns), bill, params, ALL_READ)
    return explanation


def first_of(*changes: Event, **columns: object) -> str:
    return explained(*changes, **columns).suspects[0].reference


@pytest.mark.parametrize(
    ("action", "rise", "fall"),
    [
        ("ec2:RunInstances", 1, -1),
        ("elasticache:IncreaseReplicaCount", 1, -1),
        ("elasticache:DecreaseReplicaCount", -1, 1),
        ("ec2:TerminateInstances", -1, 1),
        ("rds:ModifyDBInstance", 1, 1),
        ("s3:DeleteBucketLifecycle", 1, -1),
        ("s3:PutBucketLifecycle", 0, 1),
        ("s3:DeleteBucket", -1, 1),
        ("s3:PutBucketTagging", -1, -1),
        ("s3:PutBucketPolicy", -1, -1),
        ("ecs:RegisterTaskDefinition", -1, -1),
        ("ec2:CreateLaunchTemplateVersion", -1, -1),
        ("ec2:AuthorizeSecurityGroupIngress", -1, -1),
        ("application-autoscaling:PutScalingPolicy", 1, 1),
        ("scaling", 1, 1),
    ],
)
def test_which_way_an_operation_can_move_cost(action: str, rise: int, fall: int) -> None:
    def sign(rises: bool) -> int:
        odds = kind_odds(action, rises=rises, has_moved=False)
        return (odds > 0) - (odds < 0)

    assert (sign(rises=True), sign(rises=False)) == (rise, fall)


@pytest.mark.parametrize(
    ("said", "rise"),
    [
        ("Launching a new EC2 instance: i-1", True),
        ("Terminating EC2 instance: i-1", False),
        ("a difference between desired and actual, shrinking the capacity from 4 to 2", False),
        ("Setting desired count to 4.", True),
    ],
)
def test_scaling_in_does_not_raise_cost(said: str, rise: bool) -> None:
    assert (kind_odds("scaling", said, rises=True, has_moved=False) > 0) is rise


@pytest.mark.parametrize(
    ("action", "classes", "meters", "own", "sign"),
    [
        ("ec2:RunInstances", ("g5.12xl",), ("boxusage:g5.12xlarge",), True, 1),
        ("ec2:RunInstances", ("t3.micro",), ("boxusage:g5.12xlarge",), True, -1),
        ("rds:ModifyDBInstance", ("r6g.8xl",), ("instanceusage:db.r6g.8xl",), True, 1),
        ("ec2:StartInstances", (), ("natgateway-bytes",), True, -1),
        ("ec2:StartInstances", (), ("datatransfer-out-bytes",), False, 0),
        ("ec2:CreateNatGateway", (), ("eu-natgateway-hours",), True, 1),
        ("rds:CreateDBClusterSnapshot", (), ("aurora:serverlessv2usage",), True, -1),
        ("rds:CreateDBClusterSnapshot", (), ("aurora:backupusage",), True, 1),
        ("ec2:ReleaseAddress", (), ("elasticip:idleaddress",), True, 1),
        ("dynamodb:UpdateTable", (), ("writerequestunits",), True, 0),
        ("ec2:RunInstances", ("g5.12xl",), (), True, 0),
        ("scaling", (), ("boxusage:g5.12xlarge",), True, 0),
    ],
)
def test_what_a_change_is_about_is_held_against_what_was_charged(
    action: str, classes: tuple[str, ...], meters: tuple[str, ...], own: bool, sign: int
) -> None:
    odds = meter_odds(action, classes, meters, own=own)
    assert (odds > 0) - (odds < 0) == sign


def test_the_usage_types_that_moved_are_those_of_the_anomaly() -> None:
    params = parameters()
    bill = make_bill(CHARGES)
    (found,) = find_cost_anomalies(params, plan_periods(params), bill).found
    assert moved_meters(bill, found, "EffectiveCost") == ("boxusage:g5.12xlarge",)


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ('{"instanceType": "m7i-flex.large"}', ("m7i-flex.large",)),
        ("EUW1-BoxUsage:r6i.2xlarge", ("r6i.2xl",)),
        ("NodeUsage:cache.r7g.2xl", ("r7g.2xl",)),
        ("USE1-u-6tb1.56xlarge", ("use1-u-6tb1.56xl",)),
        ("www.example.large.com, emr-7.12.0", ()),
    ],
)
def test_instance_classes_are_known_by_their_form(text: str, classes: tuple[str, ...]) -> None:
    assert classes_in(text.casefold()) == classes


def test_the_class_that_was_asked_for_tells_equal_calls_apart() -> None:
    pair = [change("ec2:RunInstances", f"i-{n}", actor=f"ops/{n}") for n in (1, 2)]
    asked = [names_json(("t3.micro",)), names_json(("g5.12xl",))]
    assert first_of(*pair, Classes=asked) == "ec2:RunInstances i-2"
    assert explained(*pair, Classes=asked).alike == 1


def test_calls_in_one_go_are_one_act_and_the_larger_act_comes_first() -> None:
    at = datetime(2026, 2, 22, 12, tzinfo=UTC)
    plan = [
        change("ec2:StartInstances", f"i-{n}", actor="terraform", at=at + timedelta(seconds=3 * n))
        for n in range(5)
    ]
    single = change("ec2:StartInstances", "i-single", at=at + timedelta(minutes=1))
    explanation = explained(*plan, single)
    assert {one.actor for one in explanation.suspects} == {"terraform"}
    assert {one.factors.rarity for one in explanation.suspects} == {0.0}
    assert first_of(change("ec2:RunInstances", "i-0"), single, Extent=[6, 1]) == (
        "ec2:RunInstances i-0"
    )


def test_what_was_done_late_on_the_first_day_had_little_of_it_left() -> None:
    before, morning, late = (
        change("ec2:StartInstances", f"i-{at:%d%H}", at=at, actor=f"ops/{at:%d%H}")
        for at in (
            datetime(2026, 2, 22, 23, tzinfo=UTC),
            datetime(2026, 2, 23, 6, tzinfo=UTC),
            datetime(2026, 2, 23, 22, tzinfo=UTC),
        )
    )
    ranked = [one.resource for one in explained(late, morning, before).suspects]
    assert ranked == ["i-2223", "i-2306", "i-2322"]


def test_a_tie_is_told_as_one_and_nobody_is_named_alone() -> None:
    pair = [change("ec2:StartInstances", f"i-{n}", actor=f"ops/{n}") for n in (1, 2)]
    explanation = explained(*pair)
    assert explanation.alike == 2
    said = cause_sentence(explanation, "USD")
    assert "2 changes fit it equally, and which of them it was is not known" in said
    assert "on i-1 by ops/1" in said
    assert "on i-2 by ops/2" in said
    told = ToldTroubles(anomalies=(explanation.anomaly,), changes=(), shown_by={}, meters={})
    week = TimeWindow(start=datetime(2026, 2, 23, tzinfo=UTC), end=datetime(2026, 3, 2, tzinfo=UTC))
    (finding,) = describe_anomalies(told, [explanation], Decimal(1000), "USD", week, {})
    assert finding.action.startswith("Ask ops/1 and ops/2 ")
