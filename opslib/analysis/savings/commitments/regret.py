"""What each level of a commitment would have cost over past hours: exact, and convex.

A commitment of c an hour costs c in every hour, covers usage at the plan's rates up to c, the
highest saving first, and leaves the rest on demand. What an hour costs is piecewise linear in c: a
further unit of commitment takes away on-demand cost at a rate that falls from cell to cell, down to
nothing. It is convex therefore, and so is the sum over hours, whose least value lies where one
cell of one hour is covered whole. All these places are looked at, so that the least is exact.

Regret is what a level costs more than the best one would have, seen from the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from opslib.analysis.savings.commitments.usage import EligibleUsage, Floats

__all__ = ["RegretCurve", "make_curve"]

NOISE = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegretCurve:
    """What every level would have cost.

    Args:
        hours: of the window.
        levels: where the slope changes, ascending from zero; of the currency an hour.
        costs: at these levels, of the whole window.
    """

    hours: int
    levels: Floats
    costs: Floats

    @property
    def on_demand(self) -> float:
        """Return the cost without a commitment."""
        return float(self.costs[0])

    @property
    def best(self) -> float:
        """Return the level that would have cost least; the lowest of several.

        Levels between two cells cost the same where a plan saves just what it costs.
        """
        return float(self.levels[np.argmax(self.costs <= self.costs.min() + self._noise)])

    @property
    def _noise(self) -> float:
        """Return by how much sums of doubles may differ that are the same."""
        return NOISE * self.on_demand

    def cost(self, level: float | Floats) -> Floats:
        """Return what levels would have cost; beyond the last one each hour pays what is added."""
        asked = np.asarray(level, dtype=np.float64)
        beyond = np.maximum(asked - self.levels[-1], 0.0)
        inside = np.asarray(np.interp(asked, self.levels, self.costs), dtype=np.float64)
        return np.asarray(inside + self.hours * beyond, dtype=np.float64)

    def regret(self, level: float | Floats) -> Floats:
        """Return what levels would have cost more than the best one."""
        return self.cost(level) - float(self.costs.min())

    def best_steps(self, step: float) -> int:
        """Return how many steps of a commitment would have cost least: plans are bought in steps.

        The cost is convex: it is one of the two numbers beside the best level.
        """
        below, above = math.floor(self.best / step), math.ceil(self.best / step)
        gain = float(self.cost(below * step) - self.cost(above * step))
        return above if gain > self._noise else below

    def with_use(self, share: float, level: float) -> float:
        """Return the change against no commitment if all usage were ``share`` of what it was.

        Args:
            share: above zero.
            level: of the currency an hour.
        """
        return share * float(self.cost(level / share) - self.costs[0])


def make_curve(usage: EligibleUsage) -> RegretCurve:
    """Return what every level would have cost."""
    worth = usage.demand / usage.plan
    following = np.append(worth[1:], 0.0)
    is_last = np.append(np.diff(usage.hour) > 0, True)[: len(worth)]
    drops = worth - np.where(is_last, 0.0, following[: len(worth)])
    ends = usage.starts + usage.plan
    first = np.flatnonzero(np.diff(usage.hour, prepend=-1))
    order = np.argsort(ends, kind="stable")
    levels = np.concatenate(([0.0], ends[order]))
    slopes = usage.hours - worth[first].sum() + np.cumsum(np.append(0.0, drops[order]))[:-1]
    costs = usage.on_demand + np.concatenate(([0.0], np.cumsum(slopes * np.diff(levels))))
    return RegretCurve(hours=usage.hours, levels=levels, costs=costs)
