"""What the units of the other zones would have had to carry, at each time of the history.

At each five minutes, utilisation times the units that ran is what was asked for. Of those units the
zone with most is taken away: an even share, rounded up, where they are spread evenly now, and the
share of now where they are not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Loads", "Spread", "load_without_zone"]

Values = NDArray[np.float64]
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Units by zone, the most first, and what the first zone takes with it."""

    units: tuple[tuple[str, int], ...]

    def lost(self, total: Values) -> Values:
        """Return how many of ``total`` units the largest zone has."""
        return np.minimum(np.ceil(total * self.share - ROUNDING), total)

    @property
    def share(self) -> float:
        """Return the share of the units that the largest zone has."""
        counts = [number for _, number in self.units]
        is_even = max(counts) - min(counts) <= 1
        return 1 / len(counts) if is_even else max(counts) / sum(counts)

    def least(self, left: float) -> float | None:
        """Return the fewest units of which so many are left; None where none ever are."""
        if self.share == 1.0:
            return None
        return float(math.ceil(math.ceil(left - ROUNDING) / (1 - self.share) - ROUNDING))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """Utilisation in percent: as recorded, and as it would be."""

    recorded: Values
    at_once: Values
    after: Values
    forecast: Values | None


def load_without_zone(
    recorded: Values,
    running: Values,
    spread: Spread,
    most: float | None,
    growth: float | None,
    target: float | None,
) -> Loads:
    """Return what would be carried without the largest zone.

    Args:
        recorded: utilisation in percent.
        running: units that ran, NaN where that is not known.
        spread: units by zone, now.
        most: units that scaling may run; None where nothing scales, and what is lost is replaced.
        growth: what demand is multiplied by for the forecast; None: unknown.
        target: utilisation in percent that scaling holds; None where it is not known, and more
            units run in proportion to demand.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        most_units = np.maximum(running, most) if most is not None else running
        at_once = recorded * running / (running - spread.lost(running))
        forecast = None
        if growth is not None:
            demand = recorded * running * growth
            wanted = running * growth if target is None else demand / target
            scaled = np.clip(np.ceil(wanted - ROUNDING), running, most_units)
            forecast = np.fmax(demand / (scaled - spread.lost(scaled)), at_once)
        return Loads(
            recorded=recorded,
            at_once=at_once,
            after=recorded * running / most_units,
            forecast=forecast,
        )
