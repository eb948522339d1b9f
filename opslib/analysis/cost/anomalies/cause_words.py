"""What is said of an anomaly's cause, in words."""

from __future__ import annotations

from opslib.analysis.cost.anomalies.cause_factors import MOVED
from opslib.analysis.cost.anomalies.causes import CauseStatus, ChangeSuspected, Explanation
from opslib.analysis.cost.anomalies.resource_moves import ResourceMove
from opslib.analysis.incident.change_factors import STEP
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
    unread = f" Not all was read: {join(explanation.because)}." if explanation.because else ""
    naming = [
        one
        for one in explanation.suspects
        if resource and one.moved and resource in (one.moved.resource, *one.moved.others)
    ]
    first = (naming or list(explanation.suspects))[0]
    evidence = evidence_of(first, currency)
    if first not in explanation.alike_suspects or explanation.alike == 1:
        return f"It could be explained by {suspect_words(first)}: {evidence}.{unread}"
    others = f"{count(explanation.alike - 1, 'other change')} could explain it as well"
    if first.has_moved:
        return f"It could be explained by {suspect_words(first)}: {evidence}. {others}.{unread}"
    another = next(one for one in explanation.alike_suspects if one is not first)
    return (
        f"{count(explanation.alike, 'change')} fit it equally, and which of them it was is not "
        f"known: {suspect_words(first)} ({evidence}); {others}, such as "
        f"{suspect_words(another)}.{unread}"
    )


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
    if factors.service >= STEP:
        told.append("its service is the one that moved")
    elif factors.service > 0:
        told.append("its service makes use of the one that moved")
    if factors.meter > 0:
        told.append("it is about what the usage types that moved charge for")
    elif factors.meter < 0:
        told.append("other usage types charge for what it is about")
    if factors.kind < 0:
        told.append("what it does speaks against it")
    return join(told) or "only its time and place speak for it"


def _moved(moved: ResourceMove, currency: str) -> str:
    costs = f"{money(moved.before, currency)} to {money(moved.after, currency)} a day"
    share = percent(min(max(moved.share, 0.0), 1.0))
    what = f"these {len(moved.others) + 1} resources" if moved.others else "this resource"
    if moved.share < MOVED:
        return f"{what} hardly moved, {costs}"
    return f"{what} went from {costs}, {share} of the whole"
