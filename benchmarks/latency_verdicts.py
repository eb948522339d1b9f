"""How often a latency is judged wrongly: python -m benchmarks.latency_verdicts [--trials 200].

Latencies of known distributions, of a source and of a copy that is so many times slower. Up to 2
times (and 5 ms) slower is within. The baseline is the plain comparison of two 95th percentiles,
which has no "inconclusive" and therefore errs whenever it is near.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable

import numpy as np

from opslib.analysis.dr.latencies import compare_with_baseline
from opslib.tables.transactions import LatencyTolerance

Draw = Callable[[np.random.Generator, int], np.ndarray]
SLOW_SHARE = 0.1
SHAPES: dict[str, Draw] = {
    "lognormal, 30 %": lambda chance, n: 20 * np.exp(chance.normal(0, 0.3, n)),
    "gamma, shape 4": lambda chance, n: chance.gamma(4, 5, n),
    "heavy, t(3)": lambda chance, n: 20 * np.exp(0.3 * chance.standard_t(3, n)),
    "a tenth 5x slower": lambda chance, n: 20 * np.where(chance.random(n) < SLOW_SHARE, 5, 1),
}
SLOWER = (1.0, 1.5, 4.0, 6.0)
TOLERANCE = LatencyTolerance()


def judge(draw: Draw, size: int, slower: float, trials: int) -> tuple[Counter[str], int]:
    """Return the verdicts of ``trials`` comparisons, and how often the plain one errs."""
    chance = np.random.default_rng([size, int(slower * 100)])
    verdicts: Counter[str] = Counter()
    plain = 0
    for _ in range(trials):
        found, before = draw(chance, size) * slower, draw(chance, size)
        told = compare_with_baseline(found.tolist(), before.tolist(), TOLERANCE)
        assert told is not None
        verdicts[told.verdict.value] += 1
        limit = TOLERANCE.limit(float(np.quantile(before, 0.95)))
        plain += bool(np.quantile(found, 0.95) <= limit) != (slower <= 1 + TOLERANCE.share)
    return verdicts, plain


def main() -> None:
    """Print one row a distribution, size and slowdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    trials = parser.parse_args().trials
    print(f"{'latencies':18} {'n':>4} {'slower':>6} {'pass':>6} {'fail':>6} {'?':>6} {'plain':>6}")
    for name, draw in SHAPES.items():
        for size in (20, 40, 100):
            for slower in SLOWER:
                found, plain = judge(draw, size, slower, trials)
                shares = [found[verdict] / trials for verdict in ("pass", "fail", "inconclusive")]
                told = " ".join(f"{share:6.0%}" for share in shares)
                print(f"{name:18} {size:4} {slower:5g}x {told} {plain / trials:6.0%}")


if __name__ == "__main__":
    main()
