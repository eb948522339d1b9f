"""What is not as it should be about a resource, and what could not be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from opslib.findings import Severity

__all__ = ["Doubt", "Problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not as it should be: what, in words, and what to do about it.

    Args:
        kind: of the finding, without ``dr.``.
        severity: how soon it wants attention.
        reason: clause with the figure, of which the resource is the subject.
        action: next step, one imperative sentence.
        evidence: tables that show it.
        since: when it began; None where unknown.
    """

    kind: str
    severity: Severity
    reason: str
    action: str
    evidence: tuple[str, ...]
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that could not be told, and why."""

    reason: str
