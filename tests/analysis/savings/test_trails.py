"""Trails that deliver the same events once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Option
from opslib.analysis.savings.recommendation import Basis, Reason, Recommendation, Rejection
from opslib.analysis.savings.waste.trails import check_duplicate_trails
from tests.analysis.savings.estates import ACCOUNT, DAYS, REGION, judging_of, thing

ALL: Mapping[str, list[str]] = {"read": [], "write": []}
PAID, DATA = "USE1-PaidEventsRecorded", "USE1-DataEventsRecorded"
IRISH = "EUW1-PaidEventsRecorded"


def arn(name: str, region: str = REGION) -> str:
    return f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{name}"


def trail(name: str, *, region: str = REGION, days_old: int = 400, **told: Any) -> Thing:
    settings = {
        "home": REGION,
        "is_multi_region": False,
        "is_organization": False,
        "is_logging": True,
        "management": ALL,
        "data": [],
    }
    made = thing("trail", arn(name), days_old=days_old, **{**settings, **told})
    return replace(made, name=name, region=region)


def paid(name: str, thousands: int = 100, meter: str = PAID) -> Any:
    return (arn(name), meter, str(thousands * 1000), "0.00002", DAYS)


def judge(trails: Iterable[Thing], charged: Iterable[Any] = ()) -> list[Option]:
    return list(check_duplicate_trails(judging_of(trails, [paid("none"), *charged])))


def test_the_younger_of_two_alike_can_go_and_saves_its_copies() -> None:
    (found,) = judge([trail("b", days_old=500), trail("a")], [paid("a")])
    assert isinstance(found, Recommendation)
    assert (found.thing.name, found.saving, found.basis) == ("a", Decimal(60), Basis.BILL)
    assert found.sentence == "b delivers the same management events in us-east-1"
    assert found.action == "Look who reads its bucket, then delete the trail."


@pytest.mark.parametrize("wider", [{"is_multi_region": True}, {"is_organization": True}])
def test_the_wider_trail_stays_though_it_is_younger(wider: dict[str, Any]) -> None:
    (found,) = judge([trail("old", days_old=900), trail("wide", **wider)], [paid("old")])
    assert isinstance(found, Recommendation)
    assert found.thing.name == "old"


def test_where_the_one_that_stays_is_charged_its_copy_becomes_free() -> None:
    (found,) = judge([trail("b", days_old=500), trail("a")], [paid("b")])
    assert isinstance(found, Recommendation)
    assert [(line.resource, line.saving) for line in found.lines] == [(arn("b"), Decimal(60))]


def test_several_that_the_bill_does_not_name_share_what_is_charged() -> None:
    trails = [trail("keep", days_old=900), trail("x"), trail("y")]
    found = judge(trails, [paid("keep", 200)])
    assert [one.saving for one in found] == [Decimal(60), Decimal(60)]
    assert all(isinstance(one, Recommendation) and one.basis is Basis.ESTIMATE for one in found)
    keys = {line.key for one in found if isinstance(one, Recommendation) for line in one.lines}
    assert len(keys) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"is_logging": False},
        {"management": {}, "data": ["objects"]},
        {"management": {"read": []}, "days_old": 900},
    ],
)
def test_what_delivers_other_events_or_none_is_no_duplicate(other: dict[str, Any]) -> None:
    first = trail("first", management={"write": []})
    assert judge([first, trail("other", **other)], [paid("other")]) == []


def test_a_trail_that_leaves_out_more_is_covered_and_covers_not() -> None:
    less = {"read": ["kms.amazonaws.com"], "write": ["kms.amazonaws.com"]}
    trails = [trail("less", management=less, days_old=900), trail("all", is_multi_region=True)]
    (found,) = judge(trails, [paid("less")])
    assert isinstance(found, Recommendation)
    wide = [trail("less", management=less, is_multi_region=True), trail("all")]
    assert judge(wide, [paid("all")]) == []


def test_a_trail_of_one_region_does_not_cover_one_of_all() -> None:
    both = [trail("one", days_old=900), trail("all", is_multi_region=True)]
    (found,) = judge(both, [paid("one")])
    assert isinstance(found, Recommendation)
    assert found.thing.name == "one"


def test_a_trail_of_all_regions_is_told_once_with_the_copies_of_each() -> None:
    wide: dict[str, Any] = {"is_multi_region": True}
    trails = [
        trail(name, region=region, days_old=days, **wide)
        for region in ("eu-west-1", REGION)
        for name, days in (("keep", 900), ("again", 400))
    ]
    (found,) = judge(trails, [paid("again"), paid("again", 10, IRISH)])
    assert isinstance(found, Recommendation)
    assert (found.thing.region, found.saving) == (REGION, Decimal(66))
    assert found.sentence == "keep delivers the same management events in eu-west-1 and us-east-1"


def test_data_events_alike_are_charged_from_the_first_copy_on() -> None:
    trails = [
        trail(name, data=["objects"], days_old=days) for name, days in (("b", 500), ("a", 400))
    ]
    charged = [paid("a"), paid("a", 10, DATA), paid("b", 10, DATA)]
    (found,) = judge(trails, charged)
    assert isinstance(found, Recommendation)
    assert found.saving == Decimal(66)
    assert "data events" in found.sentence


def test_a_trail_that_alone_delivers_data_events_stays_for_them() -> None:
    trails = [trail("b", days_old=500), trail("a", data=["objects"])]
    (found,) = judge(trails, [paid("a"), paid("a", 10, DATA)])
    assert isinstance(found, Recommendation)
    assert found.saving == Decimal(60)
    assert found.action == (
        "Stop its management events alone: its data events no other trail delivers."
    )


@pytest.mark.parametrize(
    ("told", "charged", "reason"),
    [
        ({"days_old": 10}, [paid("a")], Reason.TOO_YOUNG),
        ({}, [], Reason.UNKNOWN),
        ({"is_logging": None}, [paid("a")], Reason.UNKNOWN),
    ],
)
def test_what_is_young_or_not_known_is_rejected(
    told: dict[str, Any], charged: list[Any], reason: Reason
) -> None:
    (found,) = judge([trail("b", days_old=500), trail("a", **told)], charged)
    assert isinstance(found, Rejection)
    assert found.reason is reason


def test_a_trail_whose_events_aws_does_not_tell_covers_nothing() -> None:
    hidden = trail("hidden", is_organization=True)
    settings = {name: value for name, value in hidden.settings.items() if name != "management"}
    (found,) = judge([replace(hidden, settings=settings), trail("a")], [paid("a")])
    assert isinstance(found, Rejection)
    assert found.thing.name == "hidden"
