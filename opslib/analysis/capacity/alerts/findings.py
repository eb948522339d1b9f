"""The findings on alert thresholds."""

from __future__ import annotations

from collections.abc import Iterable

from opslib.analysis.capacity.alerts.history import AlertHistory, AlertVerdict
from opslib.findings import Finding, Severity
from opslib.wording import printable

__all__ = ["find_alerts"]


def find_alerts(histories: Iterable[AlertHistory]) -> tuple[Finding, ...]:
    """Return a finding for each alert that came late, or mostly for nothing."""
    return tuple(
        _late(history) if history.verdict is AlertVerdict.LATE else _noisy(history)
        for history in histories
        if history.verdict in {AlertVerdict.LATE, AlertVerdict.NOISY}
    )


def _late(history: AlertHistory) -> Finding:
    return Finding(
        kind="capacity.alert_late",
        subject=_subject(history),
        severity=Severity.MEDIUM,
        sentence=f"{_said(history)} would not have told in time: {printable(history.why, 300)}.",
        action="Lower the threshold or ask for fewer periods, and look at what it would have told.",
        evidence=("alerts",),
    )


def _noisy(history: AlertHistory) -> Finding:
    return Finding(
        kind="capacity.alert_noisy",
        subject=_subject(history),
        severity=Severity.LOW,
        sentence=f"{_said(history)} would have told for nothing: {printable(history.why, 300)}.",
        action="Raise the threshold or ask for more periods; a count wants to follow its limit.",
        evidence=("alerts",),
    )


def _said(history: AlertHistory) -> str:
    rule, name = printable(history.rule), printable(history.name)
    return f"The alert {rule} on {name} ({printable(history.watched)})"


def _subject(history: AlertHistory) -> dict[str, str]:
    return {"Alert": history.rule, "Resource": history.name}
