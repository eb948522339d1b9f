"""Times at which a resource was in trouble, by what it measured of itself.

In trouble is a resource whose use of a limit is at 95% of it for ten minutes, or at the limit at
all; that turned requests away or evicted what it held; or whose latency is three times its own
median for ten minutes. Spells that are less than half an hour apart are one.

Failure mode: trouble that none of these shows, such as errors, is not seen, and five-minute
averages hide what is shorter. Latency that was always bad departs from nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.alerts.evaluation import find_spells
from opslib.analysis.capacity.inventory import Inventory, LimitUse
from opslib.tables.capacity import UsageRole
from opslib.tables.regular_series import RegularSeries

__all__ = ["Trouble", "find_troubles", "limit_troubles"]

NEARLY_FULL, FULL = 95.0, 100.0
SLOWER = 3.0
LASTING = timedelta(minutes=10)
APART = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A spell of trouble.

    Args:
        what: in words, such as ``CPU at its limit``.
        start, end: aware UTC; end is when the last period ended.
    """

    what: str
    start: datetime
    end: datetime


def find_troubles(inventory: Inventory, resource: str) -> tuple[Trouble, ...]:
    """Return all trouble that a resource had, oldest first."""
    found = [
        trouble for use in inventory.limits(resource).values() for trouble in limit_troubles(use)
    ]
    for measured in inventory.series(resource, UsageRole.THROTTLES):
        if measured.history is not None:
            values = measured.history.values
            found += _spells(measured.history, values > 0, 1, measured.metric)
    for measured in inventory.series(resource, UsageRole.LATENCY):
        if measured.history is not None:
            found += _slow(measured.history, measured.metric)
    return tuple(sorted(found, key=lambda trouble: trouble.start))


def limit_troubles(use: LimitUse) -> tuple[Trouble, ...]:
    """Return the spells at which a limit was reached, or nearly for ten minutes."""
    percent = use.percent()
    if use.history is None or percent is None:
        return ()
    needed = _lasting(use.history)
    what = f"{use.limit} at its limit"
    near = _spells(use.history, percent >= NEARLY_FULL, needed, what)
    full = _spells(use.history, percent >= FULL, 1, what)
    return tuple(_merged([*near, *full]))


def _slow(history: RegularSeries, metric: str) -> list[Trouble]:
    if np.isnan(history.values).all():
        return []
    usual = float(np.nanmedian(history.values))
    slow = history.values > SLOWER * usual
    return _spells(history, slow, _lasting(history), f"{metric} three times its median")


def _lasting(history: RegularSeries) -> int:
    return max(1, round(LASTING.total_seconds() / history.step_seconds))


def _spells(
    history: RegularSeries, bad: NDArray[np.bool_], needed: int, what: str
) -> list[Trouble]:
    step = timedelta(seconds=history.step_seconds)
    found = [
        Trouble(
            what=what,
            start=history.start + spell.first * step,
            end=history.start + (spell.last + 1) * step,
        )
        for spell in find_spells(bad, np.isnan(history.values), needed)
    ]
    return list(_merged(found))


def _merged(troubles: list[Trouble]) -> Iterator[Trouble]:
    """Yield spells of one kind, those that are close together as one."""
    held: Trouble | None = None
    for trouble in sorted(troubles, key=lambda one: one.start):
        if held is not None and trouble.start - held.end < APART:
            end = max(held.end, trouble.end)
            held = Trouble(what=held.what, start=held.start, end=end)
            continue
        if held is not None:
            yield held
        held = trouble
    if held is not None:
        yield held
