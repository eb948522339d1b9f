"""Amounts that come now and then: which are one more of them, and which are none."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from opslib.analysis.anomaly.daily import find_daily_episodes
from opslib.analysis.anomaly.occasions import chance_of_occasion

DAYS = tuple(date(2025, 11, 20) + timedelta(days=n) for n in range(98))
SCALE = 20.0


def past_of(count: int, **amounts: float) -> np.ndarray:
    """Return ``count`` days, zero but for those named as ``d3``."""
    past = np.zeros(count)
    for name, amount in amounts.items():
        past[int(name[1:])] = amount
    return past


def starts(amounts: np.ndarray) -> list[int]:
    shown = find_daily_episodes(DAYS, amounts, scale=SCALE, confidence=0.8)
    return [one.first for one in shown.episodes]


def test_the_chance_is_that_of_an_occasion_and_of_its_size() -> None:
    one, two = past_of(39, d7=4.0), past_of(39, d7=4.0, d20=8.0)
    assert chance_of_occasion(one, 12.0) == pytest.approx(2 / 40 / (1 + 12 / 4))
    assert chance_of_occasion(two, 12.0) == pytest.approx(3 / 40 / (1 + 12 / (2 * 6)) ** 2)


def test_days_in_a_row_are_one_occasion() -> None:
    spell = past_of(39, d7=4.0, d8=4.0, d9=4.0)
    assert chance_of_occasion(spell, 8.0) == pytest.approx(2 / 40 / (1 + 8 / 4))


@pytest.mark.parametrize(
    "past",
    [
        past_of(39),
        past_of(39, d38=4.0),
        np.tile([4.0, 0.0], 20)[:39],
        np.full(39, np.nan),
    ],
    ids=["none before", "the day before", "every other day", "nothing known"],
)
def test_where_there_is_no_occasion_there_is_no_chance_of_one(past: np.ndarray) -> None:
    assert chance_of_occasion(past, 4.0) == 0.0


def test_what_came_once_where_nothing_is_usual_may_come_again() -> None:
    assert starts(past_of(98, d40=100.0)) == [40]
    assert starts(past_of(98, d40=100.0, d60=130.0, d85=80.0)) == [40]


def test_one_far_larger_than_those_before_is_told() -> None:
    usual = {"d12": 90.0, "d31": 110.0, "d44": 100.0, "d52": 95.0, "d66": 105.0}
    assert 85 not in starts(past_of(98, **usual, d85=160.0))
    assert 85 in starts(past_of(98, **usual, d85=4000.0))


def test_what_stays_is_told_from_its_first_day() -> None:
    amounts = past_of(98, d40=110.0)
    amounts[80:] = 100.0
    assert starts(amounts) == [40, 80]


def test_a_surprise_beside_what_is_always_charged_is_no_occasion() -> None:
    amounts = np.full(98, 100.0)
    amounts[[40, 60]] = 300.0
    assert starts(amounts) == [40, 60]
