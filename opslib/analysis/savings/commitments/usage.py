"""Hourly usage that a commitment could cover, at the plan's rates and at what is paid now.

Amounts are doubles here: a search over millions of cells, of which only sums are told, rounded to
a millionth of the currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

__all__ = ["EligibleUsage", "Floats", "Places", "sums"]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def sums(places: Places, amounts: Floats, size: int) -> Floats:
    """Return the sum of the amounts of each place, from 0 to before ``size``."""
    return np.asarray(np.bincount(places, amounts, minlength=size), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EligibleUsage:
    """Cells of an hour and a meter, in the order in which a commitment is used.

    Args:
        hours: number of hours of the window.
        cell: place of each among those that it was taken from.
        hour: place in the window of each cell, ascending.
        plan: what each costs at the plan's rate; above zero and below ``demand``.
        demand: what each costs on demand.
    """

    hours: int
    cell: Places
    hour: Places
    plan: Floats
    demand: Floats

    @classmethod
    def ordered(cls, hours: int, hour: Places, plan: Floats, demand: Floats) -> Self:
        """Return cells in the order in which AWS uses a commitment: the highest saving first.

        Cells that the plan does not make cheaper are left out. Source: AWS Savings Plans user
        guide, "Understanding how Savings Plans apply to your AWS usage": the highest savings
        percentage first; equal ones cost the same in either order.
        """
        useful = np.flatnonzero((plan > 0) & (plan < demand))
        order = useful[np.lexsort((plan[useful] / demand[useful], hour[useful]))]
        return cls(
            hours=hours,
            cell=order,
            hour=hour[order],
            plan=plan[order],
            demand=demand[order],
        )

    @property
    def on_demand(self) -> float:
        """Return what all of it costs on demand."""
        return float(self.demand.sum())

    @property
    def starts(self) -> Floats:
        """Return the commitment above which each cell begins to be covered."""
        before = np.cumsum(self.plan) - self.plan
        if not len(before):
            return before
        first = np.flatnonzero(np.diff(self.hour, prepend=-1))
        sizes = np.diff(np.append(first, len(before)))
        return np.maximum(before - np.repeat(before[first], sizes), 0.0)

    @property
    def full(self) -> Floats:
        """Return the commitment that covers each hour whole."""
        return sums(self.hour, self.plan, self.hours)

    def between(self, first: int, end: int) -> EligibleUsage:
        """Return the hours from ``first`` to before ``end``, counted from zero again."""
        begin, until = np.searchsorted(self.hour, [first, end])
        part = slice(int(begin), int(until))
        return EligibleUsage(
            hours=end - first,
            cell=self.cell[part],
            hour=self.hour[part] - first,
            plan=self.plan[part],
            demand=self.demand[part],
        )

    def savings(self, level: float) -> Floats:
        """Return what a commitment saves in each hour; negative where it is not used enough.

        Args:
            level: of the currency an hour.
        """
        spared = self.covered(level) * self.demand
        return sums(self.hour, spared, self.hours) - level

    def covered(self, level: float) -> Floats:
        """Return the share of each cell that a commitment of ``level`` an hour covers."""
        room: Floats = np.clip(level - self.starts, 0.0, self.plan)
        return room / self.plan

    def utilisation(self, level: float) -> float:
        """Return the share of a commitment that would have been used; zero of none."""
        if level <= 0 or not self.hours:
            return 0.0
        return float(np.minimum(self.full, level).sum() / (level * self.hours))
