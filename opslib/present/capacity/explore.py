"""Supposing in JupyterLab: sliders for growth, launch, headroom, target, lead time, a lost zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from opslib.analysis.capacity.document import CapacityReport
from opslib.analysis.capacity.walls.what_if import MovedWall, WhatIf, move_walls
from opslib.analysis.capacity.walls.wording import distinct_words
from opslib.present.capacity.times import DatedWall, plot_times
from opslib.present.capacity.walls import write_days
from opslib.present.html import Column, Html, table
from opslib.present.theme import TOTAL
from opslib.wording import day as write_day

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["CapacityExplorer", "explore_capacity"]

WIDE = {"description_width": "150px"}
LAYOUT = {"width": "440px"}


def explore_capacity(report: CapacityReport, *, headless: bool) -> go.Figure | ipywidgets.Widget:
    """Return the sliders with what follows them, or the figure when nobody is there to move them.

    Args:
        report: the analysis.
        headless: nobody is there.
    """
    if headless:
        return plot_times(_as_forecast(report), report.parameters.as_of.date(), _horizon(report))
    return CapacityExplorer(report).view


def _horizon(report: CapacityReport) -> int:
    return report.parameters.horizon_days


def _as_forecast(report: CapacityReport) -> list[DatedWall]:
    return [(one, one.full, one.act_by) for one in report.analysis.limits if one.full is not None]


class CapacityExplorer:
    """The sliders, and the figure and the ranked table that follow them.

    Args:
        report: the analysis.
    """

    def __init__(self, report: CapacityReport) -> None:
        import ipywidgets  # noqa: PLC0415  0.2 s that a headless run does not need

        self._report = report
        self.growth = ipywidgets.FloatSlider(
            value=0, min=-20, max=50, step=1, description="Growth, % a month"
        )
        self.launch = ipywidgets.FloatSlider(
            value=1, min=0.5, max=5, step=0.1, description="Launch multiplies by"
        )
        self.headroom = ipywidgets.FloatSlider(
            value=0, min=0, max=60, step=5, description="Headroom, % free"
        )
        self.target = ipywidgets.FloatSlider(
            value=100, min=30, max=100, step=5, description="CPU, memory full at %"
        )
        self.lead = ipywidgets.IntSlider(
            value=-1, min=-1, max=90, description="Lead days (-1: by kind)"
        )
        self.lost = ipywidgets.Checkbox(description="one zone is lost (CPU, memory)", indent=False)
        self.reset = ipywidgets.Button(description="Reset")
        self.figure = go.FigureWidget()
        self.list = ipywidgets.HTML()
        self._is_resetting = False
        for slider in self._sliders():
            slider.style, slider.layout = WIDE, LAYOUT
        for control in (*self._sliders(), self.lost):
            control.observe(lambda _change: self._show(), names="value")
        self.reset.on_click(lambda _button: self._start_again())
        self._show()
        left = ipywidgets.VBox([self.growth, self.launch, self.lost])
        right = ipywidgets.VBox([self.headroom, self.target, self.lead, self.reset])
        controls = ipywidgets.HBox([left, right], layout={"flex_flow": "row wrap"})
        self.view = ipywidgets.VBox([controls, self.figure, self.list])

    def _sliders(self) -> tuple[ipywidgets.Widget, ...]:
        return (self.growth, self.launch, self.headroom, self.target, self.lead)

    @property
    def supposed(self) -> WhatIf:
        """Return what the sliders say."""
        return WhatIf(
            growth_percent_a_month=self.growth.value,
            launch_multiplier=self.launch.value,
            headroom_percent=self.headroom.value,
            target_percent=self.target.value if self.target.value < self.target.max else None,
            lead_days=None if self.lead.value < 0 else float(self.lead.value),
            loses_zone=self.lost.value,
        )

    def _start_again(self) -> None:
        self._is_resetting = True
        self.growth.value, self.launch.value, self.headroom.value = 0, 1, 0
        self.target.value, self.lead.value, self.lost.value = self.target.max, -1, False
        self._is_resetting = False
        self._show()

    def _show(self) -> None:
        if self._is_resetting:
            return
        moved = move_walls(self._report.analysis.limits, self.supposed)
        walls: list[DatedWall] = [(one.limit, one.full, one.act_by) for one in moved]
        drawn = plot_times(walls, self._report.parameters.as_of.date(), _horizon(self._report))
        with self.figure.batch_update():
            self.figure.data = ()
            self.figure.add_traces(drawn.data)
            self.figure.update_layout(drawn.layout, overwrite=True)
            self.figure.update_layout(autosize=True, font={"color": TOTAL})
        self.list.value = tabulate_moved(moved, self._report).markup


def tabulate_moved(moved: tuple[MovedWall, ...], report: CapacityReport) -> Html:
    """Return the limits under a supposition, beside what was forecast."""
    names = distinct_words([one.limit for one in moved])
    rows = [
        (
            names[one.limit],
            f"{one.full.percent:g} %",
            write_days(one.limit, one.full),
            write_days(one.limit, one.limit.full),
            write_day(one.act_by) if one.act_by else "",
        )
        for one in moved[: report.parameters.top]
    ]
    columns = [
        Column("Limit"),
        Column("Full at", "figure"),
        Column("Days, supposed", "figure"),
        Column("Days, forecast", "figure"),
        Column("Act by", "figure"),
    ]
    return table(columns, rows, caption="What runs out then, the earliest first")
