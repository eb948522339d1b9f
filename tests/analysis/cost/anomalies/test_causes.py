"""Which change is named for an anomaly, and when none is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from opslib.analysis.cost.anomalies import find_cost_anomalies, plan_cause_windows
from opslib.analysis.cost.anomalies.cause_words import cause_sentence
from opslib.analysis.cost.anomalies.causes import CauseStatus, Explanation, explain_anomalies
from opslib.analysis.cost.anomalies.services import bears_on, same_service
from opslib.analysis.cost.periods import plan_periods
from opslib.coverage import Coverage, CoverageStatus
from opslib.tables.cost_changes import names_json
from opslib.tables.timeline import EventKind
from tests.analysis.cost.anomalies.changes import change, recorded
from tests.analysis.cost.bills import Charge, make_bill, parameters, steady
from tests.analysis.cost.reports import ALL_READ

FIRST, YESTERDAY = date(2025, 11, 1), date(2026, 3, 1)
SPIKE = date(2026, 2, 23)
NEW = "arn:aws:ec2:us-east-1:111111111111:instance/i-new"
CHARGES = [
    *steady(FIRST, YESTERDAY),
    *(Charge(day=SPIKE + timedelta(days=n), cost=Decimal(100), resource=NEW) for n in range(7)),
]


def explained(changes: pd.DataFrame, *coverage: Coverage, **values: object) -> Explanation:
    params = parameters(**values)
    bill = make_bill(CHARGES)
    found = find_cost_anomalies(params, plan_periods(params), bill).found
    lines = (*ALL_READ, *coverage)
    (explanation,) = explain_anomalies(found, changes, bill, params, lines)
    return explanation


def line(table: str, status: CoverageStatus, **facts: Any) -> Coverage:
    return Coverage(table=table, asked="all", status=status, **facts)


def test_the_change_that_names_what_rose_comes_first() -> None:
    decoys = [
        change("ec2:RunInstances", "i-small", reference="other resource"),
        change("ec2:ModifyInstanceAttribute", "i-1", reference="resource that stayed"),
        change("ec2:CreateTags", NEW, reference="label"),
        change("rds:CreateDBInstance", "db", reference="other service"),
    ]
    true = change("ec2:RunInstances", "i-new", at=datetime(2026, 2, 21, 9, tzinfo=UTC))
    explanation = explained(recorded(*decoys, true))
    assert explanation.status is CauseStatus.RECORDED
    assert explanation.suspects[0].reference == true.reference
    assert explanation.alike == 1
    moved = explanation.suspects[0].moved
    assert moved is not None
    assert moved.before == 0
    assert moved.after == 100
    assert moved.share == pytest.approx(1.0, abs=0.02)
    listed = {one.reference for one in explanation.suspects}
    assert not {"resource that stayed", "other service"} & listed
    said = cause_sentence(explanation, "USD")
    assert "ec2:RunInstances on i-new by ops/ada at 2026-02-21 09:00 UTC" in said
    assert "from $0.00 to $100.00 a day" in said


def test_what_was_added_while_it_went_on_is_named_by_its_resource_alone() -> None:
    later = datetime(2026, 2, 25, tzinfo=UTC)
    named = change("ec2:RunInstances", "i-new", at=later)
    other = change("ec2:RunInstances", "i-other", at=later, reference="other")
    assert [one.reference for one in explained(recorded(named, other)).suspects] == [
        named.reference
    ]


def test_changes_that_are_as_likely_are_said_to_be_so() -> None:
    pair = [change("ec2:RunInstances", f"i-{n}", actor=f"ops/{n}") for n in (7, 8)]
    explanation = explained(recorded(*pair))
    assert explanation.alike == 2
    assert "1 other change could explain it as well" in cause_sentence(explanation, "USD")


@pytest.mark.parametrize(
    "facts",
    [
        {"at": datetime(2026, 2, 20, 23, 59, tzinfo=UTC)},
        {"at": datetime(2026, 2, 27, tzinfo=UTC)},
        {"account": "222222222222"},
        {"region": "eu-west-1"},
        {"kind": EventKind.CONTEXT},
    ],
)
def test_what_lies_elsewhere_or_failed_explains_nothing(facts: dict[str, object]) -> None:
    explanation = explained(recorded(change("ec2:RunInstances", "i-new", **facts)))
    assert explanation.status is CauseStatus.NONE_RECORDED
    assert "No change" in cause_sentence(explanation, "USD")


def test_what_takes_away_does_not_explain_a_rise() -> None:
    explanation = explained(recorded(change("ec2:TerminateInstances", "i-other")))
    assert explanation.status is CauseStatus.NONE_RECORDED


@pytest.mark.parametrize(
    ("unread", "status"),
    [
        (line("cloudtrail events", CoverageStatus.DENIED), CauseStatus.INCONCLUSIVE),
        (line("cloudtrail events", CoverageStatus.TRUNCATED), CauseStatus.INCONCLUSIVE),
        (line("group scaling events", CoverageStatus.DENIED), CauseStatus.INCONCLUSIVE),
        (
            line("cloudtrail events", CoverageStatus.DENIED, region="eu-west-1"),
            CauseStatus.NONE_RECORDED,
        ),
        (
            line("cloudtrail events", CoverageStatus.DENIED, account="222222222222"),
            CauseStatus.NONE_RECORDED,
        ),
    ],
)
def test_what_could_not_be_read_is_never_no_cause(unread: Coverage, status: CauseStatus) -> None:
    assert explained(recorded(), unread).status is status


def test_a_trail_that_nobody_read_is_inconclusive() -> None:
    params = parameters()
    bill = make_bill(CHARGES)
    found = find_cost_anomalies(params, plan_periods(params), bill).found
    (explanation,) = explain_anomalies(found, recorded(), bill, params, ())
    assert explanation.status is CauseStatus.INCONCLUSIVE


def test_text_from_outside_is_made_visible() -> None:
    explanation = explained(recorded(change("ec2:RunInstances", "i-new", actor="a\u202eb")))
    assert "\u202e" not in cause_sentence(explanation, "USD")


def test_windows_of_one_place_that_overlap_are_read_once() -> None:
    dear = [Charge(day=SPIKE + timedelta(days=2), cost=Decimal(900), service="Amazon RDS")]
    params = parameters()
    bill = make_bill([*CHARGES, *steady(FIRST, YESTERDAY, service="Amazon RDS"), *dear])
    found = find_cost_anomalies(params, plan_periods(params), bill).found
    assert len(found) == 2
    window, later = plan_cause_windows(found, params)
    assert later.window.start == datetime(2026, 2, 24, tzinfo=UTC)
    assert later.window.end == datetime(2026, 2, 27, tzinfo=UTC)
    assert (window.account, window.region) == ("111111111111", "us-east-1")
    assert window.window.start == datetime(2026, 2, 21, tzinfo=UTC)
    assert window.window.end == datetime(2026, 2, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "service", "bears"),
    [
        ("rds", "Amazon Relational Database Service", True),
        ("es", "Amazon OpenSearch Service", True),
        ("es", "Amazon Relational Database Service", False),
        ("sagemaker", "Amazon SageMaker", True),
        ("iam", "Amazon SageMaker", False),
        ("ec2", "EC2 - Other", True),
        ("lambda", "AWS Data Transfer", None),
    ],
)
def test_calls_bear_on_services(source: str, service: str, bears: bool | None) -> None:
    assert bears_on(source, service) is bears


def test_names_of_one_service_are_the_same() -> None:
    compute = "Amazon Elastic Compute Cloud - Compute"
    assert same_service("Amazon Elastic Compute Cloud", compute)
    assert same_service("AmazonCloudWatch", "Amazon CloudWatch")
    assert not same_service("Amazon DynamoDB", "Amazon DocumentDB")


def test_the_resources_of_one_call_are_weighed_together() -> None:
    fleet = [f"arn:aws:ec2:us-east-1:111111111111:instance/i-fleet{n:02d}" for n in range(20)]
    charges = [
        *steady(FIRST, YESTERDAY),
        *(
            Charge(day=SPIKE + timedelta(days=n), cost=Decimal(5), resource=one)
            for n in range(7)
            for one in fleet
        ),
    ]
    params = parameters()
    bill = make_bill(charges)
    found = find_cost_anomalies(params, plan_periods(params), bill).found
    names = [one.rpartition("/")[2] for one in fleet]
    made = recorded(change("ec2:RunInstances", names[0]), Resources=names_json(names), Extent=20)
    (explanation,) = explain_anomalies(found, made, bill, params, ALL_READ)
    (suspect,) = explanation.suspects
    assert suspect.moved is not None
    assert suspect.moved.share == pytest.approx(1.0, abs=0.02)
    assert suspect.moved.after == 100
    assert suspect.has_moved
    assert "20 resources" in cause_sentence(explanation, "USD")
    assert {suspect.moved.resource, *suspect.moved.others} == set(fleet)
    other = change("ec2:RunInstances", "i-0000", reference="other")
    told = (other, change("ec2:RunInstances", names[0]))
    beside = recorded(*told, Resources=[names_json(("i-0000",)), names_json(names)])
    (explanation,) = explain_anomalies(found, beside, bill, params, ALL_READ)
    for one in fleet:
        assert "20 resources" in cause_sentence(explanation, "USD", resource=one)


def test_a_resource_goes_by_each_name_that_its_making_gave_it() -> None:
    named = recorded(
        change("ec2:RunInstances", "nightly"), Resources=names_json(("nightly", "i-new"))
    )
    moved = explained(named).suspects[0].moved
    assert moved is not None
    assert moved.resource == NEW
    assert moved.others == ()
