"""What to do first: act on the most urgent finding, or close a gap where nothing was found."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.analysis.cost.completeness import BILL_TABLES
from opslib.coverage import Coverage, gaps
from opslib.findings import Finding, Severity, open_findings

__all__ = ["gap_to_close", "most_urgent"]


def most_urgent(findings: Sequence[Finding]) -> Finding | None:
    """Return the finding to act on first; None where none wants action."""
    return next(
        (one for one in open_findings(findings) if one.severity.rank >= Severity.MEDIUM.rank), None
    )


def gap_to_close(coverage: Sequence[Coverage]) -> str:
    """Return the gap to close first and how, or why it is one; empty where there is none.

    One of the bill comes before others, and one with a remedy before one without.
    """
    missing = (*gaps(coverage, *BILL_TABLES), *gaps(coverage))
    if not missing:
        return ""
    gap = next((line for line in missing if line.remedy), missing[0])
    told = gap.remedy or gap.detail or gap.status.words
    return f"{gap.named}: {told.rstrip('.')}."
