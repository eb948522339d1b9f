"""Synthetic transactions within a run: recorded, so that a replay runs none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.aws.text_files import record_text_file
from opslib.coverage import CoverageStatus
from opslib.databases.latency_rounds import run_until_within
from opslib.databases.postgres import Database
from opslib.databases.read_set import read_set
from opslib.databases.statements import Statements
from opslib.databases.transactions import run_transactions
from opslib.parameters.synthetic import Transaction, load_transactions, parse_transactions
from opslib.tables.transactions import ROUNDS, TRANSACTIONS, LatencyTolerance

__all__ = [
    "choose_transactions",
    "record_baseline_latencies",
    "record_rounds",
    "record_transaction_file",
    "record_transactions",
]

Opener = Callable[[], Database]


def record_transaction_file(reads: Reads, path: str) -> tuple[Transaction, ...]:
    """Return the transactions of a file within a run; none where ``path`` is empty.

    Raises:
        ParameterError: as `opslib.parameters.synthetic.load_transactions`.
    """
    if not path:
        return ()
    text = record_text_file(reads, "transaction file", path, load_transactions)
    return parse_transactions(text, path)


def record_baseline_latencies(
    reads: Reads, read: Callable[[], pd.DataFrame | None]
) -> pd.DataFrame | None:
    """Return how long the source took, within a run; None where that was not captured.

    Args:
        reads: the run's context.
        read: reads it, as `opslib.aws.baselines.fetch_baseline_latencies` does.
    """
    request = ReadRequest(
        table="baseline latencies", asked="how long the source took", schema=TRANSACTIONS
    )

    def fetch() -> Fetched:
        found = read()
        if found is None:
            return Fetched(
                frame=pd.DataFrame(columns=list(TRANSACTIONS.columns)),
                status=CoverageStatus.NOT_FOUND,
                detail="the baseline was captured without them",
            )
        return Fetched(frame=found)

    found = reads.read(request, fetch)
    return None if found.status.is_gap else found.frame


def record_transactions(
    reads: Reads,
    label: str,
    database: Opener,
    transactions: Sequence[Transaction],
    baseline: pd.DataFrame | None,
    statements: Statements | None = None,
) -> pd.DataFrame | None:
    """Run transactions and the read set within a run, and roll all of them back.

    Args:
        reads: the run's context.
        label: what coverage and evidence call the database.
        database: opens it; a restored one.
        transactions: of the user's file.
        baseline: how long the source took, whose tables the read set then takes; None if unknown.
        statements: takes what is, or was recorded to be, sent.

    Returns:
        Columns of `TRANSACTIONS`; None where it was refused.
    """
    request = ReadRequest(
        table=f"transactions on {label}",
        asked="transactions and reads, each taken back",
        schema=TRANSACTIONS,
        arguments={"database": label},
    )

    def fetch() -> Fetched:
        opened, asked = database(), Statements()
        chosen = choose_transactions(opened, transactions, baseline, asked)
        frame = run_transactions(opened, chosen, statements=asked)
        return Fetched(frame=frame, notes={"statements": asked.rows()})

    found = reads.read(request, fetch)
    if statements is not None:
        statements.extend(found.notes.get("statements", ()))
    return None if found.status.is_gap else found.frame


def record_rounds(
    reads: Reads,
    label: str,
    database: Opener,
    transactions: Sequence[Transaction],
    baseline: pd.DataFrame,
    deadline_seconds: float,
    tolerance: LatencyTolerance,
) -> pd.DataFrame | None:
    """Run `run_until_within` within a run; columns of `ROUNDS`, None where it was refused."""
    request = ReadRequest(
        table=f"rounds on {label}",
        asked=f"rounds of transactions for up to {deadline_seconds:g} s",
        schema=ROUNDS,
        arguments={"database": label, "deadline_seconds": deadline_seconds},
    )

    def fetch() -> Fetched:
        opened = database()
        chosen = choose_transactions(opened, transactions, baseline)
        frame = run_until_within(opened, chosen, baseline, deadline_seconds, tolerance)
        return Fetched(frame=frame)

    found = reads.read(request, fetch)
    return None if found.status.is_gap else found.frame


def choose_transactions(
    database: Database,
    transactions: Sequence[Transaction],
    baseline: pd.DataFrame | None = None,
    statements: Statements | None = None,
) -> tuple[Transaction, ...]:
    """Return the transactions and the read set, without reads that bear a transaction's name.

    Args:
        database: whose tables the read set is of.
        transactions: of the user's file.
        baseline: whose tables the read set takes where it is known, however large they are here.
        statements: takes what is asked.
    """
    named = {transaction.name for transaction in transactions}
    known = set() if baseline is None else set(baseline["Transaction"])
    found = read_set(database, names=known - named, statements=statements)
    reads = [one for one in found if one.name not in named]
    return (*transactions, *reads)
