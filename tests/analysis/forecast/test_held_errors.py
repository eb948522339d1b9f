"""What earlier errors say of the intervals of now."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom

from opslib.analysis.forecast import Forecast, forecast_series, was_surprised
from opslib.analysis.forecast.held_errors import (
    clearly_under,
    held_by_others,
    slope_deviation,
    widened,
)
from opslib.analysis.forecast.results import LEVELS, Floats
from opslib.analysis.forecast.spread import GRID, bounds
from opslib.tables.regular_series import RegularSeries

START = datetime(2025, 1, 1, tzinfo=UTC)
NORMAL = np.repeat(ndtri(GRID)[:, None], 100, axis=1)
"""Quantiles of errors of standard deviation one, a hundred steps ahead."""


def rising_of_late(after: int, days: int = 455) -> Floats:
    """Return flat days and then a line, with little noise."""
    noise = np.random.default_rng(3).standard_normal(days)
    rise = np.maximum(np.arange(days) - after, 0)
    return np.asarray(100 + 1.0 * rise + 0.2 * noise)


def forecast_of(values: Floats, horizon: int = 120) -> Forecast:
    series = RegularSeries(start=START, step_seconds=86_400, values=values)
    found = forecast_series(series, horizon)
    assert isinstance(found, Forecast)
    return found


@pytest.mark.parametrize("inside", range(10))
def test_clearly_is_what_a_binomial_says(inside: int) -> None:
    chance = binom.cdf(inside, 10, 0.8)
    assert clearly_under(inside / 10, 0.8, windows=5) == (chance < 0.05)


def test_few_windows_say_little() -> None:
    assert clearly_under(0.5, 0.8, windows=10)
    assert not clearly_under(0.5, 0.8, windows=1)


def test_errors_that_the_width_holds_leave_slopes_as_sure_as_they_are() -> None:
    errors = [np.random.default_rng(seed).standard_normal(100) for seed in range(3)]
    assert slope_deviation(errors, NORMAL, windows=3) == 0
    assert widened(NORMAL, 0.0) is NORMAL


def test_slopes_that_were_missed_are_held_by_the_widened_interval() -> None:
    errors = [slope * np.arange(1.0, 101) for slope in (0.0, 0.4, -0.5, 0.3)]
    deviation = slope_deviation(errors, NORMAL, windows=4)
    assert deviation == pytest.approx(np.sqrt(0.5 / 4))
    wide = widened(NORMAL, deviation)
    low, high = bounds(wide, 0.95)
    assert all(((low <= one) & (one <= high)).all() for one in errors)
    assert wide[len(GRID) // 2] == pytest.approx(0), "the median stays"
    assert (np.diff(wide, axis=0) >= 0).all()


def test_a_lone_spike_is_no_slope() -> None:
    errors = [np.where(np.arange(100) == 0, 50.0, 2.5)] * 3
    assert 0 < slope_deviation(errors, NORMAL, windows=3) < 0.1


def test_each_error_is_held_against_what_the_others_tell() -> None:
    alike = [0.5 * np.arange(1.0, 101)] * 4
    lone = [np.zeros(100)] * 3 + [0.5 * np.arange(1.0, 101)]
    assert held_by_others(alike, NORMAL, windows=4)[0.95] == 1
    assert held_by_others(lone, NORMAL, windows=4)[0.95] < 0.8
    assert np.isnan(held_by_others([], NORMAL, windows=0)[0.8])


def test_a_rise_that_no_past_foretold_widens_what_comes_after_it() -> None:
    found = forecast_of(rising_of_late(after=300))
    assert was_surprised(found.backtest)
    steady = forecast_of(rising_of_late(after=-1))
    assert not was_surprised(steady.backtest)
    widths = [one.intervals[0.8][1][-1] - one.intervals[0.8][0][-1] for one in (found, steady)]
    assert widths[0] > 3 * widths[1]


def test_paths_are_as_wide_as_the_intervals_that_were_widened() -> None:
    found = forecast_of(rising_of_late(after=300))
    paths = found.paths(4000, 7)
    for level in LEVELS[1:]:
        low, high = found.intervals[level]
        told = np.quantile(paths, [(1 - level) / 2, (1 + level) / 2], axis=0)
        assert np.ptp(told[:, -1]) == pytest.approx(high[-1] - low[-1], rel=0.15)
