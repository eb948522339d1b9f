"""What each owner answers for, out of the latest report of every notebook and environment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from opslib.findings import Finding, open_findings
from opslib.parameters.owners import NOBODY, OwnerRule
from opslib.runner.indexed_run import IndexedRun, owner_of

__all__ = ["OwnerPage", "OwnerPart", "owner_pages"]

PLAIN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPart:
    """One report and its findings of one owner, those that count first."""

    row: IndexedRun
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPage:
    """All that one owner answers for.

    Args:
        owner: who.
        file: name of the page.
        parts: the latest reports, each with what is the owner's, which may be nothing.
    """

    owner: str
    file: str
    parts: tuple[OwnerPart, ...]

    @property
    def title(self) -> str:
        """Return what stands above it."""
        return "What nobody answers for" if self.owner == NOBODY else f"Findings of {self.owner}"

    @property
    def counted(self) -> int:
        """Return how many findings count."""
        return sum(len(open_findings(part.findings)) for part in self.parts)


def owner_pages(latest: Sequence[IndexedRun]) -> tuple[OwnerPage, ...]:
    """Return a page for each owner that the owner maps or the findings name, nobody's last.

    None where nobody wrote an owner map and no finding has an owner.
    """
    reports = [row for row in latest if row.run.findings is not None]
    named = {owner for row in reports for owner in (*row.owners, *_mapped(row))}
    if named <= {NOBODY}:
        return ()
    ordered = sorted(named, key=lambda owner: (owner == NOBODY, owner.lower(), owner))
    return tuple(_page(owner, reports) for owner in ordered)


def _mapped(row: IndexedRun) -> list[str]:
    rules = row.run.manifest.parameters.get("owners", [])
    return [OwnerRule.model_validate(rule).owner for rule in rules]


def _page(owner: str, reports: Sequence[IndexedRun]) -> OwnerPage:
    parts = [OwnerPart(row=row, findings=_of_owner(row, owner)) for row in reports]
    return OwnerPage(
        owner=owner,
        file=f"{_file_name(owner)}.html",
        parts=tuple(sorted(parts, key=lambda part: not part.findings)),
    )


def _of_owner(row: IndexedRun, owner: str) -> tuple[Finding, ...]:
    assert row.run.findings is not None
    held = [one for one in row.run.findings.findings if owner_of(one) == owner]
    return tuple(sorted(held, key=lambda one: (one.suppressed is not None, -one.severity.rank)))


def _file_name(owner: str) -> str:
    """Return a plain name; two owners that differ in other characters have different ones."""
    plain = PLAIN.sub("-", owner.lower()).strip("-")
    if plain == owner:
        return plain
    return f"{plain or 'owner'}-{hashlib.sha256(owner.encode()).hexdigest()[:6]}"
