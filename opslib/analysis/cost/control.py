"""One control of the bill, and what it came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from opslib.analysis.cost.periods import Periods
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Finding, Severity, Verdict
from opslib.wording import days

__all__ = ["Control", "bill_finding", "control_gaps", "doubtful_days"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What was controlled before anything is concluded from the bill.

    Args:
        name: what was controlled.
        verdict: pass or inconclusive; None where it was not controlled.
        said: one clause: what was found, or why nothing was looked for.
        doubtful: days on which the bill may not be what was charged, in order.
        findings: what wants to be done about it.
        told: whether coverage says what is missing by itself.
    """

    name: str
    verdict: Verdict | None
    said: str
    doubtful: tuple[date, ...] = ()
    findings: tuple[Finding, ...] = ()
    told: bool = False


def doubtful_days(controls: Iterable[Control]) -> tuple[date, ...]:
    """Return the days that some control doubts, in order."""
    return tuple(sorted({day for control in controls for day in control.doubtful}))


def control_gaps(controls: Iterable[Control], periods: Periods) -> list[Coverage]:
    """Return what the controls leave open; of days before those reported on, in the history."""
    first = min(periods.before.start.date(), periods.month)
    return [
        Coverage(
            table="bill history" if control.doubtful and control.doubtful[-1] < first else "bill",
            asked=days(control.doubtful) if control.doubtful else days(periods.days),
            status=CoverageStatus.PARTIAL,
            detail=control.said,
        )
        for control in controls
        if control.verdict is Verdict.INCONCLUSIVE and not control.told
    ]


def bill_finding(kind: str, severity: Severity, sentence: str, action: str) -> Finding:
    """Return a finding about the bill itself, evident from the table of what controls it."""
    return Finding(
        kind=f"cost.{kind}",
        subject={"Table": "bill"},
        severity=severity,
        sentence=sentence,
        action=action,
        evidence=CONTROL_TABLES.get(kind, ("export_files",)),
    )


CONTROL_TABLES = {
    "duplicate_charges": ("duplicates",),
    "mixed_currencies": ("other_currencies",),
    "untied_days": ("tie_out", "tie_out_services"),
}
"""Kind of finding to the tables of the report that it can be traced to, where these are others."""
