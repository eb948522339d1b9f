"""The regret curve against costs counted cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.savings.commitments.regret import make_curve
from opslib.analysis.savings.commitments.usage import EligibleUsage

cell = st.tuples(
    st.integers(0, 5),
    st.integers(1, 4000).map(lambda cents: cents / 100),
    st.integers(1, 99).map(lambda percent: percent / 100),
)
"""An hour, what is paid on demand, and the share of it that the plan costs."""
cells = st.lists(cell, min_size=1, max_size=25)


def usage_of(told: list[tuple[int, float, float]], hours: int = 6) -> EligibleUsage:
    hour = np.array([one[0] for one in told], dtype=np.int64)
    demand = np.array([one[1] for one in told])
    return EligibleUsage.ordered(hours, hour, demand * np.array([one[2] for one in told]), demand)


def cost_by_hand(told: list[tuple[int, float, float]], level: float, hours: int = 6) -> float:
    """Walk every hour as AWS applies a plan: the highest saving first, until nothing is left."""
    cost = 0.0
    for hour in range(hours):
        left = level
        cost += level
        for _, demand, share in sorted((c for c in told if c[0] == hour), key=lambda c: c[2]):
            used = min(left, demand * share)
            left -= used
            cost += demand - used / share
    return cost


@settings(max_examples=40)
@given(cells, st.floats(0, 200))
def test_cost_of_any_level_is_that_of_each_hour_counted_by_hand(
    told: list[tuple[int, float, float]], level: float
) -> None:
    curve = make_curve(usage_of(told))
    assert float(curve.cost(level)) == pytest.approx(cost_by_hand(told, level), abs=1e-6)


@settings(max_examples=40)
@given(cells)
def test_no_level_of_a_fine_grid_costs_less_than_the_best(
    told: list[tuple[int, float, float]],
) -> None:
    curve = make_curve(usage_of(told))
    least = cost_by_hand(told, curve.best)
    grid = np.linspace(0, float(curve.levels[-1]) * 1.1, 60)
    assert least <= min(cost_by_hand(told, float(level)) for level in grid) + 1e-6


@settings(max_examples=40)
@given(cells, st.floats(0, 100), st.floats(0, 100))
def test_cost_is_convex(told: list[tuple[int, float, float]], one: float, other: float) -> None:
    curve = make_curve(usage_of(told))
    middle = float(curve.cost((one + other) / 2))
    assert middle <= (float(curve.cost(one)) + float(curve.cost(other))) / 2 + 1e-6


@settings(max_examples=40)
@given(cells)
def test_savings_never_exceed_what_is_paid_on_demand(
    told: list[tuple[int, float, float]],
) -> None:
    usage = usage_of(told)
    curve = make_curve(usage)
    saving = float(usage.savings(curve.best).sum())
    assert saving + 1e-9 >= 0
    assert saving <= usage.on_demand
    assert saving == pytest.approx(curve.on_demand - float(curve.cost(curve.best)), abs=1e-6)


@settings(max_examples=40)
@given(cells, st.floats(0.001, 50), st.floats(0, 0.9), st.floats(0, 0.9))
def test_the_more_usage_falls_the_less_a_commitment_saves(
    told: list[tuple[int, float, float]], level: float, one: float, other: float
) -> None:
    curve = make_curve(usage_of(told))
    less, more = sorted((one, other))
    assert curve.with_use(1 - more, level) >= curve.with_use(1 - less, level) - 1e-6


@settings(max_examples=40)
@given(cells, st.floats(0.001, 50), st.floats(0, 0.9))
def test_a_fall_is_as_if_every_cell_were_smaller(
    told: list[tuple[int, float, float]], level: float, fall: float
) -> None:
    smaller = [(hour, demand * (1 - fall), share) for hour, demand, share in told]
    change = make_curve(usage_of(told)).with_use(1 - fall, level)
    expected = cost_by_hand(smaller, level) - cost_by_hand(smaller, 0)
    assert change == pytest.approx(expected, abs=1e-6)


@settings(max_examples=40)
@given(cells, st.sampled_from([0.001, 0.37, 5.0]))
def test_the_best_number_of_steps_costs_no_more_than_any_other(
    told: list[tuple[int, float, float]], step: float
) -> None:
    curve = make_curve(usage_of(told))
    steps = curve.best_steps(step)
    tried = {0, 1, 2, 5, 20, max(0, steps - 1), steps + 1}
    assert float(curve.cost(steps * step)) <= min(float(curve.cost(n * step)) for n in tried) + 1e-9


def test_what_is_used_in_too_few_hours_is_not_worth_a_commitment() -> None:
    curve = make_curve(usage_of([(0, 10.0, 0.7), (3, 10.0, 0.7), (4, 10.0, 0.7)]))
    assert curve.best == 0


def test_what_is_used_in_all_hours_is_covered_whole() -> None:
    curve = make_curve(usage_of([(hour, 10.0, 0.7) for hour in range(6)]))
    assert curve.best == pytest.approx(7.0)
    assert float(curve.regret(7.0)) == 0
    assert float(curve.regret(0)) == pytest.approx(6 * 3.0)
    assert float(curve.regret(8.0)) == pytest.approx(6 * 1.0)


def test_usage_that_a_plan_does_not_make_cheaper_is_left_out() -> None:
    usage = usage_of([(0, 10.0, 1.2), (0, 5.0, 0.5)])
    assert usage.on_demand == 5.0
    assert usage.full.tolist() == [2.5, 0, 0, 0, 0, 0]


def test_the_share_used_counts_hours_without_use() -> None:
    usage = usage_of([(0, 10.0, 0.5), (1, 4.0, 0.5)], hours=2)
    assert usage.utilisation(4.0) == pytest.approx((4 + 2) / 8)
    assert usage.utilisation(0) == 0
