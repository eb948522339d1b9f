from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.cost.level import at_current_level, find_step, without_spike


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


def test_a_day_that_stands_alone_is_not_carried_on() -> None:
    costs = [100.0 + day % 3 for day in range(91)]
    spiked = [*costs[:-3], 2000.0, *costs[-2:]]
    mended = without_spike(spiked)
    assert abs(mended[-3] - costs[-3]) < 5
    assert mended[:-3] == tuple(costs[:-3])


def test_days_that_recur_and_the_very_last_day_stay() -> None:
    costs = [100.0 + day % 3 for day in range(91)]
    twice = [2000.0 if day in {60, 88} else cost for day, cost in enumerate(costs)]
    last = [*costs[:-1], 2000.0]
    assert without_spike(twice) == tuple(twice)
    assert without_spike(last) == tuple(last)
