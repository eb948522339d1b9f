"""What the reads of backups could not see, by account and region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from opslib.coverage import Coverage, gaps
from opslib.wording import join

__all__ = ["TABLES", "BlindSpots", "reasons_of"]

TABLES = (
    "data stores",
    "backup vaults",
    "recovery points",
    "backup plans",
    "backup selections",
    "backup jobs",
    "copy jobs",
)
"""The tables that the posture rests on, as coverage names them."""
POINT_TABLES = ("backup vaults", "recovery points")
PLAN_TABLES = ("backup plans", "backup selections")


class BlindSpots:
    """Which tables have gaps where.

    Args:
        coverage: of the reads.
    """

    def __init__(self, coverage: Sequence[Coverage]) -> None:
        self._gaps = {(g.table, g.account, g.region) for g in gaps(coverage, *TABLES)}

    def to(self, account: str, region: str, *tables: str) -> bool:
        """Say whether any of ``tables`` has a gap in an account and region."""
        return any((table, account, region) in self._gaps for table in tables)

    def to_points(self, account: str, region: str) -> bool:
        """Say whether recovery points of an account and region may be missing."""
        return self.to(account, region, *POINT_TABLES)

    def to_plans(self, account: str, region: str) -> bool:
        """Say whether plans of an account and region may be missing."""
        return self.to(account, region, *PLAN_TABLES)

    def to_copies(self, account: str, region: str) -> bool:
        """Say whether copies of what an account holds in a region may be missing."""
        elsewhere = any(
            table in POINT_TABLES and of == account and where != region
            for table, of, where in self._gaps
        )
        return elsewhere or self.to(account, region, "copy jobs")


def reasons_of(coverage: Sequence[Coverage]) -> tuple[str, ...]:
    """Return the gaps in words: one for each account and cause, with all that it hides."""
    causes: dict[tuple[str, str, str], list[Coverage]] = defaultdict(list)
    for line in gaps(coverage, *TABLES):
        causes[line.account, line.status.value, line.detail].append(line)
    return tuple(
        f"{join(sorted({line.table for line in lines}))}{_where(account, lines)}: {status}"
        f"{f', {detail}' if detail else ''}"
        for (account, status, detail), lines in causes.items()
    )


def _where(account: str, lines: Sequence[Coverage]) -> str:
    regions = join(sorted({line.region for line in lines if line.region}))
    return f"{f' of {account}' if account else ''}{f' in {regions}' if regions else ''}"
