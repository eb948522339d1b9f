"""Amounts that come now and then where nothing is usual: one more of them is no surprise.

A batch that runs twice a month is rare on every day, and yet to be expected: what tells it from a
surprise is not that it comes but how large it is. Its chance on a day is that of an occasion times
that of one as large among those seen. Of few occasions little is known, so the sizes are those of
the predictive distribution of an exponential one: of k occasions with mean m, the next is beyond x
with chance (1 + x / (k m)) ** -k.

Assumption: occasions come by chance, and are of a size that the past ones tell something about.
Failure mode: a second surprise of the first one's size, where nothing is charged otherwise, is not
told; the first is.
Source: intermittent demand as occasions and sizes, Croston, Operational Research Quarterly 23
(1972); predictive exponential: Aitchison and Dunsmore, "Statistical Prediction Analysis" (1975).
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.anomaly.views import Floats

__all__ = ["chance_of_occasion"]

NOTHING = 0.05
"""Part of the amount that matters up to which a day counts as one without any."""
RARE = 0.25
"""Most days with an amount of a series in which nothing is usual."""


def chance_of_occasion(past: Floats, amount: float) -> float:
    """Return the chance that a day without any the day before has ``amount`` or more.

    Args:
        past: amounts of the days before in order, in units of what matters; NaN where not known.
        amount: of the day, in the same unit.

    Returns:
        0 where the past has no occasion, or days with an amount are no exception in it, or the
        day before has one.
    """
    known = int(np.count_nonzero(~np.isnan(past)))
    charged = past > NOTHING
    days = int(np.count_nonzero(charged))
    if not days or days > RARE * known or charged[-1]:
        return 0.0
    occasions = int(np.count_nonzero(charged & ~np.append(False, charged[:-1])))
    mean = float(past[charged].mean())
    larger = (1.0 + max(amount, 0.0) / (occasions * mean)) ** -occasions
    return (occasions + 1) / (known + 1) * float(larger)
