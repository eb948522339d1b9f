"""The bill by day: the figure that the report opens with and that JupyterLab explores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import plotly.graph_objects as go

from opslib.analysis.cost.daily import sum_by
from opslib.analysis.cost.report import CostReport
from opslib.money import ZERO
from opslib.present.theme import MUTED, PALETTE, figure, plain_text
from opslib.wording import days, printable

__all__ = ["plot_costs"]

GROUPS_SHOWN = 6
HALF_DAY = timedelta(hours=12)


def plot_costs(
    report: CostReport,
    costs: pd.DataFrame | None = None,
    group: str = "ServiceName",
    column: str = "",
    label: str = "service",
) -> go.Figure:
    """Return daily cost by group: the period shaded, unsettled days hatched and pale.

    Args:
        report: the analysis.
        costs: rows per day and group; the bill by account and service where None.
        group: column to stack by; its largest values in the period are shown, the rest summed.
        column: BilledCost or EffectiveCost; the report's own where empty.
        label: what the groups are called.
    """
    rows = report.bill.accounts if costs is None else costs
    chart = figure(f"Daily cost by {label}", height=400, unit=report.currency)
    column = column or report.column
    sums = sum_by(rows, ["ChargePeriodStart", group], column)
    names = _largest(rows, group, column, report)
    unsettled = set(report.periods.unsettled)
    for place, name in enumerate([*names, None]):
        series = _series(sums, names, name, report.periods.days)
        if any(series):
            _add_bars(chart, report.periods.days, series, unsettled, name, place)
    if group == "ServiceName" and column == report.column:
        _add_weekday_mean(chart, report)
    _shade_period(chart, report)
    chart.update_layout(barmode="relative", bargap=0.15)
    return chart


def _largest(rows: pd.DataFrame, group: str, column: str, report: CostReport) -> list[str]:
    """Return the groups that cost most in the period, or overall where it is empty."""
    wanted = set(report.periods.current.days)
    sums: dict[str, Decimal] = {}
    for (day, name), amount in sum_by(rows, ["ChargePeriodStart", group], column).items():
        if day in wanted:
            sums[name] = sums.get(name, ZERO) + abs(amount)
    return sorted(sums, key=lambda name: (-sums[name], name))[:GROUPS_SHOWN]


def _series(
    sums: dict[tuple[object, ...], Decimal],
    names: Sequence[str],
    name: str | None,
    shown: Sequence[date],
) -> list[float]:
    if name is not None:
        return [float(sums.get((day, name), ZERO)) for day in shown]
    others: dict[object, Decimal] = {}
    for (day, other), amount in sums.items():
        if other not in names:
            others[day] = others.get(day, ZERO) + amount
    return [float(others.get(day, ZERO)) for day in shown]


def _add_bars(
    chart: go.Figure,
    shown: Sequence[date],
    series: Sequence[float],
    unsettled: set[date],
    name: str | None,
    place: int,
) -> None:
    label = "others" if name is None else printable(name) or "(none)"
    chart.add_bar(
        x=list(shown),
        y=[round(value, 4) for value in series],
        name=plain_text(label),
        marker={
            "color": MUTED if name is None else PALETTE[place],
            "opacity": [0.45 if day in unsettled else 1 for day in shown],
            "pattern": {"shape": ["/" if day in unsettled else "" for day in shown]},
        },
        hovertemplate="%{x|%a %d %b}: %{y:,.2f}",
    )


def _add_weekday_mean(chart: go.Figure, report: CostReport) -> None:
    known = [day for day in report.totals.days if day.weekday_mean is not None]
    if known:
        chart.add_scatter(
            x=[day.day for day in known],
            y=[round(float(day.weekday_mean or ZERO), 4) for day in known],
            name="same weekday, four-week mean",
            mode="lines",
            line={"color": MUTED, "dash": "dot", "width": 2},
            hovertemplate="%{y:,.2f}",
        )


def _shade_period(chart: go.Figure, report: CostReport) -> None:
    current = report.periods.current
    chart.add_vrect(
        x0=(current.start - HALF_DAY).isoformat(),
        x1=(current.end - HALF_DAY).isoformat(),
        fillcolor=MUTED,
        opacity=0.18,
        line_width=0,
        layer="below",
        annotation_text=report.periods.spoken,
        annotation_position="top left",
    )
    if report.periods.unsettled:
        chart.add_annotation(
            x=report.periods.unsettled[-1],
            y=1,
            yref="paper",
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
            text=f"unsettled: {days(report.periods.unsettled)}",
        )
