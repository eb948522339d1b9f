"""The statements that checks rest on, and the time that each check took.

Method: a check rests on the statements of its own subject and on those that all subjects of it
share. A statement's time is counted once, at the first check that rests on it, so that the times
of checks add up to those of their statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult

__all__ = ["statements_of", "time_checks"]


def statements_of(checks: Sequence[CheckResult], statements: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `opslib.tables.statements.STATEMENTS` that some checks rest on."""
    of_check = statements[statements["Check"].isin({one.check for one in checks})]
    wanted = {
        (one.check, subject) for one in checks for subject in ("", one.subject, *one.rests_on)
    }
    places = zip(of_check["Check"], of_check["Subject"], strict=True)
    kept = pd.Series([place in wanted for place in places], index=of_check.index, dtype=bool)
    return of_check[kept]


def time_checks(
    checks: Sequence[CheckResult], statements: pd.DataFrame | None
) -> tuple[CheckResult, ...]:
    """Return checks with the time of their statements; those without a statement stay as they are.

    Args:
        checks: in the order in which they are told.
        statements: columns of `opslib.tables.statements.STATEMENTS`; None where none was kept.
    """
    if statements is None:
        return tuple(checks)
    known: dict[tuple[str, str], float] = {}
    for check, subject, seconds in statements[["Check", "Subject", "Seconds"]].itertuples(
        index=False
    ):
        known[check, subject] = known.get((check, subject), 0.0) + seconds
    counted: set[tuple[str, str]] = set()
    timed = []
    for one in checks:
        places = {(one.check, subject) for subject in ("", one.subject, *one.rests_on)}
        places &= known.keys()
        own = places - counted
        counted |= own
        seconds = sum(known[place] for place in sorted(own)) if own else None
        timed.append(replace(one, seconds=seconds) if places else one)
    return tuple(timed)
