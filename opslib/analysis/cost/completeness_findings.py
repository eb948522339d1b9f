"""What the bill lacks or may still change, put as findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from opslib.analysis.cost.periods import Periods
from opslib.findings import Finding, Severity
from opslib.wording import count, days, money

__all__ = ["describe_missing", "describe_unsettled"]


def describe_missing(missing: Sequence[date], periods: Periods) -> list[Finding]:
    """Say which days of the period and the month the bill lacks: nothing rests well on it."""
    near = [day for day in missing if day >= min(periods.current.start.date(), periods.month)]
    if not near:
        return []
    named = days(near) if near[-1] == near[0] + timedelta(days=len(near) - 1) else ""
    what = f"{count(len(near), 'day')}{f' ({named})' if named else ''}"
    return [
        Finding(
            kind="cost.missing_days",
            subject={"Table": "bill"},
            severity=Severity.HIGH,
            sentence=f"The bill lacks {what}: what it says of this time is too little.",
            action="Find out why the export stopped, and run this report again.",
            evidence=("days",),
            first_day=near[0].isoformat(),
        )
    ]


def describe_unsettled(unsettled: Sequence[date], amount: Decimal, currency: str) -> list[Finding]:
    """Say which days AWS may still restate; none when all are settled."""
    if not unsettled:
        return []
    return [
        Finding(
            kind="cost.unsettled_days",
            subject={"Table": "bill"},
            severity=Severity.INFO,
            sentence=(
                f"{count(len(unsettled), 'day')} ({days(unsettled)}, {money(amount, currency)} so "
                "far) may still be restated: shown apart and compared with nothing."
            ),
            action="Wait for the next report.",
            evidence=("days",),
            first_day=unsettled[0].isoformat(),
        )
    ]
