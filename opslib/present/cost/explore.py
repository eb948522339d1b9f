"""Exploring the bill in JupyterLab: choose group, metric, days and filter; click for resources."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from opslib.analysis.cost.daily import sum_by
from opslib.analysis.cost.report import CostReport
from opslib.present.cost.daily_figure import plot_costs
from opslib.present.html import Column, Html, table
from opslib.tables.costs import TAG_VALUE
from opslib.wording import day as write_day
from opslib.wording import money, printable

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["CostExplorer", "explore_costs", "list_resources"]

BASES = {"effective (amortised)": "EffectiveCost", "billed (as invoiced)": "BilledCost"}
LISTED = 25


def explore_costs(report: CostReport, *, headless: bool) -> go.Figure | ipywidgets.Widget:
    """Return the interactive view, or its first picture when nobody is there to move it."""
    if headless or report.bill.first_day is None:
        return plot_costs(report)
    return CostExplorer(report).view


def groupings(report: CostReport) -> dict[str, tuple[pd.DataFrame, str]]:
    """Return what the bill can be grouped by: label to its table and column."""
    bill = report.bill
    choices = {
        "service": (bill.accounts, "ServiceName"),
        "account": (bill.accounts, "SubAccountId"),
        "region": (bill.regions, "RegionId"),
        "usage type": (bill.meters, "SkuMeter"),
    }
    tags = {f"tag {key}": (frame, TAG_VALUE) for key, frame in bill.tags.items()}
    return choices | tags


def list_resources(report: CostReport, day: date, column: str, **group: str) -> Html:
    """Return the resources behind one bar.

    Args:
        report: the analysis.
        day: the bar's day.
        column: BilledCost or EffectiveCost.
        group: at most one of ServiceName, SubAccountId, SkuMeter with the bar's value.
    """
    resources = report.bill.resources
    if resources is None:
        return Html("<p>Cost Explorer does not name resources; an export does.</p>", "no resources")
    rows = resources[resources["ChargePeriodStart"] == day]
    for name, value in group.items():
        if name in rows.columns:
            rows = rows[rows[name] == value]
    sums = sum_by(rows, ["ResourceId", "ServiceName", "SkuMeter"], column)
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:LISTED]
    return table(
        (Column("Resource"), Column("Service"), Column("Usage type"), Column("Cost", "figure")),
        [(*map(printable, names), money(cost, report.currency)) for names, cost in ranked],
        caption=f"Resources on {write_day(day)}",
    )


class CostExplorer:
    """The controls, the figure that follows them, and the resources of the bar last clicked.

    Args:
        report: the analysis.
    """

    def __init__(self, report: CostReport) -> None:
        import ipywidgets  # noqa: PLC0415  0.2 s that a headless run does not need

        self._report = report
        self._choices = groupings(report)
        self.group = ipywidgets.Dropdown(options=list(self._choices), description="Group by")
        self.basis = ipywidgets.Dropdown(
            options=list(BASES.items()), value=report.column, description="Cost"
        )
        shown = [(write_day(day), day) for day in report.periods.days]
        self.days = ipywidgets.SelectionRangeSlider(
            options=shown,
            index=(max(0, len(shown) - 35), len(shown) - 1),
            description="Days",
            layout={"width": "520px"},
        )
        self.filter = ipywidgets.Text(placeholder="part of a name", description="Filter")
        self.reset = ipywidgets.Button(description="Reset")
        self.figure = go.FigureWidget(plot_costs(report))
        self.resources = ipywidgets.HTML("Click a bar to see its resources.")
        self._listen()
        self._redraw()
        controls = ipywidgets.HBox([self.group, self.basis, self.filter, self.reset])
        self.view = ipywidgets.VBox([controls, self.days, self.figure, self.resources])

    def _listen(self) -> None:
        for control in (self.group, self.basis, self.days, self.filter):
            control.observe(lambda _change: self._redraw(), names="value")
        self.reset.on_click(lambda _button: self._start_again())

    def _start_again(self) -> None:
        self.filter.value = ""
        self.group.index = 0
        self.basis.value = self._report.column
        self.days.index = (max(0, len(self.days.options) - 35), len(self.days.options) - 1)

    def _redraw(self) -> None:
        costs, column = self._choices[self.group.value]
        first, last = self.days.value
        wanted = self.filter.value.casefold()
        day = costs["ChargePeriodStart"]
        rows = costs[(day >= first) & (day <= last)]
        rows = rows[[wanted in str(name).casefold() for name in rows[column]]]
        drawn = plot_costs(self._report, rows, column, self.basis.value, self.group.value)
        with self.figure.batch_update():
            self.figure.data = ()
            self.figure.add_traces(drawn.data)
            self.figure.layout.title = drawn.layout.title
            self.figure.update_xaxes(range=[first.isoformat(), last.isoformat()])
        for bars in self.figure.data:
            bars.on_click(self._show_resources)

    def _show_resources(self, trace: Any, points: Any, _state: Any) -> None:
        if not points.point_inds:
            return
        day = pd.Timestamp(trace.x[points.point_inds[0]]).date()
        _, column = self._choices[self.group.value]
        group = {} if trace.name == "others" else {column: trace.name}
        self.resources.value = list_resources(self._report, day, self.basis.value, **group).markup
