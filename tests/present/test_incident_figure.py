"""The figure of an incident: lanes, gaps, panels and phases on one time axis."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go
import pytest

from opslib.analysis.incident.alarm_limits import AlarmLimit
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.coverage import Coverage, CoverageStatus
from opslib.present.incident.figure import plot_timeline
from opslib.present.incident.lanes import MOST_DRAWN
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from tests.analysis.incident.events import at, event
from tests.analysis.incident.test_conclusions import ACK, ALARM, BACK, analysed

KINDS = {kind.value for kind in EventKind}
DENIED = Coverage(
    table="guardduty events", asked="all", status=CoverageStatus.DENIED, detail="<b>refused</b>"
)


@pytest.fixture(scope="module")
def incident() -> IncidentAnalysis:
    return analysed(1.0, ALARM, ACK, BACK)


def named(chart: go.Figure, name: str) -> list[go.Scatter]:
    return [trace for trace in chart.data if trace.name == name]


def span(gap: go.Scatter) -> TimeWindow:
    ends = [pd.Timestamp(x, tz="UTC").to_pydatetime() for x in (min(gap.x), max(gap.x))]
    return TimeWindow(start=ends[0], end=ends[1])


def metric_lines(chart: go.Figure) -> list[go.Scatter]:
    return [
        t
        for t in chart.data
        if isinstance(t, go.Scatter) and t.mode == "lines" and t.name != "not seen"
    ]


def test_a_source_that_was_denied_has_a_lane_hatched_over_the_window(
    incident: IncidentAnalysis,
) -> None:
    chart = plot_timeline(incident, [DENIED])
    lanes = list(chart.layout.yaxis.ticktext)
    assert lanes == ["response", "alarms", "cloudtrail", "guardduty", "pagerduty"]
    (gap,) = named(chart, "not seen")
    assert gap.fillpattern.shape == "/"
    assert gap.showlegend
    assert (min(gap.y) + max(gap.y)) / 2 == pytest.approx(lanes.index("guardduty"))
    assert span(gap) == incident.window
    assert gap.text == "not seen: denied: &lt;b&gt;refused&lt;/b&gt;"


def test_every_panel_is_on_the_time_axis_of_the_lanes(incident: IncidentAnalysis) -> None:
    chart = plot_timeline(incident, ())
    lines = metric_lines(chart)
    assert lines
    assert {trace.xaxis for trace in chart.data} == {None}, "one axis: a zoom moves all"
    assert chart.layout.xaxis.title.text == "time (UTC)"
    assert incident.symptom is not None
    assert lines[0].name == incident.symptom.name
    panels = [chart.layout[name] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert panels[0].domain[0] >= panels[1].domain[1] > panels[1].domain[0] >= panels[2].domain[1]


def test_values_have_six_digits_at_most(incident: IncidentAnalysis) -> None:
    chart = plot_timeline(incident, ())
    values = [y for trace in metric_lines(chart) for y in trace.y if y is not None]
    assert values
    assert all(value == float(f"{value:.6g}") for value in values)


def test_a_metric_that_is_silent_is_hatched(incident: IncidentAnalysis) -> None:
    shown = incident.symptom
    assert shown is not None
    silent = shown.points[(shown.points.index < at(200)) | (shown.points.index >= at(260))]
    missing = replace(shown, points=silent)
    analysis = replace(incident, symptom=missing, shown=(missing,))
    (gap,) = named(plot_timeline(analysis, ()), "not seen")
    assert (gap.yaxis, gap.text) == ("y2", "not seen: no datapoints")
    assert span(gap) == TimeWindow(start=at(200), end=at(260))


def test_a_metric_without_any_datapoint_is_hatched_over_the_window(
    incident: IncidentAnalysis,
) -> None:
    shown = incident.shown[0]
    nothing = replace(shown, points=shown.points[:0])
    chart = plot_timeline(replace(incident, symptom=None, shown=(nothing,)), ())
    (gap,) = named(chart, "not seen")
    assert span(gap) == incident.window
    assert chart.layout.yaxis2.range == (0.0, 1.0)


def test_a_silent_metric_has_a_panel_though_nothing_is_known_of_it(
    incident: IncidentAnalysis,
) -> None:
    quiet = next(one for one in incident.shown if one.symptom.onset is None)
    silent = replace(quiet, points=quiet.points[quiet.points.index < at(200)])
    left = [one for one in incident.shown if one.symptom.onset is not None]
    many = [replace(left[-1], name=f"left {number}") for number in range(5)]
    chart = plot_timeline(replace(incident, shown=(silent, *left, *many)), ())
    lines = [line.name for line in metric_lines(chart)]
    assert len(lines) == 4
    assert lines[-1] == quiet.name
    assert incident.symptom is not None
    assert lines[0] == incident.symptom.name


def test_the_limit_of_an_alarm_is_dotted_and_within_its_panel(incident: IncidentAnalysis) -> None:
    assert incident.symptom is not None
    limit = AlarmLimit(alarm="slow", limit=1e6)
    chart = plot_timeline(replace(incident, limits={incident.symptom.name: (limit,)}), ())
    (line,) = named(chart, "limit of an alarm")
    assert line.line.dash == "dot"
    assert set(line.y) == {1e6}
    assert chart.layout.yaxis2.range[1] > 1e6
    assert "alarm slow" in line.hovertemplate


def test_phases_are_shaded_and_named_in_the_legend(incident: IncidentAnalysis) -> None:
    shapes = plot_timeline(incident, ()).layout.shapes
    assert [shape.name for shape in shapes][:2] == [
        "onset to detection",
        "detection to acknowledgement",
    ]
    assert all(shape.showlegend and shape.yref == "paper" for shape in shapes)
    assert len({shape.fillcolor for shape in shapes}) == len(shapes)
    quiet = plot_timeline(analysed(0.0), ())
    assert quiet.layout.shapes == ()


def test_of_many_events_rare_ones_stars_and_notes_are_all_drawn(
    incident: IncidentAnalysis,
) -> None:
    many = [event(n % 600, f"c{n}", Kind="context") for n in range(20_000)]
    analysis = analysed(1.0, ALARM, ACK, BACK, *many)
    timeline = analysis.timeline
    plenty = timeline.index[timeline["Kind"] == "context"]
    timeline.loc[plenty[77], "IsStarred"] = True
    timeline.loc[plenty[78], "Note"] = "this one"
    chart = plot_timeline(analysis, ())
    drawn = [name for t in chart.data if t.name in KINDS for name in t.customdata]
    assert MOST_DRAWN - 10 <= len(drawn) <= MOST_DRAWN + 2
    rare = timeline[timeline["Kind"] != "context"]["EventId"]
    assert set(rare) | set(timeline.loc[plenty[77:79], "EventId"]) <= set(drawn)
    assert list(named(chart, "starred")[0].customdata) == [timeline.loc[plenty[77], "EventId"]]
    assert f"{len(drawn):,} of 20,003 events drawn" in chart.layout.title.text
    spread = pd.Series([pd.Timestamp(x) for x in named(chart, "context")[0].x])
    assert spread.max() - spread.min() > pd.Timedelta(hours=9.5)


def test_lanes_stay_where_they_are_when_events_are_filtered(incident: IncidentAnalysis) -> None:
    some = incident.timeline[incident.timeline["Source"] == "alarms"]
    chart = plot_timeline(incident, (), some)
    assert list(chart.layout.yaxis.ticktext) == list(
        plot_timeline(incident, ()).layout.yaxis.ticktext
    )
    assert sum(len(trace.x) for trace in chart.data if trace.name in KINDS) == len(some)


def test_text_from_outside_stays_text() -> None:
    told = event(5, "x", Summary="<b>x</b>", Actor="<i>", Source="csv")
    analysis = analysed(1.0, told)
    marks = [trace for trace in plot_timeline(analysis, ()).data if trace.name in KINDS]
    assert marks[0].text[0] == "&lt;b&gt;x&lt;/b&gt;<br>&lt;i&gt;"
