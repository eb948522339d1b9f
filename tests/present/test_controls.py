"""What all controls in notebooks have in common: labels, reset, status line, errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import ipywidgets
import pytest

from opslib.analysis.capacity.document import report_capacity
from opslib.analysis.capacity.report import analyse_capacity
from opslib.errors import ParameterError
from opslib.people.incident_annotations import IncidentAnnotations
from opslib.present.capacity.explore import CapacityExplorer
from opslib.present.controls import ControlPanel, PanelPage, labelled
from opslib.present.cost.explore import CostExplorer
from opslib.present.incident.explore import MOST_STEPS, TimelineExplorer, _moments
from opslib.present.savings.commitments import CommitmentExplorer
from opslib.present.savings.explore import RecommendationExplorer
from opslib.present.status_line import INTERRUPTED, StatusLine
from opslib.timewindow import TimeWindow
from tests.analysis.capacity.estates import by_day, estate, parameters
from tests.analysis.cost.bills import make_bill, steady
from tests.analysis.cost.reports import FIRST, YESTERDAY
from tests.analysis.cost.reports import report_on as costs_of
from tests.analysis.incident.test_conclusions import ACK, ALARM, BACK, analysed
from tests.analysis.savings.commitments.hours import METER, rates_of, used
from tests.analysis.savings.commitments.hours import tables_of as hours_of
from tests.analysis.savings.reports import report_on as savings_of
from tests.analysis.savings.test_advice import OWNERS, VOLUMES
from tests.present.savings.test_commitments import report_of as commitments_of

RATES = ("compute-savings-plan", "", METER, "0.7")
MEASURES = ("%", "days", "USD", "UTC", "times")


def explore_a_bill(_folder: Path) -> CostExplorer:
    other = steady(FIRST, YESTERDAY, service="Amazon S3")
    return CostExplorer(costs_of(make_bill([*steady(FIRST, YESTERDAY), *other])))


def explore_limits(_folder: Path) -> CapacityExplorer:
    chosen = parameters(horizon_days=90)
    tables = estate({"api": by_day([30 + day * 0.2 for day in range(200)])})
    return CapacityExplorer(report_capacity(chosen, analyse_capacity(chosen, tables), []))


def explore_savings(_folder: Path) -> RecommendationExplorer:
    return RecommendationExplorer(savings_of(VOLUMES, owners=OWNERS))


def explore_commitments(_folder: Path) -> CommitmentExplorer:
    report = commitments_of(hours_of(used(range(60 * 24)), rates_of(RATES)))
    return CommitmentExplorer(report.backtest.tried, report)


def explore_an_incident(folder: Path) -> TimelineExplorer:
    analysis = analysed(1.0, ALARM, ACK, BACK)
    kept = IncidentAnnotations(folder / "shop.yaml", analysis.window, "shop")
    return TimelineExplorer(analysis, (), kept)


Explorer = (
    CostExplorer | CapacityExplorer | RecommendationExplorer | CommitmentExplorer | TimelineExplorer
)
ALL: list[Callable[[Path], Explorer]] = [
    explore_a_bill,
    explore_limits,
    explore_savings,
    explore_commitments,
    explore_an_incident,
]


def inside(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    """Return what a widget holds, in the order of the page, which is that of tab stops."""
    below = [one for child in getattr(widget, "children", ()) for one in inside(child)]
    return below or [widget]


def moved(control: ipywidgets.Widget) -> Any:
    """Return a value that the control does not have."""
    if isinstance(control, ipywidgets.Checkbox):
        return not control.value
    if isinstance(control, ipywidgets.SelectMultiple):
        return control.options[:1]
    if isinstance(control, ipywidgets.SelectionRangeSlider):
        values = [value for _, value in control.options]
        return (values[0], values[-2])
    if isinstance(control, ipywidgets.Dropdown):
        values = [one[1] if isinstance(one, tuple) else one for one in control.options]
        return next((value for value in values if value != control.value), control.value)
    if isinstance(control, ipywidgets.Text):
        return "a"
    return control.min if control.value != control.min else control.max


@pytest.mark.parametrize("explore", ALL)
def test_controls_follow_one_set_of_conventions(
    explore: Callable[[Path], Explorer], tmp_path: Path
) -> None:
    explorer = explore(tmp_path)
    panel, shown = explorer.panel, inside(explorer.view)
    assert "ops-controls" in explorer.view._dom_classes
    assert [one for one in shown if one in panel.controls] == list(panel.controls)
    assert panel.reset in shown
    assert panel.status.text
    assert not panel.status.is_error
    for one in shown:
        if one.has_trait("description") and not isinstance(one, ipywidgets.HTML):
            assert one.description
            assert one.tooltip
        if one.has_trait("continuous_update"):
            assert not one.continuous_update
        if isinstance(one, ipywidgets.Dropdown):
            assert one.index is not None, "JupyterLab would show an empty list"
        if "Slider" in type(one).__name__:
            assert any(unit in one.description for unit in MEASURES), one.description


@pytest.mark.parametrize("explore", ALL)
def test_reset_brings_the_beginning_back(
    explore: Callable[[Path], Explorer], tmp_path: Path
) -> None:
    panel = explore(tmp_path).panel
    said, before = panel.status.text, [one.value for one in panel.controls]
    for control in panel.controls:
        control.value = moved(control)
        assert not panel.status.is_error, panel.status.text
    assert [one.value for one in panel.controls] != before
    panel.reset.click()
    assert [one.value for one in panel.controls] == before
    assert panel.status.text == said


@pytest.mark.parametrize("explore", [explore_a_bill, explore_limits, explore_commitments])
def test_a_page_that_is_ready_gets_the_figure_as_it_is_by_then(
    explore: Callable[[Path], Explorer], tmp_path: Path
) -> None:
    explorer = explore(tmp_path)
    panel = explorer.panel
    assert panel.figure.comm is None
    assert panel.figure not in inside(explorer.view)
    panel.controls[0].value = moved(panel.controls[0])
    (page,) = [one for one in inside(explorer.view) if isinstance(one, PanelPage)]
    for _ in range(2):  # a page that is loaded again says so again
        page._handle_custom_msg({"is_ready": True}, [])
        assert panel.figure in inside(explorer.view)
    sent = panel.figure.get_state()
    drawn = panel.figure.to_plotly_json()
    assert [one["uid"] for one in sent["_widget_data"]] == [one["uid"] for one in drawn["data"]]
    assert sent["_widget_layout"]["title"] == drawn["layout"]["title"]


def test_a_status_line_shows_text_and_never_markup() -> None:
    status = StatusLine()
    status.say("<script>x</script>")
    assert "<script" not in status.value
    status.fail("<b>AKIA</b>")
    assert "<b>" not in status.value
    assert 'role="alert"' in status.value


def test_an_error_is_said_on_one_line_and_the_next_success_takes_it_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    errors: list[BaseException] = [
        ParameterError("no such\nfile", where="shop.yaml", remedy="Name another."),
        ZeroDivisionError("division by zero"),
        KeyboardInterrupt(),
    ]

    def show() -> str:
        if errors:
            raise errors.pop(0)
        return "all is shown"

    control = labelled(ipywidgets.IntSlider(), "Growth, %", "What to add")
    panel = ControlPanel([control], show)
    said = []
    with caplog.at_level(logging.CRITICAL, logger="opslib.present.status_line"):
        for value in range(1, 5):
            control.value = value
            said.append((panel.status.is_error, panel.status.text))
            assert not panel.status.is_busy
    assert said == [
        (True, "no such file [shop.yaml]. Name another."),
        (True, "ZeroDivisionError: division by zero"),
        (True, INTERRUPTED),
        (False, "all is shown"),
    ]


def test_an_error_of_an_action_inside_another_is_not_overwritten() -> None:
    status = StatusLine()

    def inner() -> str:
        assert status.is_busy
        raise ParameterError("it failed")

    def outer() -> str:
        status.watch(inner)
        return "fine"

    status.watch(outer)
    assert (status.is_error, status.text) == (True, "it failed")


def test_the_time_slider_is_the_keyboards_way_to_zoom(tmp_path: Path) -> None:
    explorer = explore_an_incident(tmp_path)
    everything = explorer.list.value
    moments = [moment for _, moment in explorer.time.options]
    explorer.time.value = (moments[0], moments[1])
    assert explorer.list.value != everything
    assert explorer._span == TimeWindow(start=moments[0], end=moments[1])
    dragged = (moments[2] + timedelta(seconds=1), moments[3])
    explorer.panel.figure.update_xaxes(range=[f"{one:%Y-%m-%d %H:%M:%S}" for one in dragged])
    assert explorer.time.value == (moments[2], moments[3])
    assert cast("Any", explorer._span).start == moments[2] + timedelta(seconds=1)
    explorer.panel.reset.click()
    assert explorer.list.value == everything


@pytest.mark.parametrize("hours", [1, 5, 24, 24 * 14, 24 * 400])
def test_the_time_slider_has_few_stops_and_both_ends_among_them(hours: int) -> None:
    start = analysed(1.0, ALARM).window.start
    window = TimeWindow(start=start, end=start + timedelta(hours=hours, minutes=7))
    moments = [moment for _, moment in _moments(window)]
    assert (moments[0], moments[-1]) == (window.start, window.end)
    assert moments == sorted(set(moments))
    assert len(moments) <= MOST_STEPS + 2
