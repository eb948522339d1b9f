"""What became of synthetic transactions, and how long they took."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = [
    "ROUNDS",
    "TRANSACTIONS",
    "LatencyTolerance",
    "Outcome",
    "Touch",
    "repeats_of",
]


class Outcome(StrEnum):
    """What became of one step."""

    MET = "met"
    UNMET = "unmet"
    ERROR = "error"
    TIMED_OUT = "timed out"


class Touch(StrEnum):
    """Whether a repeat goes to rows for the first time, or to those of the repeat before."""

    FIRST = "first"
    WARM = "warm"


TRANSACTIONS = pa.DataFrameSchema(
    {
        "Transaction": column(str),
        "Repeat": column(int),
        "Touch": column(str),
        "Step": column(int),
        "Milliseconds": column(float),
        "Outcome": column(str),
        "Detail": column(str),
        "ReadOnly": column(bool),
        "LimitMilliseconds": column(float, nullable=True),
    },
    unique=["Transaction", "Repeat", "Step"],
)
"""One row a step that was run, in the order of running; steps and repeats count from 1. A
transaction ends at its first step that is not met and is not repeated then. One that writes has
a last step of ours, which checks its deferred constraints. Detail says what was not met, without
a value of any row. LimitMilliseconds is what its 95th percentile may be; null where none was
given."""

ROUNDS = pa.DataFrameSchema(
    {
        "Round": column(int),
        "Seconds": column(float),
        "Transaction": column(str),
        "P95Milliseconds": column(float, nullable=True),
        "WithinMilliseconds": column(float),
        "Detail": column(str),
    },
    unique=["Round", "Transaction"],
)
"""One row a round and transaction. Seconds is when the round ended, from the beginning of the
first; P95Milliseconds is null, and Detail says why, where a step was not met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyTolerance:
    """How much slower than its baseline a percentile may be.

    Args:
        share: of the baseline's, 1.0 for twice as long.
        milliseconds: beside that, since a longer way to the server adds to all alike.
    """

    share: float = 1.0
    milliseconds: float = 5.0

    def limit(self, baseline_ms: float) -> float:
        """Return the most that is still within the baseline, in milliseconds."""
        return baseline_ms * (1 + self.share) + self.milliseconds


def repeats_of(ran: pd.DataFrame, touch: Touch | None = None) -> dict[str, list[float]]:
    """Return the milliseconds of every transaction's repeats, its steps added up.

    Args:
        ran: columns of `TRANSACTIONS`.
        touch: only those; None for all.

    Returns:
        Transaction to the milliseconds of its repeats, in their order; without those that had a
        step that was not met.
    """
    failed = set(ran[ran["Outcome"] != Outcome.MET.value]["Transaction"])
    whole = ran[~ran["Transaction"].isin(failed)]
    chosen = whole if touch is None else whole[whole["Touch"] == touch.value]
    sums = chosen.groupby(["Transaction", "Repeat"], sort=True)["Milliseconds"].sum()
    return {
        str(name): found.tolist() for name, found in sums.groupby(level="Transaction", sort=False)
    }
