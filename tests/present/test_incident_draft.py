"""The draft of an incident's report, and the files that are written beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from opslib.analysis.incident.document import IncidentReport, incident_tables, report_incident
from opslib.analysis.incident.moments import Moment
from opslib.coverage import Coverage, CoverageStatus
from opslib.present.incident import export_files, link_exports
from opslib.present.incident.draft import draft_report, due_times
from opslib.present.markdown import BLANK, markdown_text
from opslib.run_folder import RunFolder
from opslib.runner.manifest import hash_files
from opslib.runner.results import record_results
from opslib.tables.incident import IncidentTables
from tests.analysis.incident.events import at, event
from tests.analysis.incident.test_conclusions import ACK, ALARM, BACK, CALLS, FILE, analysed
from tests.analysis.incident.test_incident_impact import GIVEN

HOSTILE = "<img src=x onerror=alert(1)> | [x](http://evil.example) @everyone"
GAP = Coverage(
    table="guardduty events", asked="all", status=CoverageStatus.DENIED, detail=f"refused {HOSTILE}"
)


@pytest.fixture(scope="module")
def report() -> IncidentReport:
    said = FILE.model_copy(update={"title": f"Checkout fails {HOSTILE}"})
    bad = event(118, "x", Summary=HOSTILE, Actor=HOSTILE, Kind="response")
    analysis = analysed(1.0, ALARM, ACK, BACK, bad, parameters=GIVEN, file=said, calls=CALLS)
    return report_incident(GIVEN, analysis, (GAP,))


def test_it_has_the_sections_of_a_post_mortem(report: IncidentReport) -> None:
    lines = draft_report(report).splitlines()
    assert [line[3:] for line in lines if line.startswith("## ")] == [
        "Summary",
        "Impact",
        "Timeline",
        "Detection",
        "Response and recovery",
        "Contributing factors to examine",
        "What went well",
        "What went badly",
        "Where we were lucky",
        "Lessons",
        "Action items",
        "What was not seen",
    ]


def test_it_tells_what_was_computed_and_marks_what_people_must_write(
    report: IncidentReport,
) -> None:
    text = draft_report(report)
    whole = report.analysis.impact.whole
    assert whole is not None
    assert f"| Requests | {whole.requests:,.0f} |" in text
    for one in report.conclusions:
        assert f"**{one.question}** ({one.verdict.value}) {markdown_text(one.sentence)}" in text
        assert all(f"not known: {markdown_text(why)}" in text for why in one.because)
    assert "| time to acknowledge | 5 min | 15 min (P1): kept |" in text
    assert "| 0-5 min |" in text
    assert "| 30+ min |" in text
    assert "error rate of web above 1 % would have fired at" in text
    assert "guardduty events: denied, refused" in text
    assert text.count(BLANK) > 25


def test_it_says_the_same_again(report: IncidentReport) -> None:
    assert draft_report(report) == draft_report(report)


def test_it_is_due_after_the_recovery_else_after_the_detection(report: IncidentReport) -> None:
    analysis = report.analysis
    assert analysis.times.recovery is not None
    assert due_times(analysis) == tuple(
        analysis.times.recovery.earliest + timedelta(hours=hours) for hours in (24, 48)
    )
    noticed = Moment(earliest=at(10), latest=at(11))
    going = replace(analysis, times=replace(analysis.times, recovery=None, detection=noticed))
    due = due_times(going)
    assert due is not None
    assert due[0] == at(10 + 24 * 60)
    nothing = replace(going, times=replace(going.times, onset=None, detection=None))
    assert due_times(nothing) is None


def test_text_from_outside_is_neither_markup_nor_link(report: IncidentReport) -> None:
    for name, text in export_files(report).items():
        if name.endswith(".md"):
            assert "<img" not in text.replace("\\<", "")
            assert "](http" not in text.replace("\\]", "")
            assert "http://" not in text
            assert " @everyone" not in text
            assert "\\<img src=x" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# title", "\\# title"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("3.2%", "3.2%"),
        ("shop-web 16:30", "shop-web 16:30"),
        ("see http://x.example/a_b", "see http:\\/\\/x.example/a\\_b"),
        ("a\nb\x1b[31m", "a b\N{REPLACEMENT CHARACTER}\\[31m"),
        ("&lt;b&gt;", "\\&lt;b\\&gt;"),
    ],
)
def test_markdown_text_is_shown_as_it_is(text: str, shown: str) -> None:
    assert markdown_text(text) == shown


def test_a_quiet_day_and_nothing_at_all_have_a_draft() -> None:
    quiet = report_incident(GIVEN, analysed(0.0), ())
    assert "Requests were not counted: no onset of a symptom was found." in draft_report(quiet)
    blind = replace(quiet.analysis, shown=(), signals=(), timeline=quiet.analysis.timeline.iloc[:0])
    text = draft_report(report_incident(GIVEN, blind, ()))
    assert "No metric of latency, errors or availability was read." in text
    assert "0 of 0 events" in text


def test_the_files_are_written_listed_and_linked(report: IncidentReport, tmp_path: Path) -> None:
    run = RunFolder(path=tmp_path)
    tables = incident_tables(report, no_tables())
    record_results(run, report.document(), tables, export_files(report))
    listed = hash_files(tmp_path)
    for path in ("incident_report.md", "timeline.md", "timeline.jsonl"):
        assert f"exports/{path}" in listed
    linked = [part.split('"')[0] for part in link_exports().markup.split('href="')[1:]]
    assert linked
    assert all(path in listed for path in linked)


def test_the_timeline_is_whole_in_every_export(report: IncidentReport, tmp_path: Path) -> None:
    timeline = report.analysis.timeline
    files = export_files(report)
    lines = [json.loads(line) for line in files["timeline.jsonl"].splitlines()]
    assert [line["event_id"] for line in lines] == timeline["EventId"].tolist()
    assert files["timeline.md"].count("\n") == len(timeline) + 2
    record_results(RunFolder(path=tmp_path), report.document(), {"timeline": timeline}, files)
    kept = pd.read_parquet(tmp_path / "tables" / "timeline.parquet")
    assert kept["EventId"].tolist() == timeline["EventId"].tolist()
    assert len(pd.read_csv(tmp_path / "tables" / "timeline.csv")) == len(timeline)


def test_a_secret_in_an_export_is_taken_out_and_each_line_is_json_still() -> None:
    secret = "AKIA" + "ABCDEFGHIJKLMNOP"
    said = event(130, "s", Summary=f'{{"url": "ftp://ada:hunter2@x/", "key": "{secret}"}}')
    told = report_incident(GIVEN, analysed(0.0, {**said, "Kind": "response"}), ())
    files = export_files(told)
    assert all(secret not in text and "hunter2" not in text for text in files.values())
    assert len([json.loads(line) for line in files["timeline.jsonl"].splitlines()]) == 1


def no_tables() -> IncidentTables:
    empty = pd.DataFrame()
    return IncidentTables(events=(), series=empty, datapoints=empty, calls=empty)
