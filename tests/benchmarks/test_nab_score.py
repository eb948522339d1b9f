"""The benchmark's score against cases worked out by hand."""

from __future__ import annotations

from math import exp

import numpy as np
import pandas as pd
import pytest

from benchmarks.nab_score import OUTSIDE, best_threshold, label, probation, standard_score

ROWS = 100
WINDOW = (40, 49)


def times(rows: int = ROWS) -> pd.Series:
    return pd.Series(pd.date_range("2026-01-01", periods=rows, freq="5min"))


def window(first: int, last: int) -> tuple[str, str]:
    at = times(max(ROWS, last + 1))
    return str(at[first]), str(at[last])


def hits(*rows: int, of: int = ROWS) -> np.ndarray:
    found = np.zeros(of, dtype=bool)
    found[list(rows)] = True
    return found


def sigmoid(position: float) -> float:
    return 2 / (1 + exp(5 * position)) - 1


def score(*rows: int) -> float:
    return standard_score([label(times(), [window(*WINDOW)])], [hits(*rows)])


def test_nothing_detected_is_zero_and_the_first_row_of_each_window_is_perfect() -> None:
    assert score() == 0
    assert score(40) == pytest.approx(100)


def test_a_window_is_worth_its_earliest_detection() -> None:
    # row 47 of 40..49 stands at -(49 - 47 + 1) / 10
    late = sigmoid(-0.3) / sigmoid(-1)
    assert score(47) == pytest.approx(50 * (late + 1))
    assert score(47, 48, 49) == pytest.approx(score(47))
    assert score(40, 47) == pytest.approx(100)


def test_the_last_row_of_a_window_is_still_worth_something() -> None:
    assert score(49) == pytest.approx(50 * (sigmoid(-0.1) / sigmoid(-1) + 1))


def test_a_false_alarm_before_any_window_costs_its_full_weight() -> None:
    assert score(30) == pytest.approx(-50 * 0.11)


def test_a_false_alarm_behind_a_window_costs_by_its_distance() -> None:
    # three rows past a window of ten: 3 / (10 - 1)
    assert score(52) == pytest.approx(50 * 0.11 * sigmoid(3 / 9))
    # three widths away and more: the full weight
    assert score(49 + 27) == pytest.approx(-50 * 0.11)
    assert score(49 + 26) == pytest.approx(50 * 0.11 * sigmoid(26 / 9))


def test_every_false_alarm_counts() -> None:
    assert score(30, 31, 32) == pytest.approx(-50 * 0.33)


def test_the_probationary_rows_are_not_scored() -> None:
    assert probation(ROWS) == 15
    assert probation(4032) == 604
    assert probation(22695) == 750
    assert score(14) == 0
    assert score(15) == pytest.approx(-50 * 0.11)


def test_a_window_within_probation_is_neither_found_nor_missed() -> None:
    labelled = label(times(), [window(2, 6), window(*WINDOW)])
    assert standard_score([labelled], [hits(40)]) == pytest.approx(100)


def test_the_distance_is_to_the_preceding_window_in_its_own_width() -> None:
    labelled = label(times(), [window(20, 22), window(60, 69)])
    expected = 50 * (0.11 * sigmoid(2 / 2)) / 2
    assert standard_score([labelled], [hits(24)]) == pytest.approx(expected)
    assert labelled.window[59] == OUTSIDE
    assert labelled.worth[59] == pytest.approx(-0.11)


def test_scores_add_up_over_the_corpus_before_they_are_scaled() -> None:
    one, two = label(times(), [window(*WINDOW)]), label(times(), [])
    both = standard_score([one, two], [hits(40), hits(50, 60)])
    assert both == pytest.approx(50 * (1 - 0.22 + 1))


def test_window_ends_between_rows_take_the_rows_inside() -> None:
    labelled = label(times(), [("2026-01-01 03:18:00", "2026-01-01 04:06:59.000")])
    assert np.flatnonzero(labelled.window == 0).tolist() == list(range(40, 50))


def test_windows_that_overlap_or_hold_no_row_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        label(times(), [window(10, 20), window(20, 30)])
    with pytest.raises(ValueError, match="no row"):
        label(times(), [("2027-01-01", "2027-01-02")])


def test_a_corpus_without_a_window_has_no_score() -> None:
    with pytest.raises(ValueError, match="no window"):
        standard_score([label(times(), [])], [hits(20)])


def test_the_best_threshold_is_the_one_a_search_over_all_finds() -> None:
    drawn = np.random.default_rng(3)
    corpus = [label(times(), [window(*WINDOW)]), label(times(), [window(30, 34), window(80, 89)])]
    scores = [np.round(drawn.random(ROWS), 2) ** 8 for _ in corpus]
    scores[0][44], scores[1][31] = 0.9, 0.95
    tried = {
        at: standard_score(corpus, [found >= at for found in scores])
        for at in [np.inf, *np.unique(np.concatenate(scores))]
    }
    threshold, best = best_threshold(corpus, scores)
    assert best == pytest.approx(max(tried.values()))
    assert tried[threshold] == pytest.approx(best)
