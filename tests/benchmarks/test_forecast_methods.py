"""The naive forecasts, computed by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from benchmarks.forecast_methods import (
    by_last_day,
    by_naive2,
    by_seasonal_naive,
    seasonal_indices,
)
from benchmarks.forecast_tasks import Task
from opslib.tables.regular_series import RegularSeries

NORMAL_95 = 1.959964


def ask(values: list[float], horizon: int, season: int) -> Task:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    history = RegularSeries(start=start, step_seconds=3600, values=np.array(values))
    return Task(
        name="asked", history=history, actual=np.ones(horizon), season=season, seasons=(season,)
    )


def test_seasonal_naive_repeats_the_last_season_and_widens_with_each() -> None:
    told = by_seasonal_naive(ask([1, 5, 4, 8, 4, 12, 9], horizon=5, season=2))
    assert told.mid.tolist() == [12, 9, 12, 9, 12]
    spread = np.sqrt((3**2 + 3**2 + 0**2 + 4**2 + 5**2) / 5)
    low, high = told.intervals[0.95]
    np.testing.assert_allclose(
        high - told.mid, NORMAL_95 * spread * np.sqrt([1, 1, 2, 2, 3]), rtol=1e-6
    )
    np.testing.assert_allclose(told.mid - low, high - told.mid)


def test_the_mean_of_the_last_season_stays() -> None:
    told = by_last_day(ask([1, 5, 4, 8, 4, 12, 8], horizon=3, season=2))
    assert told.mid.tolist() == [10, 10, 10]
    np.testing.assert_allclose(told.intervals[0.95][1] - 10, NORMAL_95 * 2 * np.sqrt(1.5), 1e-6)


def test_a_gap_is_what_it_was_a_season_before() -> None:
    gap = float("nan")
    assert by_seasonal_naive(ask([1, 5, gap, 8, gap, 12], 2, 2)).mid.tolist() == [1, 12]
    assert by_seasonal_naive(ask([gap, 5, 4, 8], 2, 2)).mid.tolist() == [4, 8]


def test_naive2_takes_a_multiplicative_season_out_and_puts_it_back() -> None:
    level = np.repeat([10.0, 20.0], 8)
    season = np.tile([0.5, 1.5, 1.25, 0.75], 4)
    values = level * season
    indices = seasonal_indices(values, 4)
    trend = (
        [np.nan] * 2
        + [values[at - 2 : at + 3] @ [1 / 8, 2 / 8, 2 / 8, 2 / 8, 1 / 8] for at in range(2, 14)]
        + [np.nan] * 2
    )
    by_hand = np.nanmean((values / trend).reshape(4, 4), axis=0)
    np.testing.assert_allclose(indices, by_hand / by_hand.mean())
    told = by_naive2(ask(list(values[:-1]), horizon=2, season=4))
    kept = seasonal_indices(values[:-1], 4)
    np.testing.assert_allclose(told.mid, values[-2] / kept[2] * kept[[3, 0]])


def test_an_odd_season_has_a_plain_moving_mean() -> None:
    values = np.tile([1.0, 2.0, 6.0], 5)
    np.testing.assert_allclose(seasonal_indices(values, 3), np.array([1, 2, 6]) / 3)


@pytest.mark.parametrize(
    ("values", "season"),
    [
        ([1.0, 9.0] * 2, 2),
        ([3.0] * 20, 2),
        (list(np.random.default_rng(4).normal(10, 1, 400)), 7),
        ([1.0, 2.0, 3.0, 4.0], 1),
    ],
    ids=["fewer than three seasons", "constant", "noise", "no season"],
)
def test_naive2_without_a_season_is_the_last_value(values: list[float], season: int) -> None:
    told = by_naive2(ask(values, horizon=3, season=season))
    np.testing.assert_allclose(told.mid, values[-1])


@pytest.mark.parametrize(("pairs", "indices"), [(4, [1.0, 1.0]), (6, [1.1, 0.9])])
def test_a_correlation_must_exceed_its_error_at_90_per_cent(
    pairs: int, indices: list[float]
) -> None:
    """Eight values: 6/8 against 1.645 sqrt((1 + 2 (7/8)^2) / 8) = 0.93. Twelve: 0.83, 0.78."""
    np.testing.assert_allclose(seasonal_indices(np.tile([11.0, 9.0], pairs), 2), indices)
