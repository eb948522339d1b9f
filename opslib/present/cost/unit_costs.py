"""What a unit costs: a figure of its periods, and a table that ties out."""

from __future__ import annotations

from decimal import Decimal

import plotly.graph_objects as go

from opslib.analysis.cost.report import CostReport
from opslib.analysis.cost.unit_costs import UnitCostTrend
from opslib.analysis.cost.unit_periods import UnitPeriod
from opslib.analysis.cost.usual import ENOUGH_PERIODS
from opslib.estimate import Estimate
from opslib.present.cost.figures import nothing_to_show
from opslib.present.html import Column, Html, stacked, table
from opslib.present.theme import MUTED, PALETTE, figure, plain_text
from opslib.wording import count, join, money, percent, printable, signed_money

__all__ = ["plot_unit_costs", "tabulate_unit_costs"]

TITLE = "What a unit costs"
HEIGHT_A_UNIT = 300
SHARE_OF_PRICE = 0.62
NO_UNIT = (
    "No load balancer was found, and unit_costs names no other count: "
    "give it a CloudWatch metric that counts what you serve."
)
FIXED, FOLLOWS = Decimal("0.35"), Decimal("0.65")


def plot_unit_costs(report: CostReport) -> go.Figure:
    """Return each unit's cost by period over its count, with the band of the earlier periods.

    Where nothing is counted, one sentence says why and what to do.
    """
    if not report.units:
        return nothing_to_show(TITLE, NO_UNIT)
    drawn = [trend for trend in report.units if any(p.price for p in trend.periods)]
    if not drawn:
        reasons = [reason for trend in report.units for reason in trend.because]
        return nothing_to_show(TITLE, f"Not told: {plain_text(printable('; '.join(reasons)))}.")
    chart = figure(f"{TITLE}, by {report.periods.label}", height=80 + HEIGHT_A_UNIT * len(drawn))
    room = 1 / len(drawn)
    for place, trend in enumerate(drawn):
        top = 1 - place * room
        _add_unit(
            chart, report, trend, place, (top - room + (0.06 if place + 1 < len(drawn) else 0), top)
        )
    chart.update_layout(showlegend=True)
    chart.update_xaxes(anchor="free", position=0)
    return chart


def _add_unit(
    chart: go.Figure,
    report: CostReport,
    trend: UnitCostTrend,
    place: int,
    span: tuple[float, float],
) -> None:
    """Draw one unit: its price above, what was counted under it."""
    shown = [period for period in reversed(trend.periods) if period.known_days]
    ends = [period.window.last_day for period in shown]
    axes = [f"y{number if number > 1 else ''}" for number in (2 * place + 1, 2 * place + 2)]
    seam = span[1] - (span[1] - span[0]) * SHARE_OF_PRICE
    name, per = printable(trend.unit.name), count(trend.unit.per, printable(trend.unit.name))
    _add_band(chart, report, trend, axes[0])
    chart.add_scatter(
        x=ends,
        y=[None if period.price is None else float(period.price) for period in shown],
        name=plain_text(f"cost of {per}"),
        yaxis=axes[0],
        mode="lines+markers",
        line={"color": PALETTE[0], "width": 3},
        marker={"size": 8},
        hovertemplate="to %{x|%d %b}: %{y:,.4g}",
    )
    chart.add_bar(
        x=ends,
        y=[float(period.count) for period in shown],
        name=plain_text(f"{name}, counted"),
        yaxis=axes[1],
        marker={
            "color": MUTED,
            "opacity": [1 if period.is_whole else 0.45 for period in shown],
            "pattern": {"shape": ["" if period.is_whole else "/" for period in shown]},
        },
        hovertemplate="to %{x|%d %b}: %{y:,.4g}",
    )
    base = chart.layout.yaxis.to_plotly_json()
    for axis, domain, unit, least in (
        (axes[0], [seam + 0.02, span[1]], plain_text(report.currency), "normal"),
        (axes[1], [span[0], seam - 0.02], plain_text(name), "tozero"),
    ):
        told = {**base, "domain": domain, "rangemode": least, "title": {"text": unit}}
        chart.update_layout({f"yaxis{axis.removeprefix('y')}": told})


def _add_band(chart: go.Figure, report: CostReport, trend: UnitCostTrend, axis: str) -> None:
    """Draw where this period would lie if it were like those before."""
    if trend.against is None or trend.change is None:
        return
    now = float(trend.change.after)
    # Cost now over the interval of its ratio to those before: the level that they would give it.
    middle = now / (1 + float(trend.against.mid))
    high, low = (
        middle * (1 + float(share)) / (1 + float(trend.against.mid))
        for share in (trend.against.high, trend.against.low)
    )
    held = [period for period in trend.periods[1:] if period.is_whole][: trend.earlier_periods]
    ends = [held[-1].window.last_day, report.periods.current.last_day]
    for level, fill in ((low, None), (high, "tonexty")):
        chart.add_scatter(
            x=ends,
            y=[level, level],
            yaxis=axis,
            mode="lines",
            line={"color": MUTED, "width": 0},
            fill=fill,
            fillcolor="rgba(154,165,177,0.25)",
            name=f"usual of the {len(held)} before, {percent(trend.against.confidence)} interval",
            showlegend=fill is not None,
            hoverinfo="skip",
        )


def tabulate_unit_costs(report: CostReport) -> Html:
    """Return each unit's periods, newest first, with the parts of this period's change below."""
    if not report.units:
        return table((Column("Unit"),), [], caption=TITLE, note=NO_UNIT)
    return stacked(*(_tabulate(report, trend) for trend in report.units))


def _tabulate(report: CostReport, trend: UnitCostTrend) -> Html:
    columns = (
        Column(report.periods.label.capitalize()),
        Column("Spent", "figure"),
        Column("Counted", "figure"),
        Column(f"Cost of {count(trend.unit.per, printable(trend.unit.name))}", "figure"),
        Column("Days known", "figure"),
    )
    shown = trend.periods[: report.parameters.top]
    return table(
        columns,
        [_row(period, report.currency) for period in shown],
        caption=f"{TITLE}: {printable(trend.unit.name)}, {_numerator(trend)}",
        note=" ".join(_notes(report, trend)),
    )


def _row(period: UnitPeriod, currency: str) -> tuple[str, ...]:
    return (
        str(period.window),
        money(period.cost, currency) if period.known_days else "—",
        f"{period.count:,.0f}" if period.known_days else "—",
        money(period.price, currency) if period.price is not None else "not told",
        f"{period.known_days} of {len(period.window.days)}",
    )


def _numerator(trend: UnitCostTrend) -> str:
    unit = trend.unit
    parts = [
        join([printable(name) for name in unit.services]),
        f"{printable(unit.tag_key)} {printable(unit.tag_value) or 'untagged'}"
        if unit.tag_key
        else "",
    ]
    return f"cost of {join([part for part in parts if part]) or 'all charges'}"


def _notes(report: CostReport, trend: UnitCostTrend) -> list[str]:
    change, notes = trend.change, []
    if change is not None:
        spend, volume, extra = (
            signed_money(part, report.currency)
            for part in (change.spend, change.volume, change.extra)
        )
        notes.append(
            f"Against the {report.periods.label} before "
            f"{signed_money(change.amount, report.currency)}: {spend} by spend and {volume} by "
            f"volume, {extra} in all {report.periods.spoken}."
        )
    if trend.growth is not None:
        notes.append(f"Growth a {report.periods.label}: {_interval(trend.growth)}.")
    if trend.elasticity is not None:
        notes.append(_moves_with(trend.elasticity))
    if trend.because:
        notes.append(f"Not told: {'; '.join(printable(one) for one in trend.because)}.")
    elif trend.earlier_periods < ENOUGH_PERIODS:
        seen = count(trend.earlier_periods, "earlier period")
        notes.append(f"{seen}: too few to tell what is usual.")
    return notes


def _interval(share: Estimate) -> str:
    low, mid, high = (percent(end, signed=True) for end in (share.low, share.mid, share.high))
    return f"{mid} ({low} to {high} at {percent(share.confidence)})"


def _moves_with(share: Estimate) -> str:
    """Return what a day's cost does when its count moves, and what follows from it."""
    low, mid, high = (f"{end * 10:.1f}" for end in (share.low, share.mid, share.high))
    told = (
        f"From day to day, 10% more units come with {mid}% more cost "
        f"({low}% to {high}% at {percent(share.confidence)})"
    )
    if share.high < FIXED:
        return f"{told}: most of it is fixed, and fewer units make each dearer."
    if share.low > FOLLOWS:
        return f"{told}: most of it goes with the units."
    return f"{told}."
