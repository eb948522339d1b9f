"""Alert thresholds held against history, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from opslib.analysis.capacity.alerts.history import AlertHistory, AlertVerdict
from opslib.present.html import Column, Html, folded, stacked, table
from opslib.wording import count, join, printable

__all__ = ["tabulate_alerts"]

ORDER = (
    AlertVerdict.LATE,
    AlertVerdict.TOO_SMALL,
    AlertVerdict.NOISY,
    AlertVerdict.USEFUL,
    AlertVerdict.NEVER_TESTED,
    AlertVerdict.UNKNOWN,
)
NOTE = (
    "Trouble is what a resource measured of itself: a limit reached, requests refused, latency. Of "
    "troubles, those of the limit that the alert watches are counted."
)
COLUMNS = [
    Column("Alert", "sentence"),
    Column("Resource"),
    Column("Verdict"),
    Column("Alarms", "figure"),
    Column("For nothing", "figure"),
    Column("Troubles", "figure"),
    Column("Lead, min", "figure"),
    Column("Why", "sentence"),
]
TOLD = (AlertVerdict.LATE, AlertVerdict.TOO_SMALL, AlertVerdict.NOISY, AlertVerdict.USEFUL)


def tabulate_alerts(histories: Sequence[AlertHistory], top: int) -> Html:
    """Return what each alert would have done; those that nothing is known of are folded away.

    Args:
        histories: what each rule would have done on each resource.
        top: rows that are shown of each kind.
    """
    ordered = sorted(histories, key=lambda one: ORDER.index(one.verdict))
    told = [one for one in ordered if one.verdict in TOLD]
    parts = [_listed(told, top, _answer(histories), NOTE)]
    for verdict, what in (
        (AlertVerdict.NEVER_TESTED, "never tested by trouble"),
        (AlertVerdict.UNKNOWN, "that cannot be judged"),
    ):
        some = [one for one in ordered if one.verdict is verdict]
        if some:
            summary = f"{count(len(some), 'alert')} {what}"
            parts.append(folded(summary, _listed(some, top, f"Alerts {what}")))
    return stacked(*parts)


def _answer(histories: Sequence[AlertHistory]) -> str:
    if not histories:
        return "No alert was held against history"
    found = Counter(one.verdict for one in histories)
    told = [f"{found[verdict]} {verdict.value}" for verdict in ORDER if found[verdict]]
    return f"Of {count(len(histories), 'alert')} on resources: {join(told)}"


def _listed(some: Sequence[AlertHistory], top: int, caption: str, note: str = "") -> Html:
    rest = f"The first {top} of {len(some)} are shown. " if len(some) > top else ""
    return table(COLUMNS, [_row(one) for one in some[:top]], caption=caption, note=rest + note)


def _row(history: AlertHistory) -> tuple[str, ...]:
    rule = printable(f"{history.rule}: {history.watched}", 120)
    head = (rule, printable(history.name) or "none", history.verdict.value)
    if not history.days:
        return (*head, *[""] * 4, printable(history.why, 300))
    exact = history.certainty.value
    missed = f", {history.missed} missed" if history.missed else ""
    return (
        *head,
        str(history.alarms) if exact == "exact" else f"{exact} {history.alarms}",
        str(history.for_nothing),
        f"{history.troubles}{missed}",
        _leads(history.leads_minutes),
        printable(history.why, 300),
    )


def _leads(leads: Sequence[float]) -> str:
    if not leads:
        return "none"
    first, last = min(leads), max(leads)
    return f"{first:.0f}" if first == last else f"{first:.0f} to {last:.0f}"
