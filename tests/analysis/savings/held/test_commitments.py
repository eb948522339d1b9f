from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.savings.held.commitments import Commitment, list_commitments
from tests.analysis.savings.estates import AS_OF, DAYS
from tests.analysis.savings.held.held_tables import plan, tables, use

LAST = datetime(2026, 2, 27, tzinfo=UTC)
"""The end of the last day of `DAYS`."""


def only(held: dict[str, object], told: dict[str, object] | None = None) -> Commitment:
    (one,) = list_commitments(tables([held], [told] if told else []), DAYS)
    return one


def test_what_is_unused_is_told_for_a_month_of_the_hours_that_were_paid() -> None:
    bought = pd.Timestamp(LAST - timedelta(days=5))
    one = only(plan("p", Start=bought), use("p", cost="120", unused="60", on_demand="90"))
    assert (one.hours, one.unused) == (Decimal(120), Decimal(360))
    assert one.lost_with_it == Decimal(-180)


def test_what_ended_in_the_period_was_paid_for_until_then() -> None:
    ended = LAST - timedelta(days=20)
    one = only(plan("p", ends=ended, State="retired"), use("p", cost="240"))
    assert one.hours == Decimal(240)
    assert not one.is_active


def test_less_than_a_day_tells_nothing() -> None:
    begun = pd.Timestamp(LAST - timedelta(hours=23))
    one = only(plan("p", Start=begun), use("p", cost="23", unused="23", share=0))
    assert (one.used_share, one.unused, one.is_unknown) == (None, None, False)


def test_no_word_of_its_use_is_not_known_and_not_unused() -> None:
    one = only(plan("p"))
    assert (one.used_share, one.unused, one.is_unknown) == (None, None, True)


def test_what_nobody_lists_is_judged_over_all_days_and_has_no_end() -> None:
    (one,) = list_commitments(tables([], [use("p", unused="72", share=0.9)]), DAYS)
    assert (one.hours, one.unused) == (Decimal(720), Decimal(72))
    assert (one.is_listed, one.is_active, one.end) == (False, True, None)


@pytest.mark.parametrize(
    ("hourly", "days_later", "renewed"),
    [("1", 0, True), ("0.999", 0, False), ("2", 0, True), ("1", 2, False), ("1", -2, False)],
)
def test_as_much_must_be_queued_for_the_end(hourly: str, days_later: int, renewed: bool) -> None:
    end = AS_OF + timedelta(days=20)
    start = end + timedelta(days=days_later)
    queued = plan(
        "next",
        ends=start + timedelta(days=365),
        Start=pd.Timestamp(start),
        State="queued",
        HourlyCost=Decimal(hourly),
    )
    told = list_commitments(tables([plan("p", ends=end), queued], [use("p")]), DAYS)
    assert {one.id: one.is_renewed for one in told} == {"p": renewed, "next": False}


def test_one_that_is_queued_does_not_renew_two() -> None:
    end = AS_OF + timedelta(days=20)
    queued = plan("next", Start=pd.Timestamp(end), State="queued")
    ending = [plan("a", ends=end), plan("b", ends=end)]
    told = list_commitments(tables([*ending, queued], []), DAYS)
    assert not any(one.is_renewed for one in told)


def test_another_kind_renews_nothing() -> None:
    end = AS_OF + timedelta(days=20)
    queued = plan("next", Start=pd.Timestamp(end), State="queued", What="EC2Instance Savings Plan")
    told = list_commitments(tables([plan("a", ends=end), queued], []), DAYS)
    assert not any(one.is_renewed for one in told)


@settings(max_examples=20)
@given(
    hourly=st.decimals("0.001", "500", places=3),
    days=st.integers(1, 30),
    share=st.decimals("0", "1", places=3),
)
def test_no_more_is_unused_than_is_committed(hourly: Decimal, days: int, share: Decimal) -> None:
    cost = hourly * 24 * days
    start = pd.Timestamp(LAST - timedelta(days=days))
    told = use("p", cost=str(cost), unused=str(cost * (1 - share)), share=float(share))
    one = only(plan("p", Start=start, HourlyCost=hourly), told)
    assert one.unused is not None
    assert 0 <= one.unused <= hourly * 720
    assert abs(one.unused - hourly * 720 * (1 - share)) < Decimal("1e-9")
