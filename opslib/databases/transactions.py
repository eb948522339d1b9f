"""Running synthetic transactions: each is timed, judged and rolled back.

A step is one statement of the extended protocol, so that no second one hides behind a semicolon;
after each the transaction must still be ours. Its time is that of the statement alone, as this
client sees it: beginning, rolling back and our own questions are not in it, nor is what a commit
would have waited for.

Source: PostgreSQL documentation, "libpq: Command Execution Functions" and "Sequence Manipulation
Functions" (nextval is not undone by a rollback).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from opslib.databases.expectations import judge_error, judge_result, sqlstate_of
from opslib.databases.postgres import Database, connect, set_session
from opslib.databases.statements import Statements
from opslib.errors import ReadError
from opslib.parameters.synthetic import ROUND, Step, Transaction
from opslib.tables.schema import check_table
from opslib.tables.statements import SESSION
from opslib.tables.transactions import TRANSACTIONS, Outcome, Touch

__all__ = ["capture_latencies", "run_transactions"]

OURS = "opslib.transaction"
DEFERRED = "SET CONSTRAINTS ALL IMMEDIATE"
DONE = {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One repeat of a transaction, on its connection."""

    connection: psycopg.Connection[Any]
    database: Database
    transaction: Transaction
    repeat: int
    statements: Statements

    @property
    def place(self) -> str:
        return f"{self.database.place}, transaction {self.transaction.name!r}"

    def row(self, step: int, milliseconds: float, outcome: Outcome, detail: str) -> tuple[Any, ...]:
        asked = self.transaction
        again = not self.repeat % 2 if asked.moves else self.repeat > 1
        touch = Touch.WARM if again else Touch.FIRST
        facts = (milliseconds, outcome.value, detail, asked.read_only, asked.max_p95_ms)
        return (asked.name, self.repeat, touch.value, step, *facts)


def run_transactions(
    database: Database,
    transactions: Sequence[Transaction],
    *,
    first_repeat: int = 1,
    statements: Statements | None = None,
) -> pd.DataFrame:
    """Run transactions in turn, repeat by repeat, and roll every one of them back.

    Args:
        database: a restored one, unless all are read-only.
        transactions: what to run; a read-only one runs in a read-only transaction.
        first_repeat: number of the first, for going on where another call ended.
        statements: takes what is sent.

    Returns:
        Columns of `TRANSACTIONS`, in the order of running.

    Raises:
        ReadError: it cannot be reached, or a step ended its transaction.
    """
    rows: list[tuple[Any, ...]] = []
    failed: set[str] = set()
    asked = statements or Statements()
    with connect(database) as connection:
        connection.rollback()
        for repeat, transaction in _schedule(transactions, first_repeat):
            if transaction.name in failed:
                continue
            run = _Run(
                connection=connection,
                database=database,
                transaction=transaction,
                repeat=repeat,
                statements=asked,
            )
            rows += _run_once(run)
            if rows[-1][5] != Outcome.MET.value:
                failed.add(transaction.name)
    frame = pd.DataFrame(rows, columns=list(TRANSACTIONS.columns))
    return check_table(frame.astype({"LimitMilliseconds": float}), TRANSACTIONS, "transactions")


def capture_latencies(database: Database, transactions: Sequence[Transaction]) -> pd.DataFrame:
    """Run the read-only ones of ``transactions`` on a source; columns of `TRANSACTIONS`."""
    return run_transactions(database, [one for one in transactions if one.read_only])


def _schedule(transactions: Sequence[Transaction], first: int) -> Iterator[tuple[int, Transaction]]:
    most = max((transaction.repeat for transaction in transactions), default=0)
    for number in range(most):
        for transaction in transactions:
            if number < transaction.repeat:
                yield first + number, transaction


def _run_once(run: _Run) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    _begin(run)
    try:
        for number, step in enumerate(run.transaction.steps, 1):
            rows.append(run.row(number, *_run_step(run, number, step)))
            if rows[-1][5] != Outcome.MET.value:
                return rows
        if not run.transaction.read_only:
            rows.append(run.row(len(rows) + 1, *_check_deferred(run)))
        _still_ours(run)
    finally:
        if not run.connection.closed:
            run.connection.rollback()
    return rows


def _begin(run: _Run) -> None:
    limit = min(run.database.limits.statement_seconds, run.transaction.timeout_seconds)
    run.connection.read_only = run.transaction.read_only
    set_session(run.connection, limit, run.statements)
    # A first question fixes the snapshot: from then on no step can make the transaction writable.
    given = [OURS, _mark(run), ROUND, str((run.repeat + 1) // 2)]
    query = "SELECT set_config($1, $2, true), set_config($3, $4, true)"
    # That of the first repeat stands for those of the others.
    asked = run.statements if run.repeat == 1 else Statements()
    asked.execute(run.connection, query, SESSION, run.transaction.name, given)


def _mark(run: _Run) -> str:
    return f"{run.repeat} {run.transaction.name}"


def _run_step(run: _Run, number: int, step: Step) -> tuple[float, Outcome, str]:
    expected = step.expect
    may_fail = expected is not None and bool(expected.error)
    if may_fail:
        run.connection.execute("SAVEPOINT opslib_step")
    result, milliseconds = _execute(run, step.sql, step.parameters)
    _still_open(run, number)
    if result.status not in DONE:
        outcome, detail = judge_error(result, expected.error if expected else "")
        if may_fail and outcome is Outcome.MET:
            run.connection.execute("ROLLBACK TO SAVEPOINT opslib_step")
        return milliseconds, outcome, detail
    if expected is None:
        return milliseconds, Outcome.MET, ""
    types = run.repeat == 1
    return milliseconds, *judge_result(run.connection, result, expected, types=types)


def _check_deferred(run: _Run) -> tuple[float, Outcome, str]:
    """Have the deferred constraints checked, as a commit would."""
    result, milliseconds = _execute(run, DEFERRED, ())
    if result.status in DONE:
        return milliseconds, Outcome.MET, ""
    outcome, detail = judge_error(result, "")
    return milliseconds, outcome, f"at its end: {detail}"


def _execute(run: _Run, statement: str, parameters: Sequence[Any]) -> tuple[PGresult, float]:
    texts, encoding = [_text(value) for value in parameters], run.connection.info.encoding
    given = [None if text is None else text.encode(encoding) for text in texts]
    sent = statement.encode(encoding)
    began = time.perf_counter()
    result = run.connection.pgconn.exec_params(sent, given)
    seconds = time.perf_counter() - began
    run.statements.add("transaction", run.transaction.name, statement, seconds, texts)
    if result.status not in DONE and not sqlstate_of(result):
        said = result.error_message.decode(errors="replace") or "an unexpected answer"
        raise psycopg.OperationalError(said)
    return result, seconds * 1000


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _still_open(run: _Run, number: int) -> None:
    inside = {TransactionStatus.INTRANS, TransactionStatus.INERROR}
    if run.connection.info.transaction_status not in inside:
        raise _ended(f"{run.place}, step {number}")


def _still_ours(run: _Run) -> None:
    """See that no step ended the transaction and began another, whose settings would be gone."""
    if run.connection.info.transaction_status is not TransactionStatus.INTRANS:
        return
    found = run.connection.execute("SELECT current_setting(%s, true)", [OURS]).fetchone()
    if found is None or found[0] != _mark(run):
        raise _ended(run.place)


def _ended(place: str) -> ReadError:
    return ReadError(
        "a step ended its transaction: what it did may have stayed",
        where=place,
        remedy="Do not use this copy further, and take the step out.",
    )
