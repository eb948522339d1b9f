"""How often a change that is like all past ones is called unusual.

    python -m benchmarks.usual_size

Draws weekly costs of made-up meters whose changes come from one law, past and present alike, so
that every change called unusual is called so falsely; prints the share by kind of meter and by
number of past changes, and the change that is just named, as a share of a week.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from decimal import Decimal
from statistics import median

import numpy as np

from opslib.analysis.cost.usual import usual_size

Draw = Callable[[np.random.Generator, int], np.ndarray]


def _batch(chance: np.random.Generator, weeks: int) -> np.ndarray:
    runs = chance.poisson(1.2, weeks)
    return np.array([sum(chance.lognormal(3.4, 0.4, int(count))) for count in runs])


METERS: dict[str, Draw] = {
    "noise of 5%": lambda chance, weeks: 100 * chance.lognormal(0, 0.05, weeks),
    "heavy tail (lognormal 0.5)": lambda chance, weeks: 100 * chance.lognormal(0, 0.5, weeks),
    "heavy tail (Student's t, 3)": lambda chance, weeks: 100 + 10 * chance.standard_t(3, weeks),
    "batch runs": _batch,
    "random walk of 5%": lambda chance, weeks: (
        100 * np.exp(np.cumsum(chance.normal(0, 0.05, weeks)))
    ),
}


def measure(draw: Draw, past: int, meters: int, seed: int) -> tuple[float, float]:
    """Return the share of changes called unusual, and the median size that is just not."""
    chance = np.random.default_rng(seed)
    called, sizes = 0, []
    for _ in range(meters):
        changes = [Decimal(repr(float(change))) for change in np.diff(draw(chance, past + 2))]
        size = usual_size(changes[:-1])
        sizes.append(float(size))
        called += abs(changes[-1]) > size
    return called / meters, median(sizes) / 100


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--meters", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{'meter':<30}{'past changes':>13}{'called unusual':>16}{'smallest named':>16}")
    for name, draw in METERS.items():
        for past in (4, 8, 12):
            share, size = measure(draw, past, options.meters, options.seed)
            print(f"{name:<30}{past:>13}{share:>16.2%}{size:>16.0%}")


if __name__ == "__main__":
    main()
