"""What holds of every forecast, and when there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opslib.analysis.forecast import Backtest, Forecast, NoForecast, forecast_series
from opslib.analysis.forecast.results import KNOWING_NOTHING, Floats
from opslib.analysis.forecast.series import _dishonest
from opslib.tables.regular_series import RegularSeries

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY = 3600, 86_400
FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def told(values: Floats, horizon: int, step: int = HOUR, factors: Floats | None = None) -> Forecast:
    series = RegularSeries(start=START, step_seconds=step, values=values)
    found = forecast_series(series, horizon, factors=factors)
    assert isinstance(found, Forecast), found
    return found


def refused(values: Floats, horizon: int, step: int = HOUR) -> str:
    series = RegularSeries(start=START, step_seconds=step, values=values)
    found = forecast_series(series, horizon)
    assert isinstance(found, NoForecast)
    return found.why


def hourly(seed: int, days: int = 28, noise: float = 0.5) -> Floats:
    random, at = np.random.default_rng(seed), np.arange(days * 24)
    daily = 5 * np.sin(2 * np.pi * at / 24) + 2 * ((at // 24) % 7 < 5)
    return np.asarray(daily + noise * random.standard_normal(len(at)))


def daily(seed: int, days: int = 120, slope: float = 0.2) -> Floats:
    random, at = np.random.default_rng(seed), np.arange(days)
    return np.asarray(slope * at - 3.0 * (at % 7 >= 5) + random.standard_normal(days))


CASES = {"hourly": (hourly, 48, HOUR), "daily": (daily, 60, DAY)}


def test_a_forecast_begins_where_the_history_ends() -> None:
    found = told(hourly(1), 48)
    assert found.start == START + timedelta(days=28)
    assert found.step_seconds == HOUR
    assert found.mid.shape == (48,)
    assert found.seasons == (24, 168)
    assert found.backtest.mase < found.backtest.naive_mase
    assert found.backtest.horizon == 48


@pytest.mark.parametrize("kind", CASES)
@given(
    seed=st.integers(0, 1000),
    scale=st.floats(1e-3, 1e3),
    moved=st.floats(-100, 100),
)
@FEW
def test_units_do_not_matter(kind: str, seed: int, scale: float, moved: float) -> None:
    make, horizon, step = CASES[kind]
    values = make(seed) - 60
    """Below zero, so that neither ratios nor a floor at zero mean anything, before or after."""
    one, other = told(values, horizon, step), told(scale * (values - 200 + moved), horizon, step)
    tolerance = 2e-3 * scale * float(np.ptp(values))
    np.testing.assert_allclose(other.mid, scale * (one.mid - 200 + moved), atol=tolerance)
    for level, (low, high) in one.intervals.items():
        for edge, same in zip((low, high), other.intervals[level], strict=True):
            np.testing.assert_allclose(same, scale * (edge - 200 + moved), atol=tolerance)


@pytest.mark.parametrize("kind", CASES)
@given(seed=st.integers(0, 1000), holes=st.floats(0, 0.5))
@FEW
def test_intervals_are_nested_around_the_middle_whatever_is_missing(
    kind: str, seed: int, holes: float
) -> None:
    make, horizon, step = CASES[kind]
    values = make(seed)
    values[np.random.default_rng(seed).random(len(values)) < holes] = np.nan
    found = told(values, horizon, step)
    (low_50, high_50), (low_80, high_80), (low_95, high_95) = found.intervals.values()
    ladder = np.stack([low_95, low_80, low_50, found.mid, high_50, high_80, high_95])
    assert np.isfinite(ladder).all()
    assert (np.diff(ladder, axis=0) >= -1e-9).all()
    assert (high_95 - low_95 > 0.5).all(), "gaps do not make sure"


@pytest.mark.parametrize("kind", CASES)
def test_paths_spread_as_the_intervals_do(kind: str) -> None:
    make, horizon, step = CASES[kind]
    found = told(make(3), horizon, step)
    paths = found.paths(4000, 5)
    assert paths.shape == (4000, horizon)
    assert paths.dtype == np.float32
    for level, (low, high) in found.intervals.items():
        held = ((paths >= low) & (paths <= high)).mean()
        assert held == pytest.approx(level, abs=0.025)


@pytest.mark.parametrize("kind", CASES)
def test_equal_input_gives_equal_forecasts_and_paths(kind: str) -> None:
    make, horizon, step = CASES[kind]
    one, other = told(make(4), horizon, step), told(make(4), horizon, step)
    np.testing.assert_array_equal(one.mid, other.mid)
    np.testing.assert_array_equal(one.paths(50, 7), other.paths(50, 7))
    assert (one.paths(50, 8) != one.paths(50, 7)).any()


def test_neighbouring_steps_of_a_path_err_together_as_they_did() -> None:
    random = np.random.default_rng(6)
    values = hourly(6, noise=0.0) + np.repeat(random.standard_normal(28), 24)
    found = told(values, 24)
    paths = found.paths(2000, 1) - found.mid
    assert np.corrcoef(paths[:, 2], paths[:, 12])[0, 1] > 0.5


def test_known_events_are_taken_out_and_put_in() -> None:
    values = hourly(7) + 30
    factors = np.ones(len(values) + 48)
    factors[200:224] = 3.0
    factors[-24:] = 2.0
    plain, with_events = told(values, 48), told(values * factors[:-48], 48, factors=factors)
    np.testing.assert_allclose(with_events.mid[:24], plain.mid[:24])
    np.testing.assert_allclose(with_events.mid[24:], 2 * plain.mid[24:])
    assert np.median(with_events.paths(200, 1)[:, 24:]) > 1.5 * np.median(plain.paths(200, 1))


def test_what_never_moved_stays() -> None:
    values = np.full(500, 4.0)
    values[30:60] = np.nan
    found = told(values, 24)
    assert (found.mid == 4.0).all()
    assert found.model == "the value that never changed"
    assert (found.paths(3, 1) == 4.0).all()
    assert found.backtest.mase == 0.0


def test_a_tail_without_datapoints_widens_nothing_away() -> None:
    values = hourly(8)
    whole = told(values, 24)
    values[-30:] = np.nan
    found = told(values, 24)
    assert found.start == START + timedelta(days=28)
    assert np.abs(found.mid - whole.mid).max() < 3
    low, high = found.intervals[0.95]
    assert (high - low > 0.5).all()


@pytest.mark.parametrize("step", [HOUR, DAY])
def test_a_level_shift_is_said_and_does_not_widen(step: int) -> None:
    random = np.random.default_rng(9)
    steps = 28 * 24 if step == HOUR else 150
    values = -50 + random.standard_normal(steps)
    shifted = steps - (12 * 24 if step == HOUR else 50)
    values[shifted:] += 40
    found = told(values, 24, step)
    assert found.level_shift is not None
    assert abs((found.level_shift - START).total_seconds() / step - shifted) <= 24
    low, high = found.intervals[0.95]
    assert np.abs(found.mid + 10).max() < 2
    assert (high - low).max() < 10


def test_a_history_that_was_never_negative_is_not_forecast_so() -> None:
    values = np.maximum(hourly(10), 0)
    found = told(values, 48)
    assert min(low.min() for low, _ in found.intervals.values()) >= 0
    assert found.paths(200, 1).min() >= 0


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_line_goes_on_however_steep_against_its_noise(noise: float) -> None:
    random, at = np.random.default_rng(14), np.arange(180)
    line = -500 + 2.0 * at
    found = told(line[:120] + noise * random.standard_normal(120), 60, DAY)
    np.testing.assert_allclose(found.mid, line[120:], atol=0.2)
    low, high = found.intervals[0.95]
    assert (high - low).max() < 0.5
    assert found.level_shift is None


def test_growth_in_per_cent_goes_on() -> None:
    at = np.arange(180)
    noise = np.exp(0.02 * np.random.default_rng(15).standard_normal(180))
    found = told((20 * np.exp(0.01 * at) * noise)[:120], 60, DAY)
    assert found.mid[-1] == pytest.approx(20 * np.exp(0.01 * 179), rel=0.15)
    assert "compound growth" in found.model


def test_a_job_at_the_same_minute_comes_back() -> None:
    random = np.random.default_rng(11)
    values = 20 + random.standard_normal(14 * 288)
    values[3::12] += 15
    found = told(values, 288, 300)
    np.testing.assert_allclose(found.mid[3::12], 35, atol=2)
    np.testing.assert_allclose(found.mid[7::12], 20, atol=2)


@pytest.mark.parametrize(
    ("values", "horizon", "step", "why"),
    [
        (np.full(100, np.nan), 24, HOUR, "no datapoint"),
        (np.empty(0), 24, HOUR, "no datapoint"),
        (np.arange(5.0), 3, HOUR, "5 datapoints"),
        (np.arange(12.0), 168, HOUR, "12 hours of history for a forecast of 7 days"),
        (np.arange(30.0), 90, DAY, "30 days of history for a forecast of 90 days"),
        (np.where(np.arange(400) % 10, np.nan, 1.0), 24, HOUR, "40 datapoints in 400 periods"),
    ],
)
def test_too_little_is_no_forecast(values: Floats, horizon: int, step: int, why: str) -> None:
    assert refused(values, horizon, step) == why


@pytest.mark.parametrize(
    ("held", "mase", "refusal"),
    [(0.62, 1.5, True), (0.93, 1.5, False), (0.62, 0.9, False), (float("nan"), 0.9, False)],
)
def test_what_is_worse_than_knowing_nothing_is_no_forecast(
    held: float, mase: float, refusal: bool
) -> None:
    backtest = Backtest(
        origins=9,
        horizon=24,
        windows=9.0,
        mase=mase,
        smape=10.0,
        coverage={0.5: 0.4, 0.8: 0.5, 0.95: held},
        held_now={0.5: 0.5, 0.8: 0.8, 0.95: 0.95},
        naive_mase=1.1,
        scores={KNOWING_NOTHING: 1.0},
    )
    why = _dishonest(backtest)
    assert bool(why) == refusal
    assert not _dishonest(replace(backtest, windows=1.5)), "chance, of so few"
    if refusal:
        assert why == (
            "too erratic: in 9 earlier forecasts, 62% of the points lay in their 95% intervals,"
            " and the median of the past erred less (MASE 1.00 against 1.50)"
        )


@pytest.mark.parametrize(
    ("horizon", "factors", "why"),
    [
        (0, None, "one step or more"),
        (24, np.ones(30), "as many factors"),
        (24, np.zeros(524), "above 0"),
    ],
)
def test_what_cannot_be_asked_is_an_error(horizon: int, factors: Floats | None, why: str) -> None:
    series = RegularSeries(start=START, step_seconds=HOUR, values=np.arange(500.0))
    with pytest.raises(ValueError, match=why):
        forecast_series(series, horizon, factors=factors)


def test_no_path_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one path"):
        told(hourly(13), 24).paths(0, 1)
