"""How large a change usually is, judged by the account's own past."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median, quantiles

from opslib.money import ZERO

__all__ = ["ENOUGH_PERIODS", "usual_size"]

FEWEST_PERIODS = 4
ENOUGH_PERIODS = 8
"""Earlier changes from which on a change beyond the usual size is called so without reserve."""

SPREADS = Decimal(4)
MAD_TO_SIGMA = Decimal("1.4826")
BEYOND_LARGE = Decimal("1.5")
LARGE_DECILE = 8


def usual_size(changes: Sequence[Decimal]) -> Decimal:
    """Return the size that a change must pass to be called unusual.

    Method: the larger of four robust standard deviations (from the median absolute change; Hampel
    1974) and one and a half times the eighth decile of past sizes. The first holds for noise,
    the second for meters that move now and then, such as monthly charges; neither is moved by a
    single past event. Both are widened by 1 + 2/n for n past changes, of which few say little.

    Measured on made-up meters from mild noise to heavy tails, a change like the past ones passes
    it in 0.5 to 1.8 of a hundred cases with 4 past changes and in 0.2 to 1.5 with 12
    (`benchmarks/usual_size.py`).

    Args:
        changes: past changes of the same kind, signed, one a period.

    Returns:
        The size in the unit of ``changes``; zero when there are fewer than four, since so few
        say nothing about what is usual.
    """
    if len(changes) < FEWEST_PERIODS:
        return ZERO
    sizes = sorted(abs(change) for change in changes)
    noise = SPREADS * MAD_TO_SIGMA * median(sizes)
    large = BEYOND_LARGE * quantiles(sizes, n=10, method="inclusive")[LARGE_DECILE - 1]
    few = 1 + Decimal(2) / len(sizes)
    return max(noise, large) * few
