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
from opslib.present.theme import plain_text
from opslib.tables.costs import TAG_VALUE
from opslib.wording import day as write_day
from opslib.wording import money, printable

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["CostExplorer", "explore_costs", "list_resources"]

BASES = {"effective (amortised)": "EffectiveCost", "billed (as invoiced)": "BilledCost"}
LISTED = 25
NAMELESS = "(none)"
ALL = ("all of the day", ())  # None as a value would show as an empty list
NO_DAY = ("choose a day, or click a bar", ())


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
        group: at most one column with the bar's value; resources are told by ServiceName,
            SubAccountId and SkuMeter, by others all of the day are listed.
    """
    resources = report.bill.resources
    if resources is None:
        return Html("<p>Cost Explorer does not name resources; an export does.</p>", "no resources")
    rows = resources[resources["ChargePeriodStart"] == day]
    caption, note = f"Resources on {write_day(day)}", ""
    for name, value in group.items():
        if name in rows.columns:
            rows = rows[rows[name] == value]
            caption = f"{caption}: {printable(value) or NAMELESS}"
        else:
            note = "All of the day: the bill's table of resources does not tell this group."
    sums = sum_by(rows, ["ResourceId", "ServiceName", "SkuMeter"], column)
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:LISTED]
    return table(
        (Column("Resource"), Column("Service"), Column("Usage type"), Column("Cost", "figure")),
        [(*map(printable, names), money(cost, report.currency)) for names, cost in ranked],
        caption=caption,
        note=note,
    )


class CostExplorer:
    """The controls, the figure that follows them, and the resources of the bar last clicked.

    Args:
        report: the analysis.
    """

    def __init__(self, report: CostReport) -> None:
        import ipywidgets  # noqa: PLC0415  0.2 s that a headless run does not need

        from opslib.present import controls  # noqa: PLC0415

        self._report = report
        self._choices = groupings(report)
        labelled = controls.labelled
        self.group = labelled(
            ipywidgets.Dropdown(options=list(self._choices)), "Group by", "What a colour stands for"
        )
        self.basis = labelled(
            ipywidgets.Dropdown(options=list(BASES.items()), value=report.column),
            f"Cost, {report.currency}",
            "Commitments spread over what they cover, or as they are invoiced",
        )
        shown = [(write_day(day), day) for day in report.periods.days]
        self.days = labelled(
            ipywidgets.SelectionRangeSlider(
                options=shown, index=(max(0, len(shown) - 35), len(shown) - 1)
            ),
            "Days (UTC)",
            "First and last day to draw",
        )
        self.filter = labelled(
            ipywidgets.Text(placeholder="part of a name, Enter"),
            "Name contains",
            "Draw only what has this in its name",
        )
        self.day = labelled(
            ipywidgets.Dropdown(
                options=[NO_DAY, *((name, (day,)) for name, day in reversed(shown))]
            ),
            "Resources of",
            "Day whose resources to list, as by a click on a bar",
        )
        self.name = labelled(
            ipywidgets.Dropdown(options=[ALL]), "Of which", "Bar whose resources to list"
        )
        self.resources = ipywidgets.HTML()
        drawing = [self.group, self.basis, self.days, self.filter]
        self.panel = controls.ControlPanel(drawing, self._tell, self._draw)
        for control in (self.day, self.name):
            self.panel.add(control, self._show_resources)
        self.panel.do(self._tell)
        self.view = self.panel.frame(
            controls.row(*drawing, self.panel.reset),
            self.panel.status,
            self.panel.figure_place,
            controls.row(self.day, self.name),
            self.resources,
        )

    def _rows(self) -> tuple[pd.DataFrame, str]:
        """Return what is to be drawn, and the column that groups it."""
        costs, column = self._choices[self.group.value]
        first, last = self.days.value
        wanted = self.filter.value.casefold()
        day = costs["ChargePeriodStart"]
        rows = costs[(day >= first) & (day <= last)]
        return rows[[wanted in str(name).casefold() for name in rows[column]]], column

    def _draw(self) -> go.Figure:
        rows, column = self._rows()
        drawn = plot_costs(self._report, rows, column, self.basis.value, self.group.value)
        return drawn.update_xaxes(range=[one.isoformat() for one in self.days.value])

    def _tell(self) -> str:
        rows, column = self._rows()
        for bars in self.panel.figure.data:
            bars.on_click(self._pick)
        self._offer_names(rows, column)
        first, last = self.days.value
        names = f"{rows[column].nunique():,} by {self.group.value}"
        return f"{names} from {write_day(first)} to {write_day(last)}."

    def _offer_names(self, rows: pd.DataFrame, column: str) -> None:
        """Offer the groups in view to list resources of, the dearest first."""
        sums = sum_by(rows, [column], self.basis.value)
        names = [name for (name,), _ in sorted(sums.items(), key=lambda one: (-one[1], one[0]))]
        chosen = self.name.value
        self.name.options = [ALL, *((printable(one) or NAMELESS, (one,)) for one in names)]
        self.name.value = chosen if chosen and chosen[0] in names else ()
        self._show_resources()

    def _pick(self, trace: Any, points: Any, _state: Any) -> None:
        if points.point_inds:
            day = pd.Timestamp(trace.x[points.point_inds[0]]).date()
            self.panel.do(lambda: self._choose(day, trace.name))

    def _choose(self, day: date, drawn: str) -> None:
        """Choose the day and the group of a bar; what is drawn of several is all of the day."""
        named = {plain_text(label): name for label, name in self.name.options}
        self.name.value = named.get(drawn, ())
        self.day.value = (day,)

    def _show_resources(self) -> None:
        if not self.day.value:
            self.resources.value = ""
            return
        _, column = self._choices[self.group.value]
        (day,), group = self.day.value, {}
        if self.name.value:
            (group[column],) = self.name.value
        listed = list_resources(self._report, day, self.basis.value, **group)
        self.resources.value = listed.markup
