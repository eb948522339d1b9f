"""What an answer lacks, in few words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opslib.coverage import Coverage, gaps
from opslib.wording import join, printable

__all__ = ["few", "unread"]

NAMED = 3
LONGEST = 200


def unread(coverage: Iterable[Coverage], *tables: str) -> tuple[str, ...]:
    """Return what was not read, one clause a table and status.

    Args:
        coverage: of all reads.
        tables: that the answer rests on; none: all.
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for line in gaps(coverage, *tables):
        status = line.status.words
        alike.setdefault((line.table, status), []).append(line.detail)
    return tuple(
        f"{table}: {status}, {printable(details[0], LONGEST)}{_others(details)}"
        for (table, status), details in alike.items()
    )


def _others(details: Sequence[str]) -> str:
    return f"; and {len(details) - 1} more" if details[1:] else ""


def few(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    shown = [printable(name) for name in names[:NAMED]]
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return join([*shown, *more])
