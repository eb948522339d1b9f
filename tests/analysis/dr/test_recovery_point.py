from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.dr import RecoveryPointChoice, choose_recovery_point
from opslib.errors import ParameterError
from opslib.tables.backups import RECOVERY_POINTS
from tests.analysis.dr.backups import (
    AS_OF,
    AWAY,
    DAY,
    HOME,
    HOUR,
    ORDERS,
    TODAY,
    Row,
    copy_of,
    frame,
    point,
)

CONTINUOUS = "arn:aws:backup:us-east-1:2:recovery-point:continuous:orders-1"
WINDOW = (AS_OF - 7 * DAY, AS_OF - HOUR / 12)


def choose(points: list[Row], rule: str = "latest_healthy", **asked: Any) -> RecoveryPointChoice:
    asked = {"region": HOME, **asked}
    return choose_recovery_point(frame(points, RECOVERY_POINTS), ORDERS, rule, AS_OF, **asked)


def test_the_newest_healthy_one_is_chosen_and_the_others_are_told() -> None:
    points = [
        point(AS_OF + HOUR),
        point(TODAY, Status="PARTIAL"),
        point(TODAY - DAY, ScanFindings="MALWARE"),
        point(TODAY - 2 * DAY),
        point(TODAY - 3 * DAY),
        copy_of(),
        point(TODAY - DAY / 2, ResourceArn="arn:another"),
    ]
    choice = choose(points)
    assert choice.point is not None
    assert choice.point.created == TODAY - 2 * DAY
    assert choice.lost == AS_OF - choice.point.created
    assert "newest of 2" in choice.because
    assert [passed.because for passed in choice.passed_over] == [
        "it was made after 2 Mar 2026 06:00 UTC",
        "its status is PARTIAL",
        "a scan found MALWARE in it",
    ]


def test_a_region_is_restored_from_what_it_holds() -> None:
    choice = choose([point(), copy_of(TODAY - DAY)], region=AWAY)
    assert choice.point is not None
    assert choice.point.region == AWAY


def test_where_none_fits_none_is_chosen() -> None:
    choice = choose([point(Status="EXPIRED")])
    assert choice.point is None
    assert choice.lost is None
    assert choice.because == "None of 1 recovery point fits."
    assert choice.passed_over[0].because == "its status is EXPIRED"
    assert choose([]).point is None


def test_a_named_one_is_taken_if_it_fits() -> None:
    points = [point(), point(TODAY - DAY), point(TODAY - 2 * DAY, Status="STOPPED")]
    named = choose(points, points[1]["RecoveryPointArn"])
    assert named.point is not None
    assert named.point.created == TODAY - DAY
    assert [passed.because for passed in named.passed_over] == ["another one was named"]
    unfit = choose(points, points[2]["RecoveryPointArn"])
    assert unfit.point is None
    assert "its status is STOPPED" in unfit.because
    unknown = choose(points, "arn:aws:backup:us-east-1:2:recovery-point:none")
    assert unknown.point is None
    assert "None of 3 recovery points" in unknown.because


def test_a_moment_is_met_by_pitr_where_that_reaches() -> None:
    points = [point(), point(TODAY - DAY), point(RecoveryPointArn=CONTINUOUS, Status="AVAILABLE")]
    wanted = TODAY - HOUR
    rewound = choose(points, wanted.isoformat(), pitr=WINDOW)
    assert rewound.restore_to == wanted
    assert rewound.lost == timedelta(0)
    assert rewound.point is not None
    assert rewound.point.is_continuous
    assert [passed.point.created for passed in rewound.passed_over] == [TODAY - DAY]
    early = choose(points, wanted.isoformat(), pitr=(TODAY, AS_OF))
    assert early.restore_to is None
    assert early.point is not None
    assert early.lost == DAY - HOUR
    assert {passed.because for passed in early.passed_over} == {
        "it was made after 2 Mar 2026 02:10 UTC",
        "it is a continuous backup: give a moment to restore to",
    }


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("newest", "no rule"),
        ("2026-03-01T12:00:00", "has no time zone"),
        ("2026-03-02T06:00:01Z", "is after"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: str, problem: str) -> None:
    with pytest.raises(ParameterError, match=problem):
        choose([point()], rule)


@settings(max_examples=50)
@given(hours=st.integers(0, 24 * 30))
def test_what_is_chosen_for_a_moment_is_never_after_it(hours: int) -> None:
    wanted = AS_OF - timedelta(hours=hours)
    points = [point(TODAY - DAY * n, DeleteAt=None) for n in range(10)]
    choice = choose(points, wanted.isoformat())
    if choice.point is None:
        assert wanted < TODAY - 9 * DAY
    else:
        assert timedelta(0) <= wanted - choice.point.created
        assert choice.lost == wanted - choice.point.created
