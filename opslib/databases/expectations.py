"""Whether the result of a statement is what was expected of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import psycopg
from psycopg.pq import DiagnosticField
from psycopg.pq.abc import PGresult

from opslib.parameters.synthetic import Expectation, RowRange
from opslib.tables.transactions import Outcome

__all__ = ["judge_error", "judge_result", "sqlstate_of"]

TIMED_OUT = {"57014", "55P03", "25P03", "57P05"}
"""Cancelled by statement_timeout; lock, idle transaction and idle session time-outs."""
NAMES_ONLY = "42"
"""The class of errors whose message speaks of the statement and never of a row's values."""
BASE_TYPES = """
    WITH RECURSIVE base(oid, place) AS (
        SELECT coalesce(to_regtype(name)::oid, 0), place
        FROM unnest(%s::text[]) WITH ORDINALITY AS asked(name, place)
        UNION ALL SELECT t.typbasetype, place FROM base JOIN pg_type t USING (oid)
        WHERE t.typtype = 'd')
    SELECT oid FROM base WHERE NOT EXISTS (
        SELECT FROM pg_type t WHERE t.oid = base.oid AND t.typtype = 'd') ORDER BY place"""
"""A domain's values are described as those of what lies below it."""
MATCH = tuple[Outcome, str]


def sqlstate_of(result: PGresult) -> str:
    """Return the SQLSTATE of a refused statement; '' where it was not refused."""
    return (result.error_field(DiagnosticField.SQLSTATE) or b"").decode()


def judge_error(result: PGresult, expected: str) -> MATCH:
    """Judge a statement that was refused; the detail shows no value of any row.

    Args:
        result: of a statement with a SQLSTATE.
        expected: the one that it should have; '' for none.
    """
    found = sqlstate_of(result)
    if found == expected:
        return Outcome.MET, ""
    outcome = Outcome.TIMED_OUT if found in TIMED_OUT else Outcome.ERROR
    wanted = f", expected {expected}" if expected else ""
    return outcome, f"{_named(result, found)}{wanted}"


def _named(result: PGresult, found: str) -> str:
    try:
        said = psycopg.errors.lookup(found).__name__
    except KeyError:
        said = "error"
    if found.startswith(NAMES_ONLY):
        text = (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b"").decode(errors="replace")
        return f"{found} {said}: {text}"
    fields = (DiagnosticField.TABLE_NAME, DiagnosticField.CONSTRAINT_NAME)
    places = [(result.error_field(field) or b"").decode(errors="replace") for field in fields]
    return " ".join([found, said, *(f"of {place}" for place in places if place)])


def judge_result(
    connection: psycopg.Connection[Any], result: PGresult, expected: Expectation, *, types: bool
) -> MATCH:
    """Judge a statement that was not refused.

    Args:
        connection: that made it; asked for the names of types.
        result: what came back.
        expected: what should have.
        types: compare the columns' types too.
    """
    if expected.error:
        return Outcome.UNMET, f"no error, expected {expected.error}"
    reasons = [_rows(result, expected.rows), _value(result, expected)]
    if types and expected.columns:
        reasons.append(_columns(connection, result, expected.columns))
    said = "; ".join(filter(None, reasons))
    return (Outcome.UNMET, said) if said else (Outcome.MET, "")


def _rows(result: PGresult, expected: RowRange | None) -> str:
    if expected is None:
        return ""
    found = result.ntuples if result.nfields else result.command_tuples or 0
    if found >= expected.min and (expected.max is None or found <= expected.max):
        return ""
    if expected.min == expected.max:
        return f"{found} rows, expected {expected.min}"
    most = "" if expected.max is None else f" and at most {expected.max}"
    return f"{found} rows, expected at least {expected.min}{most}"


def _value(result: PGresult, expected: Expectation) -> str:
    if not expected.has_value:
        return ""
    if not result.ntuples or not result.nfields:
        return "no value, where one is expected"
    found = result.get_value(0, 0)
    text = None if found is None else found.decode(errors="replace")
    return "" if _is_same(text, expected.value) else "the value is not the expected one"


def _is_same(found: str | None, expected: Any) -> bool:
    """Compare PostgreSQL's text of a value with the file's, by the file's type."""
    if found is None or expected is None:
        return found is None and expected is None
    if isinstance(expected, bool):
        return found == ("t" if expected else "f")
    if isinstance(expected, str):
        return found == expected
    try:
        if isinstance(expected, int | float):
            return Decimal(found) == Decimal(str(expected))
        return _moment(datetime.fromisoformat(found)) == _moment(expected)
    except (InvalidOperation, ValueError):
        return False


def _moment(value: date) -> str:
    """Return a moment as text of UTC; a day is its midnight, as YAML reads both alike."""
    if not isinstance(value, datetime):
        return f"{value.isoformat()}T00:00:00"
    aware = value.utcoffset()
    return (value.replace(tzinfo=None) - aware if aware else value.replace(tzinfo=None)).isoformat()


def _columns(
    connection: psycopg.Connection[Any], result: PGresult, expected: tuple[str, ...]
) -> str:
    found = [result.ftype(place) for place in range(result.nfields)]
    rows = connection.execute(BASE_TYPES, [list(expected)]).fetchall()
    if found == [oid for (oid,) in rows]:
        return ""
    names = connection.execute(
        "SELECT format_type(oid, NULL) FROM unnest(%s::oid[]) WITH ORDINALITY AS had(oid, place) "
        "ORDER BY place",
        [found],
    ).fetchall()
    had = ", ".join(name for (name,) in names) or "none"
    return f"columns of {had}, expected {', '.join(expected)}"
