"""What the units of the other zones would have had to carry, at each time of the history.

At each five minutes, utilisation times the units that ran is what was asked for. Of those units the
zone with most is taken away: an even share, rounded up, where they are spread evenly now, and the
share of now where they are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Loads", "Spread", "load_without_zone"]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Units by zone, the most first, and what the first zone takes with it."""

    units: tuple[tuple[str, int], ...]

    def lost(self, total: Values) -> Values:
        """Return how many of ``total`` units the largest zone has."""
        counts = [number for _, number in self.units]
        even = max(counts) - min(counts) <= 1
        share = 1 / len(counts) if even else max(counts) / sum(counts)
        return np.minimum(np.ceil(total * share - 1e-9), total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """Utilisation in percent: as recorded, and as it would be."""

    recorded: Values
    at_once: Values
    after: Values
    forecast: Values | None


def load_without_zone(
    recorded: Values, running: Values, spread: Spread, most: float | None, growth: float | None
) -> Loads:
    """Return what would be carried without the largest zone.

    Args:
        recorded: utilisation in percent.
        running: units that ran, NaN where that is not known.
        spread: units by zone, now.
        most: units that scaling may run; None where nothing scales, and what is lost is replaced.
        growth: what demand is multiplied by for the forecast; None: unknown.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        most_units = np.maximum(running, most) if most is not None else running
        forecast = None
        if growth is not None:
            scaled = np.clip(running * growth, running, most_units)
            forecast = recorded * growth * running / (scaled - spread.lost(scaled))
        return Loads(
            recorded=recorded,
            at_once=recorded * running / (running - spread.lost(running)),
            after=recorded * running / most_units,
            forecast=forecast,
        )
