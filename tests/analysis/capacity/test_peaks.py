"""The peak of a day: its highest quarter of an hour, five minutes and hours brought together."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from opslib.analysis.capacity.walls.peaks import daily_peaks
from opslib.tables.capacity import UsageHistory
from opslib.tables.regular_series import RegularSeries
from tests.analysis.capacity.estates import AS_OF, TODAY, by_day, fine, hourly


def test_a_peak_is_the_highest_quarter_of_an_hour() -> None:
    day = np.full(288, 10.0)
    day[100:103] = (40.0, 50.0, 60.0)
    day[200] = 90.0
    peaks = daily_peaks(UsageHistory(fine=fine(day), coarse=None), AS_OF)
    assert peaks is not None
    assert peaks.values.tolist() == [50.0]
    assert peaks.start == TODAY - timedelta(days=1)


def test_a_day_that_has_begun_is_left_out() -> None:
    values = np.full(288 + 60, 10.0)
    values[300:] = 99.0
    history = UsageHistory(fine=fine(values, TODAY + timedelta(hours=5)), coarse=None)
    peaks = daily_peaks(history, AS_OF)
    assert peaks is not None
    assert peaks.values.tolist() == [10.0]
    assert peaks.end == TODAY


def test_of_a_day_half_unmeasured_the_peak_is_not_known() -> None:
    values = np.full(2 * 288, 10.0)
    values[:145] = np.nan
    peaks = daily_peaks(UsageHistory(fine=fine(values), coarse=None), AS_OF)
    assert peaks is not None
    assert np.isnan(peaks.values[0])
    assert peaks.values[1] == 10.0


def test_hours_are_raised_to_what_quarters_were_above_them() -> None:
    day = np.full(288, 10.0)
    day[120:123] = 40.0
    known = fine(np.tile(day, 10))
    old = np.full(5 * 24, 4.0)
    history = UsageHistory(fine=known, coarse=hourly(old, known.start))
    peaks = daily_peaks(history, AS_OF)
    assert peaks is not None
    # The hour with the quarter has a mean of 17.5; its quarter is 40.
    assert peaks.values[:5].tolist() == [4.0 * 40 / 17.5] * 5
    assert peaks.values[5:].tolist() == [40.0] * 10


def test_hours_alone_are_taken_as_they_are() -> None:
    old = np.tile(np.arange(24.0), 3)
    peaks = daily_peaks(UsageHistory(fine=None, coarse=hourly(old, TODAY)), AS_OF)
    assert peaks is not None
    assert peaks.values.tolist() == [23.0] * 3


def test_a_day_that_both_know_in_part_keeps_the_finer_peak() -> None:
    known = fine(np.full(288 + 200, 10.0))
    history = UsageHistory(fine=known, coarse=hourly(np.full(48, 5.0), known.start))
    peaks = daily_peaks(history, AS_OF)
    assert peaks is not None
    assert peaks.values[-1] == 10.0
    assert peaks.values[-2] == 10.0


def test_nothing_measured_has_no_peak() -> None:
    assert daily_peaks(UsageHistory(fine=None, coarse=None), AS_OF) is None


def test_a_series_of_no_whole_day_has_no_peak() -> None:
    short = RegularSeries(start=TODAY, step_seconds=300, values=np.ones(12))
    peaks = daily_peaks(UsageHistory(fine=short, coarse=None), AS_OF)
    assert peaks is None


def test_peaks_made_by_hand_come_back() -> None:
    peaks = daily_peaks(by_day([1.0, 2.0, 3.0]), AS_OF)
    assert peaks is not None
    assert peaks.values.tolist() == [1.0, 2.0, 3.0]
