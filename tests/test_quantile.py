"""Quantiles of small samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.quantile import bootstrap_quantiles, harrell_davis

SAMPLES = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)
SHARES = st.floats(0.01, 0.99)


@given(SAMPLES, SHARES)
def test_a_quantile_lies_within_its_sample_whatever_its_order(
    sample: list[float], share: float
) -> None:
    found = harrell_davis(sample, share)
    assert min(sample) - 1e-6 <= found <= max(sample) + 1e-6
    assert harrell_davis(sample[::-1], share) == pytest.approx(found)


@given(SAMPLES, SHARES, st.floats(0.1, 10), st.floats(0, 100))
def test_a_quantile_scales_and_shifts_with_its_sample(
    sample: list[float], share: float, scale: float, shift: float
) -> None:
    moved = [value * scale + shift for value in sample]
    expected = harrell_davis(sample, share) * scale + shift
    assert harrell_davis(moved, share) == pytest.approx(expected, rel=1e-6, abs=1e-3)


def test_a_large_sample_gives_the_quantile_of_its_distribution() -> None:
    sample = np.random.default_rng(1).uniform(0, 100, 5_000).tolist()
    assert harrell_davis(sample, 0.95) == pytest.approx(95, abs=1)
    assert harrell_davis([1, 2, 3], 0.5) == pytest.approx(2)


def test_the_bootstrap_repeats_itself_and_covers_the_truth() -> None:
    chance, covered = np.random.default_rng(2), 0
    truth = float(np.exp(1.6449 * 0.5))
    for trial in range(200):
        sample = np.exp(chance.normal(0, 0.5, 40)).tolist()
        drawn = bootstrap_quantiles(sample, 0.95, 500, trial)
        assert (drawn == bootstrap_quantiles(sample, 0.95, 500, trial)).all()
        low, high = np.quantile(drawn, [0.025, 0.975])
        covered += bool(low <= truth <= high)
    assert covered >= 160, "at least 80 % where 95 % is the aim: small samples fall short of it"


@pytest.mark.parametrize(("sample", "share"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.0)])
def test_nothing_has_no_quantile(sample: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        harrell_davis(sample, share)
