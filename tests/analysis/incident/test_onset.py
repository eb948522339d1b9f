"""Onset and recovery against the moments where a symptom was planted."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from opslib.analysis.incident.onset import Direction, Symptom, SymptomState, find_symptom
from opslib.errors import ParameterError
from opslib.timewindow import TimeWindow

STEP = timedelta(minutes=5)
HOURS = 4
POINTS = HOURS * 12
FIRST, LAST = 20, 35
"""Planted in the window: the first point of the symptom, and the first after it."""


def metric(seed: int, days: float = 5, effect: float = 4.0, last: int = LAST) -> pd.Series:
    """Return history and a window of four hours at the end, noise 1 over a daily swing of 10."""
    drawn = np.random.default_rng(seed)
    rows = int(days * 288) + POINTS
    at = np.arange(rows)
    values = 100 + 10 * np.sin(2 * np.pi * (at + 37 * seed) / 288) + drawn.normal(size=rows)
    values[rows - POINTS + FIRST : rows - POINTS + last] += effect
    return pd.Series(values, index=pd.date_range("2026-03-01", periods=rows, freq=STEP, tz="UTC"))


def window_of(series: pd.Series) -> TimeWindow:
    end = series.index[-1].to_pydatetime() + STEP
    return TimeWindow(start=end - POINTS * STEP, end=end)


def found_in(series: pd.Series, direction: Direction = Direction.EITHER) -> Symptom:
    return find_symptom(series, window_of(series), direction=direction)


def planted(series: pd.Series, point: int) -> pd.Timestamp:
    return pd.Timestamp(series.index[-POINTS + point])


def test_onset_and_recovery_are_dated_to_the_point_and_their_intervals_hold_them() -> None:
    near = covered = 0
    for seed in range(20):
        series = metric(seed)
        found = found_in(series)
        assert found.state is SymptomState.RECOVERED, found.why
        assert found.daily
        for moment, truth in ((found.onset, FIRST), (found.recovery, LAST)):
            assert moment is not None
            near += abs(moment.at - planted(series, truth)) <= STEP
            covered += moment.low <= planted(series, truth) <= moment.high
            assert not moment.across_gap
    assert near >= 38
    assert covered >= 38


@pytest.mark.parametrize("days", [1.2, 3.5, 14])
def test_a_quiet_window_yields_none(days: float) -> None:
    states = [found_in(metric(seed, days=days, effect=0.0)).state for seed in range(10)]
    assert states == [SymptomState.NONE] * 10


def test_a_symptom_at_the_end_is_ongoing() -> None:
    found = found_in(metric(1, last=POINTS))
    assert found.state is SymptomState.ONGOING
    assert found.onset is not None
    assert found.recovery is None


def test_the_size_is_in_the_unit_of_the_metric_and_signed() -> None:
    assert found_in(metric(2, effect=6.0)).size == pytest.approx(6, abs=1)
    assert found_in(metric(2, effect=-6.0)).size == pytest.approx(-6, abs=1)


def test_a_fall_is_no_rise() -> None:
    falling = metric(3, effect=-6.0)
    assert found_in(falling, Direction.RISE).state is SymptomState.NONE
    assert found_in(falling, Direction.FALL).state is SymptomState.RECOVERED


def test_a_gap_across_the_onset_widens_its_interval_and_is_told() -> None:
    series = metric(4, effect=6.0)
    truth = planted(series, FIRST)
    start = len(series) - POINTS
    cut = pd.concat([series.iloc[: start + FIRST - 3], series.iloc[start + FIRST + 2 :]])
    found = found_in(cut)
    assert found.onset is not None
    assert found.onset.across_gap
    assert found.onset.low <= truth <= found.onset.high
    assert found.onset.high - found.onset.low >= 6 * STEP


def test_a_window_with_missing_points_is_never_called_quiet() -> None:
    series = metric(5, effect=0.0)
    start = len(series) - POINTS
    cut = pd.concat([series.iloc[: start + 8], series.iloc[start + 20 :]])
    found = found_in(cut)
    assert found.state is SymptomState.INCONCLUSIVE
    assert "75% of the window" in found.why


def test_a_window_without_a_point_is_inconclusive() -> None:
    series = metric(6)
    after = TimeWindow(
        start=series.index[-1].to_pydatetime() + STEP,
        end=series.index[-1].to_pydatetime() + 20 * STEP,
    )
    assert find_symptom(series, after).state is SymptomState.INCONCLUSIVE


@pytest.mark.parametrize("days", [0, 0.05])
def test_without_history_nothing_is_said(days: float) -> None:
    found = found_in(metric(7, days=days))
    assert found.state is SymptomState.INCONCLUSIVE
    assert "history" in found.why


def test_order_missing_values_and_repeats_do_not_matter() -> None:
    series = metric(8)
    shuffled = pd.concat([series, series.iloc[100:110]]).sample(frac=1, random_state=1)
    shuffled = pd.concat([shuffled, pd.Series([np.nan], index=[series.index[-9] + STEP / 2])])
    assert find_symptom(shuffled, window_of(series)) == found_in(series)


def test_errors_that_were_always_zero_are_found_when_they_come() -> None:
    series = metric(9) * 0.0
    assert found_in(series).state is SymptomState.NONE
    series.iloc[-POINTS + FIRST : -POINTS + LAST] = 0.02
    found = found_in(series)
    assert found.state is SymptomState.RECOVERED
    assert found.onset is not None
    assert found.onset.at == planted(series, FIRST)


def test_a_single_outlier_is_no_symptom() -> None:
    series = metric(10, effect=0.0)
    series.iloc[-POINTS + FIRST] += 30.0
    assert found_in(series).state is SymptomState.NONE


def test_times_without_a_zone_are_refused() -> None:
    series = metric(11)
    with pytest.raises(ParameterError, match="no time zone"):
        find_symptom(series.tz_localize(None), window_of(series))
