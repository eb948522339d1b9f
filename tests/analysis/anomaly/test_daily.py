"""Episodes in daily amounts: what is one, from when to when, and what is none."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.anomaly.daily import FEWEST_DAYS, DailyEpisodes, find_daily_episodes
from opslib.analysis.anomaly.month_days import same_days_of_months

FIRST = date(2025, 11, 20)
DAYS = tuple(FIRST + timedelta(days=n) for n in range(98))


def noisy(seed: int = 1, noise: float = 0.05, level: float = 100.0) -> np.ndarray:
    return level * np.random.default_rng(seed).lognormal(0, noise, len(DAYS))


def judged(amounts: np.ndarray, days: tuple[date, ...] = DAYS) -> DailyEpisodes:
    return find_daily_episodes(days, amounts, scale=20.0, confidence=0.8)


def spans(shown: DailyEpisodes) -> list[tuple[int, int, bool, bool]]:
    return [(one.first, one.last, one.rises, one.is_level) for one in shown.episodes]


def test_a_day_at_twice_the_usual_is_one_episode_of_one_day() -> None:
    amounts = noisy()
    amounts[80] *= 2
    shown = judged(amounts)
    assert spans(shown) == [(80, 80, True, False)]
    assert shown.expected[80] == pytest.approx(100, rel=0.1)
    assert shown.low[80] < shown.expected[80] < shown.high[80] < amounts[80]


def test_a_level_is_told_once_and_is_usual_from_then_on() -> None:
    amounts = noisy()
    amounts[50:] *= 2
    shown = judged(amounts)
    assert spans(shown) == [(50, 56, True, True)]
    assert shown.expected[70] == pytest.approx(200, rel=0.15)


def test_what_goes_on_at_the_end_lasts() -> None:
    amounts = noisy()
    amounts[95:] = 0
    assert spans(judged(amounts)) == [(95, 97, False, True)]


def test_a_series_that_never_varied_shows_small_steps() -> None:
    amounts = np.full(len(DAYS), 100.0)
    amounts[90:] = 115
    assert spans(judged(amounts)) == [(90, 96, True, True)]


def test_weekends_are_usual_and_a_dear_weekend_is_not() -> None:
    weekend = np.array([day.weekday() >= 5 for day in DAYS])
    amounts = np.where(weekend, 0.4, 1.0) * noisy()
    assert not judged(amounts).episodes
    saturday = max(n for n in range(90) if DAYS[n].weekday() == 5)
    amounts[saturday] = 100
    assert [one.first for one in judged(amounts).episodes] == [saturday]


def test_a_fee_on_the_first_of_every_month_is_usual_and_a_larger_one_is_not() -> None:
    first = np.array([day.day == 1 for day in DAYS])
    amounts = noisy() + 400 * first
    assert not judged(amounts).episodes
    february = DAYS.index(date(2026, 2, 1))
    amounts[february] += 4_000
    assert [one.first for one in judged(amounts).episodes] == [february]


def test_growth_is_usual() -> None:
    growing = noisy(noise=0.03) * 1.04 ** (np.arange(len(DAYS)) / 7)
    assert not judged(growing).episodes


def test_what_came_twice_before_is_a_habit() -> None:
    amounts = noisy()
    amounts[[40, 57, 74, 90]] = 400
    assert [one.first for one in judged(amounts).episodes] == [40, 57]


def test_a_missing_day_is_neither_usual_nor_unusual() -> None:
    amounts = noisy()
    amounts[[60, 61, 97]] = np.nan
    shown = judged(amounts)
    assert not shown.episodes
    assert not np.isnan(shown.expected[62])


@pytest.mark.parametrize("length", [0, 1, 7, FEWEST_DAYS])
def test_too_few_days_show_nothing(length: int) -> None:
    amounts = noisy()[:length]
    amounts[length // 2 :] *= 50
    shown = judged(amounts, DAYS[:length])
    assert not shown.episodes
    assert np.isnan(shown.expected).all()


def test_days_after_a_day_do_not_change_what_is_said_of_it() -> None:
    amounts = noisy(seed=3)
    amounts[60] *= 3
    whole, part = judged(amounts), judged(amounts[:80], DAYS[:80])
    assert spans(whole)[: len(spans(part))] == spans(part)
    assert np.array_equal(whole.expected[:80], part.expected, equal_nan=True)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=len(DAYS), max_size=len(DAYS))
)
def test_episodes_never_overlap_and_lie_in_the_series(amounts: list[float]) -> None:
    shown = judged(np.array(amounts))
    ends = [FEWEST_DAYS - 3, *(n for one in shown.episodes for n in (one.first, one.last))]
    assert ends == sorted(ends)
    assert ends[-1] < len(DAYS)


def test_a_month_without_the_date_has_its_last_day_instead() -> None:
    days = tuple(date(2026, 1, 31) + timedelta(days=n) for n in range(60))
    near = {days[n] for n in same_days_of_months(days)[0]}
    assert near == {date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)}
