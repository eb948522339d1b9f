"""Exploring an incident: filters, the list, and marks that are kept in the incident's file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import plotly.graph_objects as go
import pytest

from opslib.analysis.incident.event_filter import marked_events
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.errors import ParameterError
from opslib.parameters.incident_file import IncidentFile, format_incident, load_incident
from opslib.people.incident_annotations import IncidentAnnotations
from opslib.present.incident.explore import LISTED, TimelineExplorer, explore_timeline
from opslib.present.incident.tables import tabulate_events
from tests.analysis.incident.events import event
from tests.analysis.incident.test_conclusions import ACK, ALARM, BACK, FILE, analysed


@pytest.fixture(scope="module")
def incident() -> IncidentAnalysis:
    return analysed(1.0, ALARM, ACK, BACK, event(7, "h", Source="csv", Summary="<script>x"))


@pytest.fixture
def kept(tmp_path: Path, incident: IncidentAnalysis) -> IncidentAnnotations:
    path = tmp_path / "shop.yaml"
    path.write_text("# by hand\n" + format_incident(FILE), encoding="utf-8")
    return IncidentAnnotations(path, incident.window, "shop")


@pytest.fixture
def explorer(incident: IncidentAnalysis, kept: IncidentAnnotations) -> TimelineExplorer:
    return TimelineExplorer(incident, (), kept)


def drawn(explorer: TimelineExplorer) -> int:
    marks = [trace for trace in explorer.panel.figure.data if trace.customdata is not None]
    return sum(len(trace.x) for trace in marks if trace.name != "starred")


def offered(explorer: TimelineExplorer) -> list[str]:
    return [event_id for _, event_id in explorer.marks.event.options if event_id]


def test_headless_it_is_the_figure(incident: IncidentAnalysis, kept: IncidentAnnotations) -> None:
    kept.path.unlink()
    shown = explore_timeline(incident, (), kept, headless=True)
    assert isinstance(shown, go.Figure)
    assert not kept.path.exists()


def test_filters_narrow_the_figure_the_list_and_the_choice(explorer: TimelineExplorer) -> None:
    assert drawn(explorer) == len(offered(explorer)) == 4
    explorer.source.value = ("alarms", "pagerduty")
    assert drawn(explorer) == len(offered(explorer)) == 2
    assert "2 events of 4 in view" in explorer.list.value
    explorer.words.value = "acknowledge"
    assert len(offered(explorer)) == 1
    explorer.panel.reset.click()
    assert len(offered(explorer)) == 4
    explorer.actor.value = "ADA"
    assert len(offered(explorer)) == 1


def test_a_zoom_narrows_the_list_and_reset_widens_it_again(explorer: TimelineExplorer) -> None:
    explorer.panel.figure.update_xaxes(range=["2026-03-01 14:00", "2026-03-01 14:08"])
    assert len(offered(explorer)) == 1
    assert "alarm" in explorer.list.value
    explorer.panel.reset.click()
    assert len(offered(explorer)) == 4


def test_text_from_outside_is_no_markup(explorer: TimelineExplorer) -> None:
    assert "<script>" not in explorer.list.value
    assert "&lt;script&gt;x" in explorer.list.value
    assert any(
        "&lt;script&gt;x" in t.text[0] for t in explorer.panel.figure.data if t.text is not None
    )


def test_a_star_and_a_note_are_kept_and_shown(
    explorer: TimelineExplorer, kept: IncidentAnnotations
) -> None:
    chosen = offered(explorer)[1]
    explorer.marks.event.value = chosen
    explorer.marks.star.click()
    explorer.marks.note.value = " <b>why?</b> "
    explorer.marks.save.click()
    file = load_incident(kept.path)
    assert (file.stars, file.notes) == ((chosen,), {chosen: "<b>why?</b>"})
    assert "★ " in explorer.list.value
    assert "[&lt;b&gt;why?&lt;/b&gt;]" in explorer.list.value
    assert [list(t.customdata) for t in explorer.panel.figure.data if t.name == "starred"] == [
        [chosen]
    ]
    explorer.marked.value = True
    assert offered(explorer) == [chosen]
    explorer.marks.star.click()
    explorer.marks.note.value = ""
    explorer.marks.save.click()
    assert load_incident(kept.path) == FILE


def test_nothing_can_be_marked_before_an_event_is_chosen(explorer: TimelineExplorer) -> None:
    assert explorer.marks.star.disabled
    explorer.marks.event.value = offered(explorer)[0]
    assert not explorer.marks.star.disabled


def test_what_was_typed_stays_with_its_event(explorer: TimelineExplorer) -> None:
    first, second = offered(explorer)[:2]
    explorer.marks.event.value = first
    explorer.marks.note.value = "half a sent"
    explorer.marks.event.value = second
    assert explorer.marks.note.value == ""
    explorer.kind.value = ("detection",)
    explorer.marks.star.click()
    explorer.panel.reset.click()
    explorer.marks.event.value = first
    assert explorer.marks.note.value == "half a sent"


def test_a_note_survives_that_somebody_else_wrote_meanwhile(
    explorer: TimelineExplorer, kept: IncidentAnnotations, incident: IncidentAnalysis
) -> None:
    chosen, other = offered(explorer)[:2]
    theirs = IncidentAnnotations(kept.path, incident.window, "shop")
    theirs.reload()
    theirs.save(chosen, is_starred=False, note="theirs")
    theirs.save(other, is_starred=True, note="")
    explorer.marks.event.value = chosen
    explorer.marks.note.value = "mine"
    explorer.marks.save.click()
    assert "altered meanwhile" in explorer.marks.status.text
    assert load_incident(kept.path).notes == {chosen: "theirs"}
    assert explorer.marks.note.value == "mine"
    explorer.marks.reload.click()
    assert explorer.marks.note.value == "theirs\nmine"
    explorer.marks.save.click()
    file = load_incident(kept.path)
    assert (file.stars, file.notes) == ((other,), {chosen: "theirs\nmine"})


def test_a_file_that_cannot_be_read_is_told(
    incident: IncidentAnalysis, kept: IncidentAnnotations
) -> None:
    kept.path.write_text("stars: [\n", encoding="utf-8")
    explorer = TimelineExplorer(incident, (), kept)
    assert "shop.yaml:" in explorer.marks.status.text
    explorer.marks.event.value = offered(explorer)[0]
    explorer.marks.star.click()
    assert "altered meanwhile" in explorer.marks.status.text
    with pytest.raises(ParameterError):
        load_incident(kept.path)


def test_without_a_file_it_says_which_one_it_will_make(tmp_path: Path) -> None:
    analysis = analysed(1.0, ALARM)
    kept = IncidentAnnotations(
        tmp_path / "2026-03-01-1200.yaml", analysis.window, "2026-03-01-1200"
    )
    explorer = TimelineExplorer(replace(analysis, file=None), (), kept)
    said = explorer.marks.status.text
    assert "will make the file" in said
    assert "2026-03-01-1200.yaml" in said
    assert "incident=2026-03-01-1200" in said
    explorer.marks.event.value = offered(explorer)[0]
    explorer.marks.star.click()
    assert load_incident(kept.path).stars == (offered(explorer)[0],)


def test_a_long_list_says_how_much_of_it_is_shown(
    kept: IncidentAnnotations,
) -> None:
    many = [event(n % 300, f"c{n}") for n in range(LISTED + 50)]
    explorer = TimelineExplorer(analysed(0.0, *many), (), kept)
    assert len(offered(explorer)) == LISTED
    assert f"the first {LISTED} of them listed" in explorer.list.value


def test_the_report_shows_stars_notes_and_marks_whose_events_are_gone(
    incident: IncidentAnalysis,
) -> None:
    long = "x" * 200
    chosen = incident.timeline["EventId"].iloc[-1]
    file = IncidentFile(
        start=FILE.start, end=FILE.end, stars=(chosen,), notes={chosen: long, "gone": "<b>kept"}
    )
    timeline = marked_events(incident.timeline, file)
    marked = replace(incident, file=file, timeline=timeline)
    shown = tabulate_events(marked, 1)
    assert f"[{long}]" in shown.markup
    assert "★" in shown.markup
    assert "&lt;b&gt;kept" in shown.markup
