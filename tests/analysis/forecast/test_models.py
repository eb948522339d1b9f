"""Profiles, combination and spread on series small enough to compute by hand."""

from __future__ import annotations

import numpy as np
import pytest

from opslib.analysis.forecast.blocks import block_length, fill_gaps, fold
from opslib.analysis.forecast.combination import absolute_errors, combined, weights
from opslib.analysis.forecast.corrections import corrected, own_errors
from opslib.analysis.forecast.detail import details, joined
from opslib.analysis.forecast.profiles import profiles_of
from opslib.analysis.forecast.scores import mean_absolute, naive_scale, smape
from opslib.analysis.forecast.spread import GRID, bounds, coverage, spread_of

NAN = np.nan


def test_blocks_leave_a_cycle_24_or_more() -> None:
    assert [block_length(cycle) for cycle in (1, 7, 24, 48, 96, 288, 1440)] == [
        1,
        1,
        1,
        2,
        4,
        12,
        60,
    ]


def test_a_history_is_folded_from_its_end() -> None:
    folded = fold(np.array([9.0, 1.0, 2.0, 3.0, NAN]), 2)
    np.testing.assert_array_equal(folded.fine, [[1.0, 2.0], [3.0, NAN]])
    np.testing.assert_array_equal(folded.filled, [[1.0, 2.0], [3.0, 2.0]])


def test_a_gap_is_filled_from_the_cycle_before_or_the_next() -> None:
    filled = fill_gaps(np.array([[NAN, 1.0], [2.0, NAN], [NAN, 3.0]]))
    np.testing.assert_array_equal(filled, [[2.0, 1.0], [2.0, 1.0], [2.0, 3.0]])


def test_profiles_use_what_is_before_the_origin_alone() -> None:
    cycles = np.arange(20.0).reshape(10, 2)
    origins = np.array([5])
    before = {name: profile(origins, 3) for name, profile in profiles_of(cycles, 2).items()}
    changed = cycles.copy()
    changed[5:] = 1e6
    for name, profile in profiles_of(changed, 2).items():
        np.testing.assert_array_equal(profile(origins, 3), before[name], err_msg=name)


def test_naive_forecasts_repeat_the_last_season() -> None:
    cycles = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
    models = profiles_of(cycles, 2)
    last = models["seasonal naive"](np.array([4]), 2)
    np.testing.assert_array_equal(last, [[[7.0, 8.0], [7.0, 8.0]]])
    long = models["long seasonal naive"](np.array([4]), 3)
    np.testing.assert_array_equal(long, [[[5.0, 6.0], [7.0, 8.0], [5.0, 6.0]]])


def test_a_slow_profile_halves_weights_in_seven_cycles() -> None:
    cycles = np.zeros((8, 1))
    cycles[0], cycles[7] = 1.0, 0.0
    share = 0.5 ** (np.arange(8) / 7)
    found = profiles_of(cycles, None)["slow profile"](np.array([8]), 1)
    assert found[0, 0, 0] == pytest.approx(share[7] / share.sum())


def test_a_lagging_profile_follows_a_trend() -> None:
    cycles = np.repeat(np.arange(60.0)[:, None], 4, axis=1)
    profile, origins = profiles_of(cycles, None)["slow profile"], np.array([60])
    errors = own_errors(cycles, profile, 1)
    found = corrected(profile(origins, 3), errors, origins)["trend"]
    np.testing.assert_allclose(found[0, :, 0], [60.0, 61.0, 62.0], atol=0.5)


def test_weights_go_to_the_better_model_and_never_to_its_own_origin() -> None:
    actual = np.zeros((3, 1, 2))
    good, bad = np.full((3, 1, 2), 1.0), np.full((3, 1, 2), 2.0)
    bad[0] = 0.0
    errors = absolute_errors(np.stack([good, bad]), actual)
    shares = weights(errors, 4.0)
    assert shares[0, 0, 0] == pytest.approx(2**7 / (2**7 + 1))
    assert shares[0, 1, 0] == pytest.approx(0.5)
    assert shares.sum(axis=0) == pytest.approx(1.0)
    mixed = combined(np.stack([good, bad])[:, 1:2], shares[:, 1:2])
    assert mixed[0, 0, 0] == pytest.approx(1.5)


def test_details_come_back_where_they_repeat() -> None:
    fine = np.random.default_rng(0).normal(10, 0.1, (20, 48))
    fine[:, 5] += 4
    folded = fold(fine.ravel(), 48)
    found = joined(folded.filled[-1:], folded.block) + details(folded, np.array([20]))
    assert found[0, 5] == pytest.approx(14, abs=0.4)
    assert np.abs(np.delete(found[0], [4, 5, 6]) - 10).max() < 0.4


def test_intervals_hold_their_share_of_exchangeable_errors() -> None:
    errors = np.random.default_rng(1).standard_normal((200, 24)) * np.linspace(1, 3, 24)
    fan = spread_of(errors, 1, 200.0).around(np.zeros(24))
    for level in (0.5, 0.8, 0.95):
        low, high = bounds(fan, level)
        assert ((errors >= low) & (errors <= high)).mean() == pytest.approx(level, abs=0.02)
        assert coverage(errors, 1, 1.0)[level] == pytest.approx(level, abs=0.02)
    assert fan[-1, -1] > 2 * fan[-1, 0]


def test_few_windows_widen_and_a_one_sided_error_keeps_the_middle_inside() -> None:
    errors = np.abs(np.random.default_rng(2).standard_normal((6, 10))) + 1
    many, few = spread_of(errors, 1, 100.0), spread_of(errors, 1, 2.0)
    fan = few.around(np.zeros(10))
    low, high = bounds(fan, 0.95)
    assert (high - low > bounds(many.around(np.zeros(10)), 0.95)[1]).all()
    middle = fan[len(GRID) // 2]
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert (np.diff(fan, axis=0) >= 0).all()


def test_scores_are_those_of_m4() -> None:
    assert naive_scale(np.array([1.0, 3.0, 2.0, 6.0]), 2) == pytest.approx(2.0)
    assert np.isnan(naive_scale(np.array([1.0, 2.0]), 2))
    assert smape(np.array([1.0, 0.0, NAN]), np.array([3.0, 0.0, 1.0])) == pytest.approx(50.0)
    assert mean_absolute(np.array([-1.0, NAN, 3.0])) == pytest.approx(2.0)
    assert np.isnan(mean_absolute(np.array([NAN])))
