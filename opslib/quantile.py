"""Quantiles of small samples.

Source: Harrell and Davis, "A new distribution-free quantile estimator", Biometrika 69 (1982);
Wilcox and Erceg-Hurn, "Comparing two independent groups via quantiles", Journal of Applied
Statistics 39 (2012), for their comparison by bootstrap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["bootstrap_quantiles", "harrell_davis"]


def harrell_davis(sample: Sequence[float], share: float) -> float:
    """Return the ``share`` quantile of ``sample``: all its ordered values, weighted.

    It varies less than a single ordered value, above all in small samples and in the tails.

    Raises:
        ValueError: an empty sample, or a share not between 0 and 1.
    """
    import numpy as np  # noqa: PLC0415  only where a quantile is asked for

    return float(np.sort(np.asarray(sample, dtype=float)) @ _weights(len(sample), share))


def bootstrap_quantiles(sample: Sequence[float], share: float, times: int, seed: int) -> Any:
    """Return the quantile of ``times`` samples drawn from ``sample`` with replacement.

    Args:
        sample: independent draws from one distribution.
        share: between 0 and 1.
        times: how many.
        seed: of the draws; equal seeds give equal answers.

    Returns:
        An array of ``times`` floats.

    Raises:
        ValueError: an empty sample, or a share not between 0 and 1.
    """
    import numpy as np  # noqa: PLC0415  the same

    weights = _weights(len(sample), share)
    drawn = np.random.default_rng(seed).choice(
        np.asarray(sample, dtype=float), (times, len(weights))
    )
    return np.sort(drawn, axis=1) @ weights


def _weights(size: int, share: float) -> Any:
    import numpy as np  # noqa: PLC0415  the same
    from scipy.special import betainc  # noqa: PLC0415  the same

    if not size or not 0 < share < 1:
        raise ValueError(f"no quantile {share} of {size} values")
    edges = np.arange(size + 1) / size
    return np.diff(betainc((size + 1) * share, (size + 1) * (1 - share), edges))
