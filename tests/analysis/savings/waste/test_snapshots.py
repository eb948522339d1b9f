"""Snapshots older than the lifecycle policy keeps any, and those with a reason to exist."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Option
from opslib.analysis.savings.recommendation import Basis, Reason, Recommendation
from opslib.analysis.savings.waste.snapshots import check_snapshots
from tests.analysis.savings.estates import DAYS, judging_of, thing

METER = "EBS:SnapshotUsage"


def snapshot(name: str, days_old: int, **settings: Any) -> Thing:
    told = {"volume": f"vol-of-{name}", "images": [], **settings}
    return thing("snapshot", name, days_old=days_old, **told)


def said(*snapshots: Thing, **values: Any) -> list[Option]:
    charged = [(one.id, METER, "2", "0.05", DAYS) for one in snapshots]
    return list(check_snapshots(judging_of(snapshots, charged, **values)))


def test_a_snapshot_older_than_the_policy_saves_its_own_line() -> None:
    (option,) = said(snapshot("old", 36), snapshot("kept", 35))
    assert isinstance(option, Recommendation)
    assert (option.thing.id, option.saving, option.basis) == ("old", Decimal(3), Basis.BILL)
    assert said(snapshot("old", 36), snapshot_days=36) == []


def test_what_a_later_snapshot_of_the_volume_shares_makes_it_an_estimate() -> None:
    (option,) = said(snapshot("old", 90, volume="v"), snapshot("new", 2, volume="v"))
    assert isinstance(option, Recommendation)
    assert option.basis is Basis.ESTIMATE
    assert "stays charged" in option.sentence
    both = said(snapshot("old", 90, volume="v"), snapshot("later", 60, volume="v"))
    assert [getattr(one, "basis", None) for one in both] == [Basis.BILL, Basis.BILL]


def test_copies_share_no_volume_though_they_name_the_same() -> None:
    copies = (snapshot("a", 90, volume="vol-ffffffff"), snapshot("b", 2, volume="vol-ffffffff"))
    (option,) = said(*copies)
    assert isinstance(option, Recommendation)
    assert option.basis is Basis.BILL


@pytest.mark.parametrize(
    ("images", "tags", "reason"),
    [
        (["ami-1"], {}, Reason.IN_USE),
        (None, {}, Reason.UNKNOWN),
        ([], {"aws:backup:source-resource": "arn"}, Reason.COVERED),
        ([], {"aws:dlm:lifecycle-policy-id": "policy-1"}, Reason.COVERED),
    ],
)
def test_a_snapshot_with_a_reason_to_exist_is_not_accused(
    images: list[str] | None, tags: dict[str, str], reason: Reason
) -> None:
    (option,) = said(replace(snapshot("old", 400, images=images), tags=tags))
    assert getattr(option, "reason", None) is reason


def test_what_is_not_on_the_bill_is_not_known() -> None:
    (option,) = check_snapshots(judging_of([snapshot("old", 90)], [("x", METER, "1", "1", DAYS)]))
    assert getattr(option, "reason", None) is Reason.UNKNOWN


def test_a_bill_without_resources_says_nothing_of_what_a_snapshot_costs() -> None:
    old = snapshot("old", 90)
    charged = [("x", METER, "1", "1", DAYS)]
    (option,) = check_snapshots(judging_of([old], charged, knows_resources=False))
    assert getattr(option, "reason", None) is Reason.UNKNOWN
    assert option.sentence.endswith("its size does not tell them")
