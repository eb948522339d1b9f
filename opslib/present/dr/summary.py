"""The first screen of a drill: is it whole, would we have noticed, what to do first?"""

from __future__ import annotations

from opslib.analysis.dr.questions import (
    BACKED_UP,
    CAN_BE_RESTORED,
    IN_TIME,
    LOST_LITTLE,
    NOTICED,
    WHOLE,
)
from opslib.analysis.dr.report import DrReport
from opslib.findings import Severity, Verdict, open_findings
from opslib.present.cards import Card, card, show_cards, unseen_card
from opslib.present.html import Html

__all__ = ["show_summary"]

FIGURES = {Verdict.PASS: "yes", Verdict.FAIL: "no", Verdict.INCONCLUSIVE: "cannot be told"}
KINDS = {Verdict.PASS: "", Verdict.FAIL: "ops-fail", Verdict.INCONCLUSIVE: "ops-warn"}
TITLES = {
    WHOLE: "Is it whole?",
    NOTICED: "Would we have noticed?",
    IN_TIME: "Was it in time?",
    LOST_LITTLE: "Was little lost?",
    BACKED_UP: "Is all backed up?",
    CAN_BE_RESTORED: "Could it be restored?",
}


def show_summary(report: DrReport, *, inline_style: bool) -> Html:
    """Return whether it is whole, whether we would have noticed, what to do, what was not seen.

    Args:
        report: the analysis.
        inline_style: carry the style sheet along, for JupyterLab; rendered reports have it.
    """
    answers = [
        card(
            title,
            FIGURES[conclusion.verdict],
            conclusion.sentence,
            KINDS[conclusion.verdict],
        )
        for conclusion in report.conclusions
        if (title := TITLES.get(conclusion.question, ""))
    ]
    cards = (*answers, _first_action(report), *unseen_card(report.coverage))
    return show_cards(cards, report.conclusions, inline_style=inline_style)


def _first_action(report: DrReport) -> Card:
    urgent = [f for f in open_findings(report.findings) if f.severity.rank >= Severity.MEDIUM.rank]
    if not urgent:
        return card("What to do first", "nothing", "No finding wants action this time.")
    first = urgent[0]
    return card(
        "What to do first", first.severity.value, f"{first.action} {first.sentence}", "ops-act"
    )
