"""The computed sections of the draft: impact, timeline, detection, response, what to examine."""

from __future__ import annotations

import json
from datetime import timedelta

import pandas as pd

from opslib.analysis.incident.durations import measure_intervals
from opslib.analysis.incident.incident_impact import incident_span
from opslib.analysis.incident.phases import response_phases
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.rollback import RuleReplay
from opslib.analysis.incident.wording import clock, lasted, moment
from opslib.present.incident.exports import timeline_markdown
from opslib.present.incident.impact import impact_rows, impact_sentence
from opslib.present.incident.response import done_in, reached_in, target_of
from opslib.present.markdown import BLANK, markdown_cell, markdown_table, markdown_text
from opslib.tables.timeline import EventKind
from opslib.wording import join

__all__ = [
    "contributing_factors",
    "detection_section",
    "impact_section",
    "response_section",
    "timeline_section",
]

MOST_SUSPECTS, MOST_EVENTS, MOST_SIGNALS = 5, 40, 10
AROUND = timedelta(minutes=30)
KEY_KINDS = (EventKind.DETECTION, EventKind.RESPONSE, EventKind.RECOVERY)


def impact_section(analysis: IncidentAnalysis) -> str:
    """Return what it cost, and whom it reached."""
    impact, radius = analysis.impact, analysis.radius
    costs = [tuple(markdown_text(cell) for cell in row) for row in impact_rows(impact)]
    columns = ("", "from onset to recovery", "after a rule would have fired, until the rollback")
    reached = [
        f"- {markdown_cell(one.component)}: {markdown_text(join(one.metrics))} left the usual "
        f"{moment(one.since) if one.since else 'before the window'}\n"
        for one in radius.affected
    ]
    unknown = f"- not known: {markdown_text(join(radius.unknown))}\n" if radius.unknown else ""
    return (
        f"{markdown_text(impact_sentence(impact))}\n\n"
        + (markdown_table(columns, costs) + "\n" if costs else "")
        + f"Components affected: {len(radius.affected)}.\n\n"
        + "".join(reached)
        + unknown
        + f"\nWhat users saw, money and data lost or exposed: {BLANK}\n"
    )


def timeline_section(analysis: IncidentAnalysis) -> str:
    """Return the events that a post-mortem begins with; the whole timeline is beside it."""
    events = analysis.timeline
    chosen = events[events["IsStarred"] | (events["Note"] != "") | _is_key(analysis)]
    shown = chosen.head(MOST_EVENTS)
    left = f", {len(chosen) - len(shown)} of those left out" if len(chosen) > len(shown) else ""
    return (
        f"{len(shown)} of {len(events)} events: starred, noted, detections, responses, recoveries "
        f"and first suspects{left}. All are in timeline.md.\n\n{timeline_markdown(shown)}"
    )


def _is_key(analysis: IncidentAnalysis) -> pd.Series:
    """Return which events are of a key kind around the incident, or the first suspects."""
    events = analysis.timeline
    span = incident_span(analysis.times, analysis.window) or analysis.window
    kinds = events["Kind"].isin([kind.value for kind in KEY_KINDS])
    near = (events["At"] >= span.start - AROUND) & (events["At"] < span.end + AROUND)
    suspects = {f"cloudtrail:{s.event_id}" for s in (analysis.changes or ())[:MOST_SUSPECTS]}
    named = [bool(suspects & set(json.loads(told))) for told in events["References"]]
    return (kinds & near) | pd.Series(named, index=events.index, dtype=bool)


def detection_section(analysis: IncidentAnalysis) -> str:
    """Return who noticed, and which signal could have told earlier."""
    detected = analysis.times.detection
    by = f" by {markdown_cell(detected.by)}" if detected and detected.by else ""
    rows = []
    for signal in [one for one in analysis.signals if one.told_at is not None][:MOST_SIGNALS]:
        assert signal.told_at is not None
        earlier = (detected.earliest - signal.told_at).total_seconds() / 60 if detected else None
        rows.append(
            (
                markdown_cell(signal.name),
                signal.kind,
                clock(signal.told_at),
                "" if earlier is None else f"{earlier:+.1f} min",
            )
        )
    columns = ("signal", "kind", "told, or would have", "before it was detected")
    told = markdown_table(columns, rows) if rows else "No signal told of it.\n"
    return (
        f"Detected {moment(detected)}{by}.\n\n{told}\n"
        f"Did the right person hear of it, and understand it: {BLANK}\n"
    )


def response_section(analysis: IncidentAnalysis) -> str:
    """Return how long it took, against targets, and what was done in each phase."""
    times = [
        (
            interval.name,
            lasted(interval.span) if interval.span else "not known",
            markdown_text(target_of(analysis, interval)),
            markdown_cell(interval.end.by) if interval.end else "",
        )
        for interval in measure_intervals(analysis.times)
    ]
    phases = [
        (
            phase.name,
            f"{phase.start:%H:%M} to {clock(phase.end)}",
            join(reached_in(analysis, phase)),
            done_in(analysis, phase),
        )
        for phase in response_phases(analysis.times, analysis.window)
    ]
    fired = [f"- {markdown_cell(one.rule.name)} {_fired(one)}\n" for one in analysis.replays]
    told = markdown_table(("phase", "when", "reached", "recorded"), phases) + "\n" if phases else ""
    return (
        markdown_table(("time", "took", "target", "told by"), times)
        + f"\n{told}"
        + "".join(fired)
        + f"- rolled back {moment(analysis.rollback)}\n"
        + f"\nWhat was tried, in which order, and why: {BLANK}\n"
    )


def _fired(replay: RuleReplay) -> str:
    if replay.fired_at is not None:
        return f"would have fired at {clock(replay.fired_at)}"
    if replay.problem or not replay.judged or replay.missing:
        return "is not known to have fired"
    return "would not have fired"


def contributing_factors(analysis: IncidentAnalysis) -> str:
    """Return the first suspects, changes and components, for people to examine."""
    changes = [
        f"- [ ] {markdown_cell(s.operation)} of "
        f"{markdown_cell(analysis.resources.get(s.event_id, '')) or 'an unnamed resource'} by "
        f"{markdown_cell(s.principal.rpartition('/')[2])} at {clock(s.time)}, with "
        f"{s.confidence.value} confidence\n"
        for s in (analysis.changes or ())[:MOST_SUSPECTS]
    ]
    ranking = analysis.components
    components = [
        f"- [ ] component {markdown_cell(s.component)}: its own excess explains {s.explained:.0%} "
        "of the symptom's\n"
        for s in (ranking.suspects if ranking else ())[:MOST_SUSPECTS]
        if round(s.explained, 2) > 0
    ]
    unsure = [
        *([] if analysis.changes is not None else ["the changes of the account were not read"]),
        *([analysis.unranked] if ranking is None else ranking.reservations),
    ]
    return (
        "".join((*changes, *components))
        + ("Nothing that was read is to suspect.\n" if not changes and not components else "")
        + "".join(f"- unsure: {markdown_text(why)}\n" for why in unsure)
        + f"\nWhat contributed, and how it was shown: {BLANK}\n"
    )
