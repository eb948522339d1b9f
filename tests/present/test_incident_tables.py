"""The tables of an incident's report: what it cost, how it was answered, what the logs say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from opslib.analysis.incident.document import incident_tables, report_incident
from opslib.analysis.incident.phases import response_phases
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.coverage import Coverage, CoverageStatus
from opslib.present.incident import (
    plot_log_errors,
    show_summary,
    tabulate_impact,
    tabulate_log_errors,
    tabulate_response,
    tabulate_suspects,
)
from opslib.present.incident.impact import impact_sentence
from opslib.present.incident.response import done_in, reached_in
from opslib.tables.incident import LogTables
from opslib.tables.log_errors import ERROR_LINES, LOG_ERRORS, LOG_PATTERNS
from tests.analysis.incident.events import at
from tests.analysis.incident.test_conclusions import ACK, ALARM, BACK, CALLS, analysed
from tests.analysis.incident.test_incident_impact import GIVEN
from tests.analysis.incident.test_symptoms import ONSET, RECOVERY, WINDOW
from tests.present.test_incident_draft import no_tables

PLACE = ("production", "us-east-1")
MARKUP = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def incident() -> IncidentAnalysis:
    return analysed(1.0, ALARM, ACK, BACK, parameters=GIVEN, calls=CALLS)


def logs(*told: tuple[str, str, float, float]) -> LogTables:
    """Return group, pattern, minute and errors as tables, with a line of each pattern."""
    patterns = [(*PLACE, group, at(minute), said, errors) for group, said, minute, errors in told]
    lines = [
        (*PLACE, group, at(minute), said, f"{said} {MARKUP}", f"p{minute}")
        for group, said, minute, _ in told
    ]
    return LogTables(
        errors=pd.DataFrame(columns=list(LOG_ERRORS.columns)),
        lines=pd.DataFrame(lines, columns=list(ERROR_LINES.columns)),
        patterns=pd.DataFrame(patterns, columns=list(LOG_PATTERNS.columns)),
    )


def test_the_cost_stands_beside_what_a_rule_would_have_spared(incident: IncidentAnalysis) -> None:
    shown = tabulate_impact(incident).plain
    impact = incident.impact
    assert impact.whole is not None
    assert impact.avoidable is not None
    assert f"Failed | {impact.whole.failed:,.0f} | {impact.avoidable.failed:,.0f}" in shown
    assert f"User-minutes | {impact.whole.user_minutes:,.0f}" in shown
    assert "web | web errors of web requests" in shown


def test_missing_periods_make_the_cost_a_lower_bound(incident: IncidentAnalysis) -> None:
    assert incident.impact.whole is not None
    holes = replace(incident.impact, whole=replace(incident.impact.whole, missing=3))
    assert impact_sentence(holes).startswith("At least ")
    assert "lower bounds" in tabulate_impact(replace(incident, impact=holes)).markup


def test_what_was_not_counted_is_said(incident: IncidentAnalysis) -> None:
    nothing = replace(incident.impact, whole=None, problem="no datapoint was read")
    assert impact_sentence(nothing) == "Requests were not counted: no datapoint was read."
    card = show_summary(
        report_incident(GIVEN, replace(incident, impact=nothing), ()), inline_style=False
    )
    assert "not counted" in card.plain


def test_the_acknowledgement_is_held_against_the_priority(incident: IncidentAnalysis) -> None:
    assert "time to acknowledge | 5 min | 15 min (P1): kept" in tabulate_response(incident, 9).plain
    late = analysed(1.0, ALARM, {**ACK, "At": at(160)}, BACK)
    assert "15 min (P1): missed" in tabulate_response(late, 9).plain
    nobody = analysed(1.0, ALARM, BACK)
    assert "15 min (P1): not known" in tabulate_response(nobody, 9).plain


def test_each_phase_tells_what_it_reached_and_what_was_recorded(
    incident: IncidentAnalysis,
) -> None:
    phases = response_phases(incident.times, incident.window)
    told = [(phase.name, reached_in(incident, phase), done_in(incident, phase)) for phase in phases]
    assert told[1:3] == [
        ("5-15 min", ["acknowledged"], "1 response"),
        ("15-30 min", [], "nothing"),
    ]
    assert told[3][1][0] == "rolled back"
    assert "recovered" in told[3][1][1]
    assert told[3][2] == "1 change"


def test_without_a_detection_there_are_no_phases(incident: IncidentAnalysis) -> None:
    silent = replace(incident, times=replace(incident.times, detection=None))
    assert "there are no phases" in tabulate_response(silent, 9).markup


def test_a_signal_tells_how_much_earlier_it_was(incident: IncidentAnalysis) -> None:
    (line,) = [
        line
        for line in tabulate_response(incident, 9).plain.splitlines()
        if line.startswith("error rate of web")
    ]
    fired = incident.replays[0].fired_at
    detected = incident.times.detection
    assert fired is not None
    assert detected is not None
    assert line.endswith(f"{(detected.earliest - fired).total_seconds() / 60:+.1f} min")
    assert "web errors of web requests in percent above 1" in line


def test_unranked_components_say_why(incident: IncidentAnalysis) -> None:
    unread = analysed(1.0, ALARM)
    assert (
        "not ranked: no calls between components were read" in tabulate_suspects(unread, 9).markup
    )


def test_patterns_that_rose_most_come_first_with_a_line(incident: IncidentAnalysis) -> None:
    often = [("/ecs/web", "usual <n>", minute, 5.0) for minute in range(0, 360, 10)]
    new = [("/ecs/db", "broken <n>", minute, 9.0) for minute in range(130, 230, 10)]
    shown = tabulate_log_errors(logs(*often, *new), incident, (), 9)
    lines = shown.plain.splitlines()
    assert lines[1].startswith("/ecs/db | broken <n> | 90 | 0.0 | ")
    assert lines[2].startswith("/ecs/web | usual <n> | 180 | ")
    assert "first at 14:10 UTC on 1 Mar: broken" in shown.markup
    assert MARKUP not in shown.markup


def test_logs_that_were_not_read_are_no_calm(incident: IncidentAnalysis) -> None:
    assert "were not read" in tabulate_log_errors(None, incident, (), 9).markup
    gap = Coverage(
        table="log errors", asked="all", status=CoverageStatus.DENIED, detail="refused there"
    )
    assert (
        "Not all was read: refused there"
        in tabulate_log_errors(logs(("/ecs/web", "x", 1, 1.0)), incident, (gap,), 9).markup
    )
    assert "none was read" in plot_log_errors(None, incident).layout.title.text


def test_the_figure_adds_up_to_what_was_counted(incident: IncidentAnalysis) -> None:
    told = [(f"/ecs/{n}", f"pattern {n}", 10.0 * n, float(n)) for n in range(1, 10)]
    chart = plot_log_errors(logs(*told), incident)
    minutes = WINDOW.duration / timedelta(minutes=len(chart.data[0].x))
    total = sum(sum(trace.y) for trace in chart.data) * minutes
    assert total == pytest.approx(45, rel=0.01)
    assert len(chart.data) == 7
    assert chart.data[-1].name == "other patterns"


def test_cost_and_reach_are_kept_as_tables(incident: IncidentAnalysis) -> None:
    kept = incident_tables(report_incident(GIVEN, incident, ()), no_tables())
    spans = {row["Span"]: row for row in kept["impact"].to_dict("records")}
    whole, spared = spans["incident"], spans["avoidable"]
    assert whole["Start"] <= ONSET
    assert whole["End"] >= RECOVERY
    assert whole["BurnedMinutes"] > spared["BurnedMinutes"]
    states = dict(zip(kept["affected"]["Component"], kept["affected"]["State"], strict=True))
    assert states == {"web": "affected", "db": "affected", "idle": "unaffected"}
    quiet = incident_tables(report_incident(GIVEN, analysed(0.0), ()), no_tables())
    assert quiet["impact"].empty
    assert set(quiet["affected"]["State"]) == {"unaffected"}
