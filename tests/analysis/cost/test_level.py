from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.cost.level import at_current_level, find_step


def series(seed: int, *, noise: float = 0.04, days: int = 98) -> list[float]:
    chance = random.Random(seed)
    return [(70 if n % 7 > 4 else 100) * chance.lognormvariate(0, noise) for n in range(days)]


@pytest.mark.parametrize("lasted", [2, 5, 12, 20])
def test_a_step_that_lasts_is_found_with_its_day_and_size(lasted: int) -> None:
    costs = series(1)
    stepped = costs[:-lasted] + [cost + 60 for cost in costs[-lasted:]]
    step = find_step(stepped)
    assert step is not None
    assert step.start == len(costs) - lasted
    assert step.amount == pytest.approx(60, rel=0.15)
    level = at_current_level(stepped).costs
    assert sum(level[:28]) == pytest.approx(sum(costs[:28]) + 28 * 60, rel=0.1)
    assert list(level[-lasted:]) == stepped[-lasted:]


def test_a_step_that_went_back_is_none() -> None:
    costs = series(2)
    costs[-10:-5] = [cost + 80 for cost in costs[-10:-5]]
    assert list(at_current_level(costs).costs) == costs


def test_a_spike_on_the_day_after_a_step_is_not_the_new_level() -> None:
    costs = series(4)
    spiked = [*costs[:-2], costs[-2] + 60, costs[-1] + 400]
    assert find_step(spiked) is None
    lasting = [*costs[:-8], *(cost + 60 for cost in costs[-8:-1]), costs[-1] + 400]
    step = find_step(lasting)
    assert step is not None
    assert step.amount == pytest.approx(60, rel=0.25)


def test_a_short_history_has_no_step() -> None:
    assert find_step(series(3, days=40)) is None


@given(st.integers(0, 10_000))
def test_noise_alone_moves_a_month_by_little(seed: int) -> None:
    costs = series(seed)
    moved = sum(at_current_level(costs).costs[:28]) / sum(costs[:28])
    assert 0.85 < moved < 1.15


def test_a_batch_that_ran_for_three_days_again_is_no_step() -> None:
    batch = [120.0 if day % 17 in {0, 1, 2} else 0.0 for day in range(88)]
    assert batch[-3:] == [120.0, 120.0, 120.0]
    assert find_step(batch) is None


def test_days_that_came_and_went_before_are_no_step_until_they_last_longer() -> None:
    costs = series(5)
    costs[40:44] = [cost + 80 for cost in costs[40:44]]
    again = [*costs[:-4], *(cost + 80 for cost in costs[-4:])]
    longer = [*costs[:-12], *(cost + 80 for cost in costs[-12:])]
    assert find_step(again) is None
    assert find_step(longer) is not None
