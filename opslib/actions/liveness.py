"""How fresh a restored copy is and how it serves, asked of both sides and recorded.

Rounds come first, when the copy has just come up and before anything else reads it; the
transactions that are judged come last, since ``nextval`` is not rolled back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from opslib.analysis.dr.drill import Liveness
from opslib.aws.baselines import fetch_baseline_latencies
from opslib.aws.reads import Reads
from opslib.databases.heartbeat import record_heartbeat
from opslib.databases.opened import Opener
from opslib.databases.recorded_transactions import (
    record_baseline_latencies,
    record_rounds,
    record_transactions,
)
from opslib.databases.statements import Statements
from opslib.parameters.column_name import parse_column
from opslib.parameters.dr import DrParameters
from opslib.parameters.synthetic import Transaction
from opslib.progress import tell
from opslib.tables.transactions import LatencyTolerance

__all__ = ["WarmUp", "ask_liveness", "warm_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """How long the copy took to be as fast as its source.

    Args:
        baseline: latencies of the source; None where they are not known.
        rounds: columns of `opslib.tables.transactions.ROUNDS`; None where none was run.
    """

    baseline: pd.DataFrame | None
    rounds: pd.DataFrame | None


def warm_up(
    reads: Reads, parameters: DrParameters, copy: Opener, transactions: Sequence[Transaction]
) -> WarmUp:
    """Run rounds of transactions on a copy until it is as fast as its source.

    Args:
        reads: the run's context.
        parameters: how long it is given, and what is as fast.
        copy: opens the restored database.
        transactions: of the user's file.
    """
    baseline = record_baseline_latencies(
        reads, lambda: fetch_baseline_latencies(reads, parameters.account, parameters.baseline)
    )
    if baseline is None:
        return WarmUp(baseline=None, rounds=None)
    tell("running transactions until it is as fast as its source")
    tolerance = tolerance_of(parameters)
    rounds = record_rounds(
        reads, "restored", copy, transactions, baseline, parameters.warm_up_seconds, tolerance
    )
    return WarmUp(baseline=baseline, rounds=rounds)


def tolerance_of(parameters: DrParameters) -> LatencyTolerance:
    """Return how much slower than its source a copy may be."""
    return LatencyTolerance(share=parameters.latency_share, milliseconds=parameters.latency_ms)


def ask_liveness(
    reads: Reads,
    parameters: DrParameters,
    copy: Opener,
    source: Opener,
    transactions: Sequence[Transaction],
    recovered_to: datetime | None,
    warm: WarmUp,
    statements: Statements,
) -> Liveness:
    """Read the heartbeats of both sides, and run the transactions on the copy.

    Args:
        reads: the run's context.
        parameters: which column tells the time.
        copy: opens the restored database.
        source: opens the source.
        transactions: of the user's file.
        recovered_to: the moment that was recovered to; None where it is not known.
        warm: what was measured first.
        statements: takes what the copy is asked.
    """
    column, zone = parse_column(parameters.heartbeat_column), parameters.heartbeat_zone
    before = None
    if recovered_to is not None:
        before = record_heartbeat(reads, "source", source, column, zone=zone, until=recovered_to)
    return Liveness(
        heartbeat=record_heartbeat(
            reads, "restored", copy, column, zone=zone, statements=statements
        ),
        source_heartbeat=before,
        baseline_latencies=warm.baseline,
        rounds=warm.rounds,
        ran=record_transactions(reads, "restored", copy, transactions, warm.baseline, statements),
    )
