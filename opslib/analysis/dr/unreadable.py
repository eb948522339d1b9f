"""What to make of things that the restored server could not read.

Method: what cannot be read was not compared, so the check that needed it is inconclusive. Where
the server says that a page, a file or an index is damaged, the physical check fails too, once for
each thing it said.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.findings import Verdict
from opslib.tables.database_state import TableName
from opslib.wording import count

__all__ = ["check_unreadable"]

CHECKS = {"amcheck": "physical"}
"""The check that a part belongs to, where it has another name."""
WHAT = {
    "content": "Table {} could not be compared",
    "references": "Foreign key {} could not be followed",
    "sequences": "Sequence {} could not be read",
    "amcheck": "{} was not checked by amcheck",
}
WHY = {
    "cancelled": "it took too long",
    "damaged": "it is damaged",
    "value": "a value cannot be told",
    "refused": "it is refused",
}


def check_unreadable(unreadable: pd.DataFrame | None, expected: pd.DataFrame) -> list[CheckResult]:
    """Say what was not compared, and what is damaged.

    Args:
        unreadable: columns of `opslib.tables.databases.UNREADABLE`, of the restored database.
        expected: columns of `opslib.tables.databases.TABLE_FACTS`, of the baseline.
    """
    if unreadable is None or unreadable.empty:
        return []
    return [*_not_compared(unreadable, expected), *_damages(unreadable)]


def _not_compared(unreadable: pd.DataFrame, expected: pd.DataFrame) -> Iterator[CheckResult]:
    rows = _rows(expected)
    for part, schema, name, cause, said in unreadable.itertuples(index=False):
        subject = f"{schema}.{name}" if name else ""
        told = WHAT[part].format(subject or "The database")
        wanted = rows.get((schema, name)) if part == "content" else None
        lost = "" if wanted is None else f", which had {count(wanted, 'row')}"
        yield CheckResult(
            check=CHECKS.get(part, part),
            subject=subject,
            verdict=Verdict.INCONCLUSIVE,
            sentence=f"{told}{lost}: {WHY[cause]} ({said}).",
            expected="" if wanted is None else str(wanted),
        )


def _damages(unreadable: pd.DataFrame) -> Iterator[CheckResult]:
    damaged = unreadable[unreadable["Cause"] == "damaged"]
    for said, places in damaged.groupby("Said", sort=True):
        first = places.iloc[0]
        subject = f"{first['Schema']}.{first['Name']}"
        yield CheckResult(
            check="physical",
            subject=subject,
            verdict=Verdict.FAIL,
            sentence=f"{subject} cannot be read: the server said: {said}.",
            found=str(said),
        )


def _rows(tables: pd.DataFrame) -> dict[TableName, int]:
    names = zip(tables["Schema"], tables["Table"], strict=True)
    return dict(zip(names, tables["Rows"], strict=True))
