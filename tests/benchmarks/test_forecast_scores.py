"""Scores of forecasts, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.forecast_scores import overall_weighted_average, scale_of, score

NAN = float("nan")


def test_the_scale_is_the_mean_change_over_a_season() -> None:
    assert scale_of(np.array([1.0, 5, 2, 9, 4, 9]), 2) == pytest.approx((1 + 4 + 2 + 0) / 4)


def test_pairs_with_a_gap_do_not_enter_the_scale() -> None:
    assert scale_of(np.array([1.0, 5, NAN, 9, 4, 10]), 2) == pytest.approx((4 + 1) / 2)


@pytest.mark.parametrize("history", [[3.0, 3, 3, 3], [1.0, 2, 1, 2], [1.0, 2]])
def test_what_repeats_itself_has_no_scale(history: list[float]) -> None:
    assert np.isnan(scale_of(np.array(history), 2))


def test_each_score_is_that_of_its_formula() -> None:
    actual = np.array([10.0, 20.0, NAN, 40.0])
    mid = np.array([12.0, 20.0, 99.0, 36.0])
    low95, high95 = np.array([11.0, 10.0, 0.0, 30.0]), np.array([15.0, 25.0, 9.0, 39.0])
    narrow = (mid - 1, mid + 1)
    scores = score(actual, mid, {0.5: narrow, 0.95: (low95, high95)}, scale=2.0)
    assert scores.points == 3
    assert scores.mase == pytest.approx((2 + 0 + 4) / 3 / 2)
    assert scores.smape == pytest.approx(200 * (2 / 22 + 0 / 40 + 4 / 76) / 3)
    widths, misses = 4 + 15 + 9, (11 - 10) + (40 - 39)
    assert scores.msis == pytest.approx((widths + 40 * misses) / 3 / 2)
    assert scores.inside == {0.5: 1, 0.95: 1}


def test_a_bound_is_inside_and_two_zeros_are_no_error() -> None:
    zeros = np.zeros(3)
    scores = score(zeros, zeros, {0.95: (zeros, zeros)}, scale=1.0)
    assert (scores.smape, scores.msis, scores.inside[0.95]) == (0.0, 0.0, 3)


def test_the_overall_average_weighs_both_errors_against_naive2() -> None:
    assert overall_weighted_average(0.8, 9.0, 1.0, 10.0) == pytest.approx(0.85)
    assert overall_weighted_average(1.0, 10.0, 1.0, 10.0) == 1.0
