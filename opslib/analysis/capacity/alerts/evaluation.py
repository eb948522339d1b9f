"""When an alarm would have been on, from the values of its metric.

Method: CloudWatch's evaluation, all of ``periods`` datapoints in a row above the threshold. A
missing value neither breaches nor clears: up to two of them lie between datapoints that are taken
as in a row, as CloudWatch looks back a little further than the periods that it evaluates; a longer
gap ends the alarm. A value at the threshold is not above it.

Source: the CloudWatch user guide, alarm evaluation and missing data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spell", "find_spells", "longer_periods"]

LOOKED_PAST = 2

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A spell of values in a row; both ends are places in the history.

    Args:
        first: place of the first value that makes it.
        since: place of the value that completes it, from whose end on it is told.
        last: place of its last value.
    """

    first: int
    since: int
    last: int


def find_spells(above: NDArray[np.bool_], missing: NDArray[np.bool_], needed: int) -> list[Spell]:
    """Return the spells of at least ``needed`` values above, oldest first.

    Args:
        above: whether each value is above; not looked at where it is missing.
        missing: whether there is no value.
        needed: values in a row that make a spell, at least one.
    """
    places = np.flatnonzero(~missing)
    breaching = above[places]
    if not breaching.any():
        return []
    gap = np.diff(places, prepend=places[0]) > LOOKED_PAST + 1
    starts = breaching & (gap | ~np.concatenate(([False], breaching[:-1])))
    run = np.cumsum(starts)[breaching]
    inside = places[breaching]
    firsts = np.searchsorted(run, np.arange(1, run[-1] + 1))
    lasts = np.append(firsts[1:], len(run)) - 1
    return [
        Spell(first=int(inside[a]), since=int(inside[a + needed - 1]), last=int(inside[b]))
        for a, b in zip(firsts, lasts, strict=True)
        if b - a + 1 >= needed
    ]


def longer_periods(values: Values, width: int, *, maximum: bool) -> Values:
    """Return ``values`` by periods of ``width`` of them; NaN where one is missing altogether.

    Periods are counted from the first value; an incomplete last one is left out.
    """
    if width == 1:
        return values
    blocks = values[: len(values) // width * width].reshape(-1, width)
    gone = np.isnan(blocks)
    if maximum:
        merged = np.where(gone, -np.inf, blocks).max(axis=1)
    else:
        merged = np.where(gone, 0.0, blocks).sum(axis=1) / np.maximum((~gone).sum(axis=1), 1)
    return np.where(gone.all(axis=1), np.nan, merged)
