"""What an incident cost and reached, as tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from opslib.analysis.incident.blast_radius import BlastRadius
from opslib.analysis.incident.impact import Impact
from opslib.analysis.incident.incident_impact import IncidentImpact
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.wording import clock, moment
from opslib.present.html import Column, Html, stacked, table
from opslib.wording import count, join, percent, printable

__all__ = ["impact_rows", "impact_sentence", "tabulate_impact"]

FIGURE: Final = "figure"
MOST_NAMED = 8


def tabulate_impact(analysis: IncidentAnalysis) -> Html:
    """Return what it cost in requests, users' time and error budget, and whom it reached."""
    return stacked(_costs(analysis.impact), _radius(analysis))


def impact_sentence(impact: IncidentImpact) -> str:
    """Return in one sentence what it cost."""
    whole, share = impact.whole, impact.budget_share
    if whole is None or share is None:
        return f"Requests were not counted: {printable(impact.problem)}."
    users = "" if whole.user_minutes is None else f" in {whole.user_minutes:,.0f} user-minutes"
    return (
        f"{_least(whole)}{whole.extra_failed:,.0f} requests of {printable(impact.component)} "
        f"failed beyond the usual{users}; {percent(share)} of the error budget of "
        f"{impact.objective.percent:g} % in {impact.objective.days:g} days."
    )


def impact_rows(impact: IncidentImpact) -> list[tuple[str, str, str]]:
    """Return what was counted: its name, over the whole, after a rule would have fired."""
    whole, spared = impact.whole, impact.avoidable
    if whole is None:
        return []
    budget = impact.objective.budget_minutes
    return [
        ("From", clock(whole.start), clock(spared.start) if spared else ""),
        ("To", clock(whole.end), clock(spared.end) if spared else ""),
        ("Requests", *_both(impact, lambda one: f"{one.requests:,.0f}")),
        ("Failed", *_both(impact, lambda one: f"{one.failed:,.0f}")),
        ("Failed beyond the usual", *_both(impact, lambda one: f"{one.extra_failed:,.0f}")),
        ("User-minutes", *_both(impact, _users)),
        ("Error-budget minutes", *_both(impact, lambda one: f"{one.burned_minutes:,.1f}")),
        ("Share of the budget", *_both(impact, lambda one: percent(one.burned_minutes / budget))),
        ("Periods without a datapoint", *_both(impact, lambda one: f"{one.missing:,}")),
    ]


def _both(impact: IncidentImpact, tell: Callable[[Impact], str]) -> tuple[str, str]:
    whole, spared = impact.whole, impact.avoidable
    return (tell(whole) if whole else "", tell(spared) if spared else "")


def _users(one: Impact) -> str:
    return "not known" if one.user_minutes is None else f"{one.user_minutes:,.0f}"


def _least(whole: Impact) -> str:
    return "At least " if whole.missing else ""


def _costs(impact: IncidentImpact) -> Html:
    columns = (
        Column("Counted"),
        Column("From onset to recovery", FIGURE),
        Column("After a rule would have fired, until the rollback", FIGURE),
    )
    objective = impact.objective
    note = (
        f"Of {printable(impact.component)}, at the most that onset and recovery allow. The budget "
        f"is {objective.budget_minutes:,.1f} minutes: {objective.percent:g} % of requests in "
        f"{objective.days:g} days."
        if impact.whole
        else f"Requests were not counted: {printable(impact.problem)}."
    )
    if impact.whole and impact.whole.missing:
        note += " Datapoints are missing: the sums are lower bounds."
    return table(columns, impact_rows(impact), caption="What it cost", note=note)


def _radius(analysis: IncidentAnalysis) -> Html:
    radius, symptom = analysis.radius, analysis.symptom
    rows = [
        (
            printable(one.component),
            join([printable(name) for name in one.metrics]),
            moment(one.since) if one.since else "before the window",
            moment(one.until) if one.until else "goes on",
            "; ".join(printable(name) for name in one.resources),
        )
        for one in radius.affected
    ]
    columns = [Column(name) for name in ("Component", "Left the usual", "From", "To", "Resources")]
    note = "No symptom was found: who was affected is not known." if symptom is None else ""
    return table(columns, rows, caption="Whom it reached", note=note or _others(radius))


def _others(radius: BlastRadius) -> str:
    told = [f"{count(len(radius.unaffected), 'component')} stayed usual{_named(radius.unaffected)}"]
    if radius.unknown:
        told.append(f"of {len(radius.unknown)} it is not known{_named(radius.unknown)}")
    return f"{'; '.join(told)}."


def _named(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return f": {join([*(printable(name) for name in names[:MOST_NAMED]), *more])}"
