"""Known events as multipliers of a daily series: what history is freed of, and forecasts given.

An event multiplies what follows the load. What only grows by what is kept (storage, addresses) does
not jump on the day of a launch, and is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from opslib.parameters.capacity import CapacityParameters
from opslib.parameters.capacity_plans import KnownEvent
from opslib.tables.capacity import ChangeKind

__all__ = ["DAYS_A_MONTH", "day_factors", "follows_load"]

DAYS_A_MONTH = 30.44
STOCKS = frozenset({ChangeKind.STORAGE.value, ChangeKind.NETWORK.value})


def follows_load(change: str) -> bool:
    """Say whether a limit, by what moves it, is used as much as there is load at the moment."""
    return change not in STOCKS


def day_factors(
    parameters: CapacityParameters, name: str, first: date, days: tuple[int, int], *, events: bool
) -> NDArray[np.float64]:
    """Return what each day is multiplied by, from ``first`` on.

    Args:
        parameters: events, and growth to add from the first day of the forecast on.
        name: of the resource.
        first: day of the first value.
        days: that were measured, and that are forecast.
        events: multiply by events too; growth multiplies whatever is used.
    """
    history, horizon = days
    factors = np.ones(history + horizon)
    for event in _of_resource(parameters.events, name) if events else ():
        begin = max(0, (event.start - first).days)
        end = len(factors)
        if event.end is not None:
            end = max(0, (event.end + timedelta(days=1) - first).days)
        factors[begin:end] *= event.multiplier
    rate = 1 + parameters.growth_percent_a_month / 100
    factors[history:] *= rate ** (np.arange(1, horizon + 1) / DAYS_A_MONTH)
    return factors


def _of_resource(events: Iterable[KnownEvent], name: str) -> list[KnownEvent]:
    return [event for event in events if not event.resources or name in event.resources]
