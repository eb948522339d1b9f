"""What was asked for, what came back, and what did not.

Silence is not health: a conclusion that rests on a table with a gap is inconclusive, and the
gap is shown beside the findings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from opslib.errors import AccessDenied, CapReached, NoCredentials, NotFound, ReadError, Throttled

__all__ = ["Coverage", "CoverageStatus", "distinct_gaps", "gaps", "merge_spans", "status_of_error"]

SPAN = re.compile(r"(\d{4}-\d\d-\d\dT[\d:]+Z) to (\d{4}-\d\d-\d\dT[\d:]+Z)")


class CoverageStatus(StrEnum):
    """How much of what was asked for came back."""

    COMPLETE = "complete"
    UNSETTLED = "unsettled"
    EMPTY = "empty"
    PARTIAL = "partial"
    TRUNCATED = "truncated"
    NOT_ASKED = "not_asked"
    NOT_FOUND = "not_found"
    THROTTLED = "throttled"
    DENIED = "denied"
    FAILED = "failed"

    @property
    def is_gap(self) -> bool:
        """Say whether a conclusion that rests on this is inconclusive.

        An unsettled tail is shown apart and never compared, so it takes nothing away from
        what is concluded about the settled days.
        """
        return self not in {CoverageStatus.COMPLETE, CoverageStatus.UNSETTLED}

    @property
    def words(self) -> str:
        """Return it as sentences write it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What one read asked for and what it got.

    Args:
        table: the table read, or the part of it that this line is about.
        account: the account asked, or empty where none applies.
        region: the region asked, or empty for a global service.
        asked: what was asked for, in words.
        status: how much of it came back.
        detail: what is missing and why, one clause; empty when complete.
        rows: rows received.
        remedy: what to do to close the gap; empty when there is none.
    """

    table: str
    asked: str
    status: CoverageStatus
    account: str = ""
    region: str = ""
    detail: str = ""
    rows: int = 0
    remedy: str = ""

    @property
    def named(self) -> str:
        """Return the table, and the account that it was asked of."""
        return f"{self.table} of {self.account}" if self.account else self.table


def status_of_error(error: ReadError) -> CoverageStatus:
    """Return the coverage status that a failed read leaves behind."""
    kinds: tuple[tuple[type[ReadError], CoverageStatus], ...] = (
        (AccessDenied, CoverageStatus.DENIED),
        (Throttled, CoverageStatus.THROTTLED),
        (NotFound, CoverageStatus.NOT_FOUND),
        (CapReached, CoverageStatus.TRUNCATED),
        (NoCredentials, CoverageStatus.NOT_ASKED),
    )
    for kind, status in kinds:
        if isinstance(error, kind):
            return status
    return CoverageStatus.FAILED


def gaps(coverage: Iterable[Coverage], *tables: str) -> tuple[Coverage, ...]:
    """Return the lines that leave a gap, of ``tables`` only if any are named."""
    return tuple(
        line for line in coverage if line.status.is_gap and (not tables or line.table in tables)
    )


def distinct_gaps(coverage: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Return the gaps as people count them: what one read left open in several spans is one."""
    return merge_spans(gaps(coverage))


def merge_spans(lines: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Return ``lines`` with those alike but for the span of time that was asked for as one.

    It tells how many spans there were, from the first to the last moment, and each clause of
    their details once; its rows are those of the largest, since spans may overlap.
    """
    alike: dict[tuple[object, ...], list[Coverage]] = defaultdict(list)
    for number, line in enumerate(lines):
        by_itself = None if SPAN.fullmatch(line.asked) else number
        key = (line.table, line.account, line.region, line.status, line.remedy, by_itself)
        alike[key].append(line)
    return tuple(_merged(group) for group in alike.values())


def _merged(lines: Sequence[Coverage]) -> Coverage:
    if len(lines) == 1:
        return lines[0]
    spans = [found.groups() for line in lines if (found := SPAN.fullmatch(line.asked))]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    clauses = dict.fromkeys(
        clause for line in lines for clause in line.detail.split("; ") if clause
    )
    return replace(
        lines[0],
        asked=f"{first} to {last} in {len(lines)} spans",
        detail="; ".join(clauses),
        rows=max(line.rows for line in lines),
    )
