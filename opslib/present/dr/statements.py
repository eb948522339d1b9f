"""The SQL of checks, folded away below each, and how long they took."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.statements import statements_of
from opslib.present.html import Html, code, folded, text
from opslib.tables.statements import SESSION
from opslib.wording import count, join, printable

__all__ = ["duration", "fold_session", "fold_statements"]

WHERE = "tables/statements.csv"
MOST_FOLDS = 100
"""Rows that have a fold: as many as anybody unfolds."""
MOST_CHARACTERS = 20_000
"""Of the statements below one row."""
MOST_NAMED = 6
OF_NUMBERS = {"content", "physical", "sequences"}
"""Checks whose statements take OIDs or buckets, which tell a reader nothing."""
LONGEST = 6_000
"""Characters of a statement: a table of some 150 columns."""


def duration(checks: Sequence[CheckResult]) -> str:
    """Write how long checks took together; a dash where none was measured by itself."""
    known = [check.seconds for check in checks if check.seconds is not None]
    return _seconds(sum(known)) if known else "—"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def fold_statements(
    lines: Sequence[Sequence[CheckResult]], statements: pd.DataFrame | None
) -> list[Html | None]:
    """Return, for each line of checks, the statements that these rest on; None for none.

    Equal statements of several subjects are shown once, the subjects named beside.

    Args:
        lines: the checks of each line.
        statements: columns of `opslib.tables.statements.STATEMENTS`; None where none was kept.
    """
    if statements is None:
        return [None] * len(lines)
    folds = [_fold(checks, statements) for checks in lines[:MOST_FOLDS]]
    return [*folds, *[None] * (len(lines) - len(folds))]


def fold_session(statements: pd.DataFrame | None) -> Html:
    """Return the settings under which every statement ran; nothing where none was kept."""
    if statements is None:
        return Html("", "")
    found = statements[statements["Check"] == SESSION]
    summary = "SQL of every transaction: the settings under which the statements above ran"
    return folded(summary, *_shown(found)) if len(found) else Html("", "")


def _fold(checks: Sequence[CheckResult], statements: pd.DataFrame) -> Html | None:
    found = statements_of(checks, statements)
    if found.empty:
        return None
    # What is of the subjects alone tells more than what finds them.
    shared = found["Subject"] == ""
    ordered = pd.concat([found[~shared], found[shared]])
    return folded(f"SQL: {count(len(found), 'statement')}", *_shown(ordered))


def _shown(statements: pd.DataFrame) -> Iterator[Html]:
    groups = [(str(s), rows) for s, rows in statements.groupby("Statement", sort=False)]
    left = MOST_CHARACTERS
    for place, (statement, rows) in enumerate(groups):
        shown = _short(statement)
        left -= len(shown)
        if left < 0:
            yield _line(f"{count(len(groups) - place, 'more statement')} in {WHERE}.")
            return
        yield _line(_head(rows))
        yield code(shown)


def _line(said: str) -> Html:
    return Html(f"<p>{text(said)}</p>", said)


def _head(rows: pd.DataFrame) -> str:
    """Return whose statement it is, what it was given, and how long it took."""
    subjects = [printable(subject) for subject in rows["Subject"].unique() if subject]
    named = subjects[:MOST_NAMED]
    if len(subjects) > MOST_NAMED:
        named.append(count(len(subjects) - MOST_NAMED, "other"))
    told = [join(named) or "shared by all", _given(rows), _seconds(rows["Seconds"].sum())]
    return "; ".join(part for part in told if part)


def _given(rows: pd.DataFrame) -> str:
    """Return the parameters of a statement, where it was sent with one set of them."""
    found = rows["Parameters"].unique()
    if not found[0]:
        return ""
    if len(found) > 1 or set(rows["Check"]) & OF_NUMBERS:
        return f"its parameters in {WHERE}"
    values = [repr(value) if value is not None else "null" for value in json.loads(found[0])]
    return printable(", ".join(f"${place} = {value}" for place, value in enumerate(values, 1)))


def _short(statement: str) -> str:
    if len(statement) <= LONGEST:
        return statement
    return f"{statement[:LONGEST]}\n... the rest in {WHERE}"
