"""Volumes that nothing uses, and gp2 that gp3 serves as quickly for less."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.savings.options import Option
from opslib.analysis.savings.recommendation import Basis, Reason, Recommendation, Rejection
from opslib.analysis.savings.waste.volumes import check_gp2_volumes, check_unattached_volumes
from opslib.money import ZERO
from tests.analysis.savings.estates import DAYS, REGION, Charged, judging_of, thing

GP2, GP3 = "EBS:VolumeUsage.gp2", "EBS:VolumeUsage.gp3"
OWN_GP3: Charged = ("vol-other", GP3, "10", "0.08", DAYS)


def as_gp3(gib: int, *beside: Charged, price: str = "0.1") -> Option:
    """Return what is said of a gp2 volume that is charged its GiB at ``price`` a month."""
    volume = thing("volume", "vol-1", state="in-use", type="gp2", gib=gib, instances=["i-1"])
    daily = str(Decimal(gib) / 30)
    (option,) = check_gp2_volumes(
        judging_of([volume], [("vol-1", GP2, daily, price, DAYS), *beside])
    )
    return option


@pytest.mark.parametrize(
    ("gib", "saving"),
    [
        (100, "1.88"),  # 100 x 0.02, less 3 MiB/s x 0.04: gp2 of this size bursts to 128 MiB/s
        (500, "5"),  # 500 x 0.02, less 125 MiB/s x 0.04
        (2000, "20"),  # 2000 x 0.02, less 125 x 0.04, less 3,000 IOPS x 0.005
        (10000, "130"),  # 10000 x 0.02, less 125 x 0.04, less 13,000 IOPS: gp2 ends at 16,000
    ],
)
def test_gp3_saves_what_is_left_after_the_speed_of_gp2_is_bought(gib: int, saving: str) -> None:
    option = as_gp3(gib, OWN_GP3)
    assert isinstance(option, Recommendation)
    assert option.saving.quantize(Decimal("0.0001")) == Decimal(saving)
    assert "documents" not in option.sentence


def test_throughput_that_costs_more_than_the_size_saves_leaves_gp2_where_it_is() -> None:
    option = as_gp3(200, OWN_GP3)
    assert isinstance(option, Rejection)
    assert (option.reason, option.saving) == (Reason.TOO_SMALL, ZERO)


def test_an_account_without_gp3_is_told_that_its_price_follows_from_gp2() -> None:
    option = as_gp3(500, price="0.2")
    assert isinstance(option, Recommendation)
    assert option.saving.quantize(Decimal("0.0001")) == Decimal(10)
    assert "AWS documents" in option.sentence


def test_throughput_is_bought_at_the_own_price_in_the_unit_of_the_bill() -> None:
    paid: Charged = ("vol-2", "EBS:VolumeP-Throughput.gp3", "1", "20.48", DAYS)
    volume = thing("volume", "vol-1", state="in-use", type="gp2", gib=500, instances=[])
    told = judging_of([volume], [("vol-1", GP2, "16.666666", "0.1", DAYS), OWN_GP3, paid])
    key = (REGION, "EBS:VolumeP-Throughput.gp3")
    told.charges.prices[key] = tuple(
        replace(one, unit="GiBps-mo") for one in told.charges.prices[key]
    )
    (option,) = check_gp2_volumes(told)
    assert option.saving is not None
    assert option.saving.quantize(Decimal("0.01")) == Decimal("7.50")  # 10, less 125 x 0.02


@settings(max_examples=40)
@given(gib=st.integers(1, 16384), price=st.decimals("0.01", "1", places=3))
def test_by_the_documented_shares_no_more_than_a_fifth_is_saved(gib: int, price: Decimal) -> None:
    volume = thing("volume", "vol-1", state="in-use", type="gp2", gib=gib, instances=[])
    charged: Charged = ("vol-1", GP2, str(Decimal(gib) / 30), str(price), DAYS[:1])
    (option,) = check_gp2_volumes(judging_of([volume], [charged]))
    assert option.saving is not None
    if isinstance(option, Recommendation):
        assert 0 < option.saving <= option.cost / 5
    else:
        assert (option.reason, option.saving) == (Reason.TOO_SMALL, ZERO)


def test_of_a_volume_that_nothing_uses_every_line_is_saved() -> None:
    volume = thing("volume", "vol-1", state="available", type="io1", gib=100, iops=1000)
    lines = [
        ("vol-1", "EBS:VolumeUsage.piops", "4", "0.125", DAYS),
        ("vol-1", "EBS:VolumeP-IOPS.piops", "30", "0.065", DAYS),
    ]
    (option,) = check_unattached_volumes(judging_of([volume], lines))
    assert isinstance(option, Recommendation)
    assert (option.saving, option.basis) == (Decimal("73.5"), Basis.BILL)


def test_without_resources_on_the_bill_size_and_performance_are_estimated() -> None:
    volume = thing("volume", "vol-1", state="available", type="io1", gib=100, iops=1000)
    lines = [
        ("x", "EBS:VolumeUsage.piops", "4", "0.125", DAYS),
        ("x", "EBS:VolumeP-IOPS.piops", "30", "0.065", DAYS),
    ]
    (option,) = check_unattached_volumes(judging_of([volume], lines, knows_resources=False))
    assert isinstance(option, Recommendation)
    assert (option.saving, option.basis) == (Decimal("77.5"), Basis.ESTIMATE)
    (option,) = check_unattached_volumes(judging_of([volume], lines[:1], knows_resources=False))
    assert isinstance(option, Rejection)
    assert option.reason is Reason.UNKNOWN
    assert option.sentence.endswith("pays no price of its kind")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"state": "in-use"}, None),
        ({"state": "available", "days_old": 29}, Reason.TOO_YOUNG),
    ],
)
def test_a_volume_in_use_is_no_option_and_a_young_one_is_not_judged(
    facts: dict[str, object], expected: Reason | None
) -> None:
    days = int(str(facts.pop("days_old", 400)))
    volume = thing("volume", "vol-1", days_old=days, type="gp3", gib=10, **facts)
    told = [("vol-1", GP3, "1", "1", DAYS)]
    options = list(check_unattached_volumes(judging_of([volume], told)))
    assert [getattr(one, "reason", "wanted") for one in options] == ([expected] if expected else [])
