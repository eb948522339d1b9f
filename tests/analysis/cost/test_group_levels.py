from __future__ import annotations

import random

import pytest

from opslib.analysis.cost.group_levels import level_of_groups

DAYS = 91


def groups(seed: int, number: int = 10) -> list[list[float]]:
    chance = random.Random(seed)
    return [[100 * chance.lognormvariate(0, 0.1) for _ in range(DAYS)] for _ in range(number)]


def with_steps(costs: list[list[float]], amounts: dict[int, float], lasted: int = 6) -> None:
    for group, amount in amounts.items():
        for day in range(DAYS - lasted, DAYS):
            costs[group][day] += amount


def test_small_steps_of_several_groups_are_each_brought_to_their_level() -> None:
    costs = groups(1)
    before = sum(sum(group[:28]) for group in costs) / 28
    with_steps(costs, {0: 60.0, 1: 70.0, 2: -60.0, 3: 80.0})
    level = level_of_groups(costs)
    assert sum(level.costs[:28]) / 28 - before == pytest.approx(150, abs=35)
    assert level.error > 0


def test_without_steps_the_level_is_the_sum_of_the_groups() -> None:
    costs = [[100.0 + group + day % 7 for day in range(DAYS)] for group in range(5)]
    level = level_of_groups(costs)
    assert level.costs == tuple(sum(day) for day in zip(*costs, strict=True))
    assert level.error == 0


def test_groups_too_small_to_matter_are_looked_at_together() -> None:
    large = [1e6 + day % 7 for day in range(DAYS)]
    small = [[1.0] * 85 + [5.0] * 6 for _ in range(20)]
    level = level_of_groups([large, *small])
    assert level.costs[0] == pytest.approx(large[0] + 20 * 5)
    assert len(level.costs) == DAYS


def test_the_larger_the_step_and_the_shorter_it_lasted_the_less_is_known() -> None:
    errors = []
    for amount, lasted in ((100.0, 20), (100.0, 4), (300.0, 4)):
        costs = groups(2)
        with_steps(costs, {0: amount}, lasted)
        errors.append(level_of_groups(costs).error)
    assert errors == sorted(errors)
    assert errors[0] < errors[1] < errors[2]
