"""How long the backtest of commitments takes, and that no level costs less than the one it finds.

    python -m benchmarks.commitment_levels [--millions 20] [--hours 9480] [--seed 0] [--levels 50]

Usage is drawn: cells of an hour and a meter, each meter with a size, a daily swing, gaps and a
discount of its own. Prints seconds and peak memory of ordering the cells, of the exact curve and of
what the best level saves by hour. Beside it the same by counting every level of an even grid over
all cells, which is what a spreadsheet does, and by how much its best level costs more. Exits 1
where a level of the grid costs less than the one found.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import dataclass

import numpy as np

from opslib.analysis.savings.commitments.regret import RegretCurve, make_curve
from opslib.analysis.savings.commitments.usage import EligibleUsage, Floats, Places

__all__ = ["DrawnUsage", "draw_usage"]

DAY_HOURS = 24
MIB = 1024
TOLERANCE = 1e-9
"""Of the cost, for sums of doubles in another order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnUsage:
    """Cells that were drawn, in no order of discounts.

    Args:
        hour: place of each.
        plan: at the plan's rate.
        demand: on demand.
    """

    hour: Places
    plan: Floats
    demand: Floats


def main() -> int:
    """Measure, print a table; 1 where the grid finds a cheaper level."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--millions", type=float, default=20)
    asked.add_argument("--hours", type=int, default=9480)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--levels", type=int, default=50)
    options = asked.parse_args()
    meters = max(1, int(options.millions * 10**6 / options.hours))
    drawn = draw_usage(options.hours, meters, np.random.default_rng(options.seed))
    print(f"{len(drawn.hour):,} cells of {options.hours:,} hours and {meters:,} meters")
    begun = time.perf_counter()
    usage = EligibleUsage.ordered(options.hours, drawn.hour, drawn.plan, drawn.demand)
    _tell("ordered", begun)
    begun = time.perf_counter()
    curve = make_curve(usage)
    _tell("exact curve and best level", begun)
    begun = time.perf_counter()
    saved = float(usage.savings(curve.best).sum())
    _tell("savings by hour of the best level", begun)
    share = saved / curve.on_demand
    print(f"best level {curve.best:,.3f} an hour, saves {share:.1%} of {curve.on_demand:,.0f}")
    return _by_grid(usage, curve, options.levels)


def draw_usage(hours: int, meters: int, chance: np.random.Generator) -> DrawnUsage:
    """Return cells of hours and meters: a size, a swing, gaps and a discount for each meter."""
    hour = np.tile(np.arange(hours), meters)
    size = np.repeat(chance.lognormal(0, 1.5, meters), hours)
    swing = np.repeat(chance.uniform(0, 0.8, meters), hours)
    rate = np.repeat(chance.uniform(0.4, 0.9, meters).round(3), hours)
    demand = size * (1 + swing * np.cos(2 * np.pi * (hour % DAY_HOURS) / DAY_HOURS))
    kept = chance.random(len(hour)) < np.repeat(chance.uniform(0.3, 1, meters), hours)
    return DrawnUsage(hour=hour[kept], plan=(demand * rate)[kept], demand=demand[kept])


def _by_grid(usage: EligibleUsage, curve: RegretCurve, levels: int) -> int:
    begun = time.perf_counter()
    grid = np.linspace(0, float(usage.full.max()), levels)
    costs = [usage.on_demand - float(usage.savings(float(level)).sum()) for level in grid]
    _tell(f"grid of {levels} levels", begun)
    least = float(curve.costs.min())
    worse = (min(costs) - least) / (curve.on_demand - least)
    print(f"the grid's best level misses {worse:.2%} of the saving")
    return int(min(costs) < least * (1 - TOLERANCE))


def _tell(what: str, begun: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    print(f"{what:<36} {time.perf_counter() - begun:8.2f} s  {peak:8,.0f} MiB at most so far")


if __name__ == "__main__":
    raise SystemExit(main())
