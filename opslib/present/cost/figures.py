"""Figures of the change, the month and the tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import plotly.graph_objects as go

from opslib.analysis.cost.report import CostReport
from opslib.money import ZERO
from opslib.present.theme import DOWN, MUTED, PALETTE, TOTAL, UP, figure, plain_text
from opslib.wording import percent, printable, signed_money

__all__ = ["nothing_to_show", "plot_effects", "plot_month", "plot_tag_trend"]


def plot_effects(report: CostReport) -> go.Figure:
    """Return the change as a waterfall: from the period before to this one, part by part."""
    if report.changes is None:
        return nothing_to_show(
            "Why it changed", "The bill does not hold every day of this period and the one before."
        )
    before = report.totals.comparisons[0].amount or ZERO
    variance = report.changes.variance
    parts = [(effect, variance.effect(effect)) for effect in variance.parts]
    chart = figure(
        f"Why it changed, against the {report.periods.label} before", unit=report.currency
    )
    chart.add_waterfall(
        x=["before", *(effect.value for effect, _ in parts), "now"],
        y=[float(before), *(float(amount) for _, amount in parts), float(report.totals.amount)],
        measure=["absolute", *("relative" for _ in parts), "total"],
        text=["", *(signed_money(amount, report.currency) for _, amount in parts), ""],
        textposition="outside",
        increasing={"marker": {"color": UP}},
        decreasing={"marker": {"color": DOWN}},
        totals={"marker": {"color": TOTAL}},
        connector={"line": {"color": MUTED, "width": 1}},
        hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
    )
    chart.update_layout(showlegend=False)
    chart.update_yaxes(range=_waterfall_range(before, [amount for _, amount in parts]))
    return chart


def _waterfall_range(before: Decimal, parts: Sequence[Decimal]) -> list[float]:
    """Return an axis on which the parts can be seen beside the two totals."""
    level, levels = before, [before]
    for part in parts:
        level += part
        levels.append(level)
    low, high = float(min(levels)), float(max(levels))
    room = max(high - low, abs(high) * 0.02, 1e-9)
    return [low - room * 0.6, high + room * 0.4] if low > 0 else [min(low, 0) * 1.2, high * 1.2]


def plot_month(report: CostReport) -> go.Figure:
    """Return the month so far, its expected end with interval, and the budgets on all spend."""
    month, total = report.periods.month, report.month.total
    chart = figure(f"{month:%B %Y}: where it will end", unit=report.currency)
    _add_last_month(chart, report)
    shown = _cumulated(report, month, report.periods.month_end)
    chart.add_scatter(
        x=[day for day, _ in shown],
        y=[cost for _, cost in shown],
        name="so far",
        mode="lines+markers",
        line={"color": PALETTE[0], "width": 3},
        hovertemplate="%{x|%d %b}: %{y:,.2f}",
    )
    last = report.periods.month_end - timedelta(days=1)
    if total is not None:
        _add_end(
            chart, last, [float(v) for v in (total.low, total.mid, total.high)], total.confidence
        )
    _add_aws_forecast(chart, report, last)
    for budget in report.budgets:
        if budget.limit is not None and budget.outlook and budget.outlook.total == total:
            chart.add_hline(
                y=float(budget.limit),
                line={"color": UP, "dash": "dash"},
                annotation_text=plain_text(f"budget {printable(budget.name)}"),
            )
    chart.update_xaxes(range=[month.isoformat(), (last + timedelta(days=2)).isoformat()])
    chart.update_yaxes(rangemode="tozero")
    return chart


def _cumulated(report: CostReport, first: date, end: date) -> list[tuple[date, float]]:
    running, shown = ZERO, []
    for day in report.totals.days:
        if first <= day.day < end:
            running += day.cost
            shown.append((day.day, float(running)))
    return shown


def _add_last_month(chart: go.Figure, report: CostReport) -> None:
    """Draw last month beneath, day by day, where the bill covers it."""
    if report.totals.last_month is None:
        return
    month = report.periods.month
    first = (month - timedelta(days=1)).replace(day=1)
    shown = _cumulated(report, first, month)
    chart.add_scatter(
        x=[month + (day - first) for day, _ in shown],
        y=[cost for _, cost in shown],
        name=f"{first:%B}, same day of the month",
        mode="lines",
        line={"color": MUTED, "dash": "dot", "width": 2},
        hovertemplate="%{y:,.2f}",
    )


def _add_end(chart: go.Figure, last: date, ends: list[float], confidence: float) -> None:
    low, middle, high = ends
    chart.add_scatter(
        x=[last],
        y=[middle],
        name=f"expected, {percent(confidence)} interval",
        mode="markers",
        marker={"color": PALETTE[1], "size": 11, "symbol": "diamond"},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [high - middle],
            "arrayminus": [middle - low],
            "thickness": 2,
        },
        hovertemplate="%{y:,.2f}",
    )


def _add_aws_forecast(chart: go.Figure, report: CostReport, last: date) -> None:
    if report.aws_forecast.empty:
        return
    row = report.aws_forecast.iloc[0]
    so_far = report.totals.month_settled + report.totals.month_unsettled
    chart.add_scatter(
        x=[last + timedelta(days=1)],
        y=[float(so_far + row["Mean"])],
        name="AWS's own forecast",
        mode="markers",
        marker={"color": MUTED, "size": 10, "symbol": "x"},
        hovertemplate="%{y:,.2f}",
    )


def plot_tag_trend(report: CostReport) -> go.Figure:
    """Return the untagged share of each period, one line a tag key."""
    chart = figure("Share of taggable spend without the tag", unit="% of taggable spend")
    ends = [report.periods.current, *report.periods.earlier]
    for place, tag in enumerate(report.tags):
        known = [
            (window.last_day, round(float(share) * 100, 2))
            for window, share in zip(ends, tag.shares, strict=False)
            if share is not None
        ]
        chart.add_scatter(
            x=[day for day, _ in known],
            y=[share for _, share in known],
            name=plain_text(printable(tag.key)),
            mode="lines+markers",
            line={"color": PALETTE[place % len(PALETTE)], "width": 3},
            hovertemplate="%{x|%d %b}: %{y:.1f}%",
        )
    chart.add_hline(
        y=float(report.parameters.max_untagged_share) * 100,
        line={"color": MUTED, "dash": "dash"},
        annotation_text="tolerated",
    )
    chart.update_yaxes(rangemode="tozero")
    chart.update_layout(showlegend=True)
    return chart


def nothing_to_show(title: str, why: str) -> go.Figure:
    """Return an empty figure that says why it is."""
    chart = figure(title, height=160)
    chart.add_annotation(text=why, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    chart.update_xaxes(visible=False)
    chart.update_yaxes(visible=False)
    return chart
