"""A history folded into cycles of a few blocks each, on which models are tried.

A day of 288 five-minute steps has far more points than shapes that last. Models are fitted on 24
blocks a day (means of twelve steps), and what is left within a block comes back by
`opslib.analysis.forecast.detail`. Everything is aligned with the end of the history, so that a
forecast begins where a cycle does; what is over at the beginning is cut off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opslib.analysis.forecast.results import Floats

__all__ = ["Folded", "block_length", "fill_gaps", "fold"]

BLOCKS = 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Folded:
    """A history in cycles.

    Args:
        fine: (cycles, steps a cycle) the values; NaN where there is none.
        means: (cycles, blocks a cycle) means of the values of a block; NaN where all are missing.
        filled: the means with gaps filled, by `fill_gaps`.
        block: steps a block.
    """

    fine: Floats
    means: Floats
    filled: Floats
    block: int


def block_length(cycle: int) -> int:
    """Return the steps a block: the longest that leave a cycle `BLOCKS` blocks or more."""
    return max((size for size in range(1, cycle // BLOCKS + 1) if cycle % size == 0), default=1)


def fold(values: Floats, cycle: int) -> Folded:
    """Return the whole cycles at the end of ``values``, which hold one value at least."""
    block = block_length(cycle)
    cycles = len(values) // cycle
    fine = values[len(values) - cycles * cycle :].reshape(cycles, cycle)
    blocks = fine.reshape(cycles, cycle // block, block)
    known = np.isfinite(blocks)
    count = known.sum(axis=2)
    total = np.where(known, blocks, 0.0).sum(axis=2)
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return Folded(fine=fine, means=means, filled=fill_gaps(means), block=block)


def fill_gaps(means: Floats) -> Floats:
    """Return (cycles, blocks) with each gap as the cycle before had it, the first as the next."""
    held = _carried(means)
    held = _carried(held[::-1])[::-1]
    return np.where(np.isfinite(held), held, np.nanmean(means))


def _carried(means: Floats) -> Floats:
    known = np.where(np.isfinite(means), np.arange(len(means))[:, None], 0)
    return np.take_along_axis(means, np.maximum.accumulate(known, axis=0), axis=0)
