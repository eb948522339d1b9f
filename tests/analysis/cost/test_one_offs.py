from __future__ import annotations

import pytest

from opslib.analysis.cost.one_offs import without_one_off


def test_a_day_that_stands_alone_is_not_carried_on() -> None:
    costs = [100.0 + day % 3 for day in range(91)]
    spiked = [*costs[:-3], 2000.0, *costs[-2:]]
    mended = without_one_off(spiked)
    assert abs(mended[-3] - costs[-3]) < 5
    assert mended[:-3] == tuple(costs[:-3])


def test_days_that_recur_and_the_very_last_day_stay() -> None:
    costs = [100.0 + day % 3 for day in range(91)]
    twice = [2000.0 if day in {60, 88} else cost for day, cost in enumerate(costs)]
    last = [*costs[:-1], 2000.0]
    assert without_one_off(twice) == tuple(twice)
    assert without_one_off(last) == tuple(last)


@pytest.mark.parametrize("days", [2, 3, 6])
def test_days_that_came_and_went_are_not_carried_on(days: int) -> None:
    costs = [100.0 + day % 3 for day in range(91)]
    burst = [cost + 300 if 75 <= day < 75 + days else cost for day, cost in enumerate(costs)]
    mended = without_one_off(burst)
    assert all(abs(mended[day] - costs[day]) < 5 for day in range(91))


def test_a_week_of_them_or_days_that_go_on_stay() -> None:
    costs = [100.0 + day % 3 for day in range(91)]
    week = [cost + 300 if 75 <= day < 82 else cost for day, cost in enumerate(costs)]
    going_on = [cost + 300 if day >= 88 else cost for day, cost in enumerate(costs)]
    assert without_one_off(week) == tuple(week)
    assert without_one_off(going_on) == tuple(going_on)


@pytest.mark.parametrize(("earlier", "is_like"), [(200.0, True), (100.0, False), (-300.0, False)])
def test_what_came_before_at_half_the_size_comes_again(earlier: float, *, is_like: bool) -> None:
    costs = [100.0 + day % 3 for day in range(91)]
    costs[45] += earlier
    costs[80] += 300
    assert (without_one_off(costs)[80] == costs[80]) is is_like


def test_a_burst_on_top_of_a_new_level_goes_down_to_that_level() -> None:
    costs = [100.0 + day % 3 + (80 if day >= 76 else 0) for day in range(91)]
    burst = [cost + 300 if 84 <= day < 86 else cost for day, cost in enumerate(costs)]
    mended = without_one_off(burst)
    assert all(abs(mended[day] - costs[day]) < 5 for day in range(91))
