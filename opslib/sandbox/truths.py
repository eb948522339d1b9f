"""What a scenario planted, in the words of the findings that should name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

__all__ = ["Claim", "PlantedTruth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A finding, by kind and the parts of its subject that matter."""

    kind: str
    subject: dict[str, str]

    def matches(self, kind: str, subject: dict[str, str]) -> bool:
        """Say whether a finding makes this claim."""
        return kind == self.kind and self.subject.items() <= subject.items()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedTruth:
    """One thing that a scenario planted.

    Args:
        name: what was planted, such as ``price_change``.
        part: the part of `opslib.analysis` whose report must tell it.
        claim: the claim that the report must make, where there is one way to read it.
        by_export: the claim that a report on the export must make.
        by_cost_explorer: claims of which a report by Cost Explorer must make one, since that
            does not know resources.
        amount: effect on the cost of the report's period; None where it has none.
        level: of a commitment, an hour; None of anything else.
        follows: claims that are true because of this and may be made too; of part ``incident``,
            other names of the same act, of which any may be made instead. A truth of nothing
            else need not be told.
        known: what a report must list as having begun before its period, and make no finding of.
        causes: CloudTrail's ids of the calls that brought it about; none where nobody did.
        coverage: table, account and status that the report's coverage must show; None where
            the truth is a finding.
        days: days that it is about, where it is about days.
        at: the moment that it began, where it began at one.
    """

    name: str
    part: str = "cost"
    claim: Claim | None = None
    by_export: Claim | None = None
    by_cost_explorer: tuple[Claim, ...] = ()
    amount: Decimal | None = None
    level: Decimal | None = None
    follows: tuple[Claim, ...] = ()
    known: Claim | None = None
    causes: tuple[str, ...] = ()
    coverage: tuple[str, str, str] | None = None
    days: tuple[date, ...] = ()
    at: datetime | None = None
