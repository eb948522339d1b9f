"""What is said of an anomaly's cause, in words."""

from __future__ import annotations

from opslib.analysis.cost.anomalies.cause_factors import MOVED
from opslib.analysis.cost.anomalies.causes import CauseStatus, ChangeSuspected, Explanation
from opslib.analysis.cost.anomalies.resource_moves import ResourceMove
from opslib.wording import count, join, money, percent, printable, shortened

__all__ = ["cause_sentence", "evidence_of", "suspect_words"]


def cause_sentence(explanation: Explanation, currency: str, *, resource: str = "") -> str:
    """Return one sentence about what could explain an anomaly.

    Args:
        explanation: of the anomaly.
        currency: of its amounts.
        resource: FOCUS ResourceId of a change that is told with it; a suspect that names it
            comes first.
    """
    if explanation.status is CauseStatus.INCONCLUSIVE:
        return f"Its cause is inconclusive: {join(explanation.because)}."
    if explanation.status is CauseStatus.NONE_RECORDED:
        return "No change that could explain it is recorded in the hours before."
    naming = [
        one
        for one in explanation.suspects
        if resource and one.moved and one.moved.resource == resource
    ]
    first = (naming or list(explanation.suspects))[0]
    others = explanation.alike - 1 if first is explanation.suspects[0] else 0
    equal = f" {count(others, 'other change')} could explain it as well." if others else ""
    unread = f" Not all was read: {join(explanation.because)}." if explanation.because else ""
    evidence = evidence_of(first, currency)
    return f"It could be explained by {suspect_words(first)}: {evidence}.{equal}{unread}"


def suspect_words(suspect: ChangeSuspected) -> str:
    """Return who did what to what, and when."""
    what = printable(suspect.action)
    on = f" on {printable(suspect.resource)}" if suspect.resource else ""
    who = f" by {shortened(suspect.actor)}" if suspect.actor else ""
    return f"{what}{on}{who} at {suspect.at:%Y-%m-%d %H:%M} UTC"


def evidence_of(suspect: ChangeSuspected, currency: str) -> str:
    """Return what speaks for it, strongest first."""
    factors, told = suspect.factors, []
    if suspect.moved is not None:
        told.append(_moved(suspect.moved, currency))
    elif factors.resource < 0:
        told.append("it names no resource of the bill")
    if factors.service > 0:
        told.append("its service is the one that moved")
    if factors.kind < 0:
        told.append("what it does speaks against it")
    return join(told) or "only its time and place speak for it"


def _moved(moved: ResourceMove, currency: str) -> str:
    costs = f"{money(moved.before, currency)} to {money(moved.after, currency)} a day"
    share = percent(min(max(moved.share, 0.0), 1.0))
    if moved.share < MOVED:
        return f"this resource hardly moved, {costs}"
    return f"this resource went from {costs}, {share} of the whole"
