"""First passage: by hand, and by what must hold of any paths."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opslib.analysis.capacity.walls.time_to_limit import NEVER, first_days, summarise_days

PATHS = arrays(np.float32, (20, 15), elements=st.floats(0, 100, width=32))


def test_the_first_day_that_meets_the_level_counts_from_one() -> None:
    paths = np.array([[1, 5, 3, 9], [5, 1, 1, 1], [1, 2, 3, 4]], dtype=np.float32)
    assert first_days(paths, 5.0).tolist() == [2, 1, NEVER]


def test_a_level_may_change_by_day() -> None:
    paths = np.array([[3, 3, 3]], dtype=np.float32)
    levels = np.array([9, 4, 2], dtype=np.float32)
    assert first_days(paths, levels).tolist() == [3]


def test_quantiles_are_days_by_which_so_many_paths_are_there() -> None:
    days = np.array([*range(1, 9), NEVER, NEVER], dtype=np.int32)
    time = summarise_days(days, 100.0)
    assert (time.low, time.p10, time.p50, time.p90, time.high) == (1, 1, 5, None, None)
    assert time.chance == 0.8


def test_no_path_is_no_day() -> None:
    time = summarise_days(np.full(10, NEVER, dtype=np.int32), 100.0)
    assert (time.p10, time.p50, time.p90, time.chance) == (None, None, None, 0.0)


@given(PATHS, st.floats(1, 3))
def test_more_demand_never_lengthens_the_time(paths: np.ndarray, factor: float) -> None:
    before = first_days(paths, 50.0)
    after = first_days(paths * np.float32(factor), 50.0)
    assert (after <= before).all()


@given(PATHS, st.floats(0, 100), st.floats(0, 100))
def test_a_higher_limit_is_never_reached_earlier(
    paths: np.ndarray, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert (first_days(paths, low) <= first_days(paths, high)).all()


@given(PATHS, st.floats(0, 100))
def test_quantiles_are_in_order(paths: np.ndarray, level: float) -> None:
    time = summarise_days(first_days(paths, level), 100.0)
    told = [time.low, time.p10, time.p50, time.p90, time.high]
    filled = [NEVER if one is None else one for one in told]
    assert filled == sorted(filled)
