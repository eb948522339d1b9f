"""By how much the clocks of two sources differ.

Method: acts that both recorded. Each gives an interval of the difference, since either time is
known to its resolution only; the median of the intervals' middles is the estimate, and the spread
of the acts its interval. Under `LEAST` acts nothing is said.
Assumption: both record the same moment of an act. Sources that record its beginning and its end
differ by how long it took, which this cannot tell from a clock.
Source: Cristian, "Probabilistic clock synchronization", Distributed Computing 3 (1989), for
bounding an offset by intervals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from statistics import median, quantiles

import pandas as pd

from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS
from opslib.wording import join, printable

__all__ = ["ClockSkew", "describe_skews", "estimate_skew"]

LEAST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkew:
    """How far one source's times lie after another's.

    Args:
        source, against: which two.
        seconds: median of (source - against).
        low, high: first and third quartile over the acts, widened by the resolutions.
        acts: how many both recorded.
    """

    source: str
    against: str
    seconds: float
    low: float
    high: float
    acts: int

    @property
    def is_certain(self) -> bool:
        """Say whether the clocks differ beyond what resolutions explain."""
        return self.low > 0 or self.high < 0


def estimate_skew(tables: Iterable[pd.DataFrame]) -> tuple[ClockSkew, ...]:
    """Return the skew of every two sources that recorded enough common acts, by names.

    Args:
        tables: columns of `EVENTS`.
    """
    acts: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for table in tables:
        told = check_table(table, EVENTS, "events")
        for row in told[told["ActId"] != ""].to_dict("records"):
            time = (row["At"].timestamp(), row["ResolutionSeconds"])
            known = acts[row["ActId"]]
            known[row["Source"]] = min(known.get(row["Source"], time), time)
    differences: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for known in acts.values():
        for one, other in combinations(sorted(known), 2):
            first, second = known[one], known[other]
            differences[one, other].append((first[0] - second[0], max(first[1], second[1])))
    return tuple(
        _skew(pair, found) for pair, found in sorted(differences.items()) if len(found) >= LEAST
    )


def _skew(pair: tuple[str, str], found: list[tuple[float, float]]) -> ClockSkew:
    seconds = sorted(difference for difference, _ in found)
    resolution = max(resolution for _, resolution in found)
    return ClockSkew(
        source=pair[0],
        against=pair[1],
        seconds=median(seconds),
        low=quantiles(seconds)[0] - resolution,
        high=quantiles(seconds)[2] + resolution,
        acts=len(found),
    )


def describe_skews(skews: Iterable[ClockSkew]) -> str:
    """Return which clocks differ beyond what resolutions explain, in words; times are kept."""
    told = [
        f"{printable(one.source)} is {abs(one.seconds):.0f} s "
        f"{'behind' if one.seconds < 0 else 'ahead of'} {printable(one.against)}"
        for one in skews
        if one.is_certain
    ]
    if not told:
        return "No two clocks are known to differ."
    return f"Clocks differ, or what they record of an act: {join(told)}; times are as recorded."
