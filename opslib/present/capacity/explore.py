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
from opslib.wording import count
from opslib.wording import day as write_day

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["CapacityExplorer", "explore_capacity"]


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

        from opslib.present import controls  # noqa: PLC0415

        self._report = report
        self._moved: tuple[MovedWall, ...] = ()
        labelled = controls.labelled
        self.growth = labelled(
            ipywidgets.FloatSlider(value=0, min=-20, max=50, step=1, readout_format=".0f"),
            "Growth, % a month",
            "Growth to add to what history shows",
        )
        self.launch = labelled(
            ipywidgets.FloatSlider(value=1, min=0.5, max=5, step=0.1, readout_format=".1f"),
            "Launch, times the demand",
            "What a launch multiplies demand by, from the day of the report on",
        )
        self.lost = labelled(
            ipywidgets.Checkbox(indent=False),
            "One zone is lost (CPU, memory)",
            "What is left must carry what the lost zone carried",
        )
        self.headroom = labelled(
            ipywidgets.FloatSlider(value=0, min=0, max=60, step=5, readout_format=".0f"),
            "Headroom, % free",
            "Share of every limit that is to stay free",
        )
        self.target = labelled(
            ipywidgets.FloatSlider(value=100, min=30, max=100, step=5, readout_format=".0f"),
            "CPU, memory full at, %",
            "Utilisation from which CPU and memory count as full",
        )
        self.lead = labelled(
            ipywidgets.IntSlider(value=-1, min=-1, max=90),
            "Lead time, days",
            "Days that each change takes; -1: as its kind usually takes",
        )
        self.list = ipywidgets.HTML()
        moved = [self.growth, self.launch, self.lost, self.headroom, self.target, self.lead]
        self.panel = controls.ControlPanel(moved, self._tell, self._draw)
        self.panel.do(self._tell)
        self.view = self.panel.frame(
            controls.row(*moved, self.panel.reset),
            self.panel.status,
            self.panel.figure_place,
            self.list,
        )

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

    def _draw(self) -> go.Figure:
        self._moved = move_walls(self._report.analysis.limits, self.supposed)
        walls: list[DatedWall] = [(one.limit, one.full, one.act_by) for one in self._moved]
        return plot_times(walls, self._report.parameters.as_of.date(), _horizon(self._report))

    def _tell(self) -> str:
        """Tell the walls that were drawn."""
        moved = self._moved
        self.list.value = tabulate_moved(moved, self._report).markup
        reached = sum(one.full.low is not None for one in moved)
        limits = f"{reached:,} of {count(len(moved), 'limit')}"
        return f"{limits} may be reached within {_horizon(self._report)} days."


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
