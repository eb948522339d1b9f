"""What the detector says of metrics whose anomalies are known because they were put there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from opslib.analysis.anomaly import ALERT_SCORE, Anomalies, detect_anomalies

DAY = 288
DAYS = 10


def metric(seed: int = 1, swing: float = 10.0, days: int = DAYS) -> pd.Series:
    drawn = np.random.default_rng(seed)
    rows = days * DAY
    daily = swing * np.sin(2 * np.pi * np.arange(rows) / DAY)
    times = pd.date_range("2026-01-05", periods=rows, freq="5min", tz="UTC")
    return pd.Series(100 + daily + drawn.normal(size=rows), index=times)


def alerts_between(found: Anomalies, first: int, end: int) -> int:
    return int(found.alerts.iloc[first:end].sum())


def test_scores_are_between_0_and_1_and_alerts_are_the_high_ones() -> None:
    changed = metric()
    changed.iloc[8 * DAY : 8 * DAY + 40] += 30
    found = detect_anomalies(changed)
    assert found.scores.between(0, 1).all()
    assert found.alerts.equals((found.scores >= ALERT_SCORE).rename("alert"))
    assert (found.seen_in != "").equals(found.alerts.rename("seen in"))


@pytest.mark.parametrize("cut", [8 * DAY + 3, 8 * DAY + 100, 9 * DAY])
def test_a_score_depends_on_its_past_alone(cut: int) -> None:
    whole = metric()
    whole.iloc[8 * DAY : 8 * DAY + 40] += 30
    told = whole.iloc[:cut]
    whole.iloc[cut:] *= 1e6
    known = detect_anomalies(whole).scores.iloc[:cut]
    pd.testing.assert_series_equal(detect_anomalies(told).scores, known)


@pytest.mark.parametrize("factor", [0.001, 1e9])
def test_the_unit_of_a_metric_does_not_matter(factor: float) -> None:
    one = metric()
    one.iloc[8 * DAY : 8 * DAY + 40] += 30
    np.testing.assert_allclose(
        detect_anomalies(one * factor).scores, detect_anomalies(one).scores, atol=1e-4
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_shift_raises_one_alert_as_it_begins(seed: int) -> None:
    shifted = metric(seed)
    shifted.iloc[8 * DAY : 8 * DAY + 60] += 25
    found = detect_anomalies(shifted)
    assert alerts_between(found, 8 * DAY, 8 * DAY + 2) == 1
    assert alerts_between(found, 8 * DAY + 2, 8 * DAY + 60) == 0


def test_a_fall_is_found_like_a_rise() -> None:
    fallen = metric()
    fallen.iloc[8 * DAY : 8 * DAY + 60] -= 25
    found = detect_anomalies(fallen)
    assert alerts_between(found, 8 * DAY, 8 * DAY + 2) == 1


def test_what_is_usual_at_noon_is_found_at_midnight() -> None:
    spiked = metric(swing=30.0)
    noon, midnight = 8 * DAY + DAY // 4, 8 * DAY + 3 * DAY // 4
    spiked.iloc[midnight : midnight + 6] = spiked.iloc[noon]
    found = detect_anomalies(spiked)
    assert alerts_between(found, midnight, midnight + 6) == 1


def test_a_metric_that_stops_moving_is_found_within_half_a_day() -> None:
    stuck = metric(swing=0.0)
    stuck.iloc[8 * DAY : 9 * DAY] = 100.0
    assert alerts_between(detect_anomalies(stuck), 8 * DAY, 8 * DAY + DAY // 2) >= 1


def test_clean_noise_alerts_seldom() -> None:
    weeks, series = 4, 6
    total = sum(int(detect_anomalies(metric(seed, days=28)).alerts.sum()) for seed in range(series))
    assert total / (weeks * series) < 1.5


def test_missing_values_have_no_score_and_change_no_other() -> None:
    whole = metric()
    holes = whole.copy()
    holes.iloc[[500, 501, 900]] = [np.nan, np.inf, -np.inf]
    found = detect_anomalies(holes)
    assert found.scores.isna().to_numpy().nonzero()[0].tolist() == [500, 501, 900]
    assert not found.alerts.iloc[[500, 501, 900]].any()
    kept = whole.drop(whole.index[[500, 501, 900]])
    pd.testing.assert_series_equal(found.scores.dropna(), detect_anomalies(kept).scores)


def test_a_gap_is_no_step() -> None:
    swinging = metric(swing=30.0)
    gone = pd.concat([swinging.iloc[: 8 * DAY], swinging.iloc[8 * DAY + 40 :]])
    assert alerts_between(detect_anomalies(gone), 8 * DAY, 8 * DAY + 2) == 0


@pytest.mark.parametrize("rows", [0, 1, 2, 50])
def test_what_is_too_short_to_judge_alerts_nowhere(rows: int) -> None:
    found = detect_anomalies(metric().iloc[:rows])
    assert len(found.scores) == rows
    assert not found.alerts.any()


def test_a_constant_metric_alerts_when_it_moves_only() -> None:
    still = pd.Series(5.0, index=metric().index)
    assert not detect_anomalies(still).alerts.any()
    still.iloc[8 * DAY] = 6.0
    assert detect_anomalies(still).alerts.iloc[8 * DAY]


def test_times_that_go_back_or_repeat_are_taken_in_the_order_given() -> None:
    whole = metric()
    times = whole.index.to_list()
    times[700], times[701] = times[701], times[700]
    times[900] = times[899]
    found = detect_anomalies(pd.Series(whole.to_numpy(), index=pd.DatetimeIndex(times)))
    assert found.scores.notna().all()
    assert found.scores.index.equals(pd.DatetimeIndex(times))
