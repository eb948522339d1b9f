"""Whether a 95th percentile is within a limit, told from few repeats.

Method: the 95th percentile is estimated by Harrell and Davis over the warm repeats; its sampling
error by the percentile bootstrap, of both samples where the limit follows from a baseline. What
is judged is the difference to the limit: below it with all of its 95 % interval is within, above
with all of it is beyond, anything else is not told.
Assumption: repeats are independent draws of one distribution. They are run in turn with the other
transactions, which takes most of the dependence between neighbours; a load that comes and goes
during the run widens the truth beyond the interval.
Failure mode: fewer than 20 warm repeats say too little of a 95th percentile and are not judged.
A rare stall (less than one in 20) is invisible to a 95th percentile.
Source: Wilcox and Erceg-Hurn, "Comparing two independent groups via quantiles", Journal of Applied
Statistics 39 (2012): the method keeps its error from about 20 values on for quantiles up to 0.9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from opslib.estimate import Estimate
from opslib.findings import Verdict
from opslib.parameters.synthetic import LEAST_SAMPLE
from opslib.quantile import bootstrap_quantiles, harrell_davis
from opslib.tables.transactions import LatencyTolerance

__all__ = ["Latency", "compare_with_baseline", "compare_with_limit", "estimate_p95"]

P95 = 0.95
CONFIDENCE = 0.95
TIMES = 2_000
SEED = 20_260_302


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """A 95th percentile held against a limit.

    Args:
        p95_ms: the estimate.
        limit_ms: the most that is within.
        verdict: pass within, fail beyond, inconclusive where the sample cannot tell.
        reason: why it cannot; empty where it can.
    """

    p95_ms: float
    limit_ms: float
    verdict: Verdict
    reason: str = ""


def estimate_p95(sample: Sequence[float]) -> Estimate | None:
    """Return the 95th percentile in milliseconds with its interval; None for too few repeats."""
    if len(sample) < LEAST_SAMPLE:
        return None
    mid = harrell_davis(sample, P95)
    low, high = _ends(bootstrap_quantiles(sample, P95, TIMES, SEED))
    return Estimate(
        low=_milliseconds(min(low, mid)),
        mid=_milliseconds(mid),
        high=_milliseconds(max(high, mid)),
        confidence=CONFIDENCE,
    )


def compare_with_limit(sample: Sequence[float], limit_ms: float) -> Latency | None:
    """Hold warm repeats, in milliseconds, against a fixed limit; None for too few of them."""
    if len(sample) < LEAST_SAMPLE:
        return None
    low, high = _ends(bootstrap_quantiles(sample, P95, TIMES, SEED) - limit_ms)
    return _told(harrell_davis(sample, P95), limit_ms, low, high)


def compare_with_baseline(
    sample: Sequence[float], baseline: Sequence[float], tolerance: LatencyTolerance
) -> Latency | None:
    """Hold warm repeats against those of the source; None where either has too few.

    Args:
        sample: of the restored database, in milliseconds.
        baseline: of the source.
        tolerance: how much slower is still within.
    """
    if min(len(sample), len(baseline)) < LEAST_SAMPLE:
        return None
    found = bootstrap_quantiles(sample, P95, TIMES, SEED)
    allowed = np.array([tolerance.limit(p) for p in bootstrap_quantiles(baseline, P95, TIMES, 1)])
    limit = tolerance.limit(harrell_davis(baseline, P95))
    return _told(harrell_davis(sample, P95), limit, *_ends(found - allowed))


def _told(p95: float, limit: float, low: float, high: float) -> Latency:
    if high <= 0:
        return Latency(p95_ms=p95, limit_ms=limit, verdict=Verdict.PASS)
    if low > 0:
        return Latency(p95_ms=p95, limit_ms=limit, verdict=Verdict.FAIL)
    return Latency(
        p95_ms=p95,
        limit_ms=limit,
        verdict=Verdict.INCONCLUSIVE,
        reason="too near to it for this number of repeats",
    )


def _ends(differences: np.ndarray) -> tuple[float, float]:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(differences, [tail, 1 - tail])
    return float(low), float(high)


def _milliseconds(value: float) -> Decimal:
    return Decimal(str(round(value, 3)))
