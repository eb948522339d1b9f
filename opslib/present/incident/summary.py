"""The first screen of an incident: what happened, what to suspect, when one could have known."""

from __future__ import annotations

from opslib.analysis.incident.document import IncidentReport
from opslib.analysis.incident.durations import measure_intervals
from opslib.analysis.incident.wording import clock, lasted, moment
from opslib.findings import Severity, Verdict, open_findings
from opslib.present.cards import Card, card, show_cards, unseen_card
from opslib.present.html import Html
from opslib.present.incident.impact import impact_sentence
from opslib.wording import count, printable

__all__ = ["show_summary"]


def show_summary(report: IncidentReport, *, inline_style: bool) -> Html:
    """Return what happened, what to suspect, when it could have been known, what was not seen.

    Args:
        report: the analysis.
        inline_style: carry the style sheet along, for JupyterLab; rendered reports have it.
    """
    cards = (
        _happened(report),
        *_cost(report),
        *_suspects(report),
        *_known(report),
        *unseen_card(report.coverage),
    )
    return show_cards(cards, report.conclusions, inline_style=inline_style)


def _happened(report: IncidentReport) -> Card:
    times, shown = report.analysis.times, report.analysis.symptom
    if times.onset is None or shown is None:
        said = report.conclusions[0]
        known = said.verdict is not Verdict.INCONCLUSIVE
        figure = "nothing that shows" if known else "not known"
        return card("What happened?", figure, said.sentence, "" if known else "ops-warn")
    span = measure_intervals(times)[3].span
    figure = lasted(span) if span else "goes on"
    sentence = f"{printable(shown.name)} left the usual {moment(times.onset)}."
    return card("What happened?", figure, sentence, "" if span else "ops-warn")


def _cost(report: IncidentReport) -> tuple[Card, ...]:
    impact, reached = report.analysis.impact, len(report.analysis.radius.affected)
    if report.analysis.times.onset is None:
        return ()
    figure = f"{impact.whole.extra_failed:,.0f} failed" if impact.whole else "not counted"
    sentence = f"{impact_sentence(impact)} {count(reached, 'component')} affected."
    return (card("What did it cost?", figure, sentence, "" if impact.whole else "ops-warn"),)


def _suspects(report: IncidentReport) -> tuple[Card, ...]:
    cards = []
    for finding in open_findings(report.findings):
        if finding.kind == "incident.suspect_change" and finding.severity is not Severity.INFO:
            cards.append(
                card(
                    "First change to suspect",
                    finding.subject["Action"],
                    finding.sentence,
                    "ops-act",
                )
            )
        if finding.kind == "incident.suspect_component":
            name = finding.subject["Component"]
            cards.append(card("First component to suspect", name, finding.sentence))
    return tuple(cards)


def _known(report: IncidentReport) -> tuple[Card, ...]:
    told = [signal for signal in report.analysis.signals if signal.told_at is not None]
    if report.analysis.times.onset is None or not told:
        return ()
    first, detected = told[0], report.analysis.times.detection
    sentence = f"{printable(first.name)} ({first.kind}) told, or would have; detected "
    known = clock(first.told_at) if first.told_at else ""
    return (card("When could we have known?", known, f"{sentence}{moment(detected)}."),)
