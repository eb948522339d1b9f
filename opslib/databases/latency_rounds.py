"""How long a restored database takes until it answers as fast as its source did.

A restored volume loads its blocks when they are first touched. A round runs every transaction
several times, those that move to other rows going on where the last round ended, until the 95th
percentile of each is within its baseline.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from opslib.databases.postgres import Database
from opslib.databases.transactions import run_transactions
from opslib.parameters.synthetic import Transaction
from opslib.quantile import harrell_davis
from opslib.tables.schema import check_table
from opslib.tables.transactions import ROUNDS, LatencyTolerance, Outcome, repeats_of

__all__ = ["run_until_within"]

P95 = 0.95
REPEATS = 10
PAUSE_SECONDS = 0.5
PAUSE_SHARE = 0.02
"""Of the time so far: what is told is right to some per cent, and hours leave few rows."""


def run_until_within(
    database: Database,
    transactions: Sequence[Transaction],
    baseline: pd.DataFrame,
    deadline_seconds: float,
    tolerance: LatencyTolerance | None = None,
) -> pd.DataFrame:
    """Run rounds until one is within the baseline, or the deadline has passed.

    Begin it when the database has just come up, before anything else reads it. All repeats count,
    first touch and warm, of the baseline too. A percentile of ten repeats is a rough one; the
    judgement that it is good for rests on `opslib.analysis.dr.transactions.judge_transactions`.

    Args:
        database: the restored one.
        transactions: what to run; those without a baseline are left out.
        baseline: columns of `TRANSACTIONS`, from `capture_latencies`.
        deadline_seconds: after which no further round begins.
        tolerance: what is within; twice as long and 5 ms by default.

    Returns:
        Columns of `ROUNDS`, the last round being the first one within, if there was one; empty
        where no transaction has a baseline.

    Raises:
        ReadError: it cannot be reached, or a step ended its transaction.
    """
    allowed = tolerance or LatencyTolerance()
    limits = {
        name: allowed.limit(harrell_davis(sample, P95))
        for name, sample in repeats_of(baseline).items()
    }
    compared = [
        transaction.model_copy(update={"repeat": REPEATS})
        for transaction in transactions
        if transaction.name in limits
    ]
    rows = list(_rounds(database, compared, limits, deadline_seconds)) if compared else []
    frame = pd.DataFrame(rows, columns=list(ROUNDS.columns)).astype({"P95Milliseconds": float})
    return check_table(frame, ROUNDS, "rounds")


def _rounds(
    database: Database,
    transactions: Sequence[Transaction],
    limits: Mapping[str, float],
    deadline_seconds: float,
) -> Iterator[tuple[Any, ...]]:
    began, number = time.monotonic(), 0
    while True:
        ran = run_transactions(database, transactions, first_repeat=number * REPEATS + 1)
        number, seconds = number + 1, time.monotonic() - began
        found = list(_judge(ran, transactions))
        for name, p95, detail in found:
            yield number, seconds, name, p95, limits[name], detail
        if all(p95 is not None and p95 <= limits[name] for name, p95, _ in found):
            return
        pause = max(PAUSE_SECONDS, seconds * PAUSE_SHARE)
        if seconds + pause > deadline_seconds:
            return
        time.sleep(pause)


def _judge(
    ran: pd.DataFrame, transactions: Sequence[Transaction]
) -> Iterator[tuple[str, float | None, str]]:
    samples = repeats_of(ran)
    failed = ran[ran["Outcome"] != Outcome.MET.value].set_index("Transaction")["Detail"]
    for transaction in transactions:
        name = transaction.name
        p95 = harrell_davis(samples[name], P95) if name in samples else None
        yield name, p95, str(failed.get(name, "")) if p95 is None else ""
