"""What to commit to: how every level would have fared, as a table, a figure and a slider."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from opslib.analysis.savings.commitments.backtest import Backtest
from opslib.analysis.savings.commitments.cells import MONTH_HOURS
from opslib.analysis.savings.commitments.judging import describe_level, name_offer
from opslib.analysis.savings.report import SavingsReport
from opslib.money import total
from opslib.present.html import Column, Html, table
from opslib.present.theme import MUTED, PALETTE, figure, plain_text
from opslib.wording import money, percent, printable

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["CommitmentExplorer", "explore_commitments", "plot_regret", "tabulate_tried"]

MOST_CURVES = 6
POINTS = 121
WIDEST = 2.0
LEGEND_PIXELS = 76
"""Levels are drawn up to as many times the best one."""
CENT = Decimal("0.01")


def tabulate_tried(report: SavingsReport) -> Html:
    """Return every offer that was tried, those to buy first, with a total that ties out."""
    held = report.backtest
    columns = (
        Column("Commitment"),
        Column("Term"),
        Column("To buy"),
        Column("Best level", "figure"),
        Column("On demand a month", "figure"),
        Column("Saves a month", "figure"),
        Column(f"Usage {percent(report.parameters.usage_fall)} lower", "figure"),
        Column("Worst month", "figure"),
        Column("Newer half", "figure"),
        Column("Used", "figure"),
        Column("Paid back", "figure"),
    )
    bought = held.tried[: held.bought]
    rows = [
        _row(one, report.currency, wanted=place < held.bought)
        for place, one in enumerate(held.tried[: report.parameters.top])
    ]
    saving = total(one.saving for one in bought)
    return table(
        columns,
        rows,
        caption="Commitments tried on the past hours",
        total=("To buy", "", "", "", "", money(saving, report.currency), "", "", "", "", ""),
        note=_note(report),
    )


def _row(tried: Backtest, currency: str, *, wanted: bool) -> tuple[str, ...]:
    offer = tried.offer
    return (
        printable(name_offer(offer)),
        f"{offer.years} y, {offer.payment.replace('_', ' ')}",
        "yes" if wanted else "no",
        describe_level(offer, tried.level, currency),
        money(tried.eligible.quantize(CENT), currency),
        money(tried.saving.quantize(CENT), currency),
        money(tried.fallen_saving, currency),
        money(tried.low, currency),
        money(tried.newer_saving, currency),
        percent(tried.utilisation),
        f"{tried.break_even_months:.1f} months" if offer.upfront else "at once",
    )


def _note(report: SavingsReport) -> str:
    span = report.backtest.span
    if not report.backtest.asked:
        return "No hourly export is named (hourly_path): nothing could be tried."
    if span is None:
        return "The hourly export does not tell even the last month whole: nothing could be tried."
    tried = f"Tried on {span.first:%Y-%m-%d} to {span.end:%Y-%m-%d}, {span.hours:,} hours."
    return (
        f"{tried} Newer half: what the best level of the older half saves in it, a month. Why each "
        "of the others is not bought stands among what is not recommended"
        f"{', unless another owner buys it' if report.parameters.owner else ''}."
    )


def explore_commitments(report: SavingsReport, *, headless: bool) -> go.Figure | ipywidgets.Widget:
    """Return the slider with what follows it, or the figure when nobody is there to move it.

    Args:
        report: the analysis.
        headless: nobody is there.
    """
    tried = _drawn(report)
    if headless or not tried:
        return plot_regret(tried, report.currency)
    return CommitmentExplorer(tried, report).view


def _drawn(report: SavingsReport) -> tuple[Backtest, ...]:
    return tuple(one for one in report.backtest.tried if one.level > 0)[:MOST_CURVES]


def plot_regret(tried: Sequence[Backtest], currency: str) -> go.Figure:
    """Return what each level would have cost a month more than the best one.

    Levels are told as shares of the best one, so that plans and reservations stand side by side.
    """
    drawn = figure("Regret by level of commitment, a month", height=460)
    if not tried:
        drawn.add_annotation(text="No commitment that would have paid.", showarrow=False)
        drawn.update_xaxes(visible=False)
        drawn.update_yaxes(visible=False)
        return drawn
    shares = np.linspace(0, WIDEST, POINTS)
    for place, one in enumerate(tried):
        drawn.add_trace(
            go.Scatter(
                x=shares * 100,
                y=_regret(one, shares * float(one.level)),
                mode="lines",
                name=plain_text(name_offer(one.offer)),
                line={"color": PALETTE[place % len(PALETTE)]},
                hovertemplate="%{x:.0f}% of the best: %{y:,.2f}<extra>%{fullData.name}</extra>",
            )
        )
    drawn.add_vline(x=100, line={"color": MUTED, "dash": "dot"})
    drawn.update_xaxes(title_text="level, % of the best one", ticksuffix="%")
    drawn.update_yaxes(title_text=f"{currency} a month above the least", rangemode="tozero")
    drawn.update_layout(legend={"yref": "container", "y": 0, "yanchor": "bottom"})
    drawn.update_layout(margin={"b": 48 + LEGEND_PIXELS})
    return drawn


def _regret(tried: Backtest, levels: np.ndarray) -> list[float]:
    """Return regret a month at levels, in cents' precision."""
    curve = tried.curve
    return [round(one, 2) for one in curve.regret(levels) * MONTH_HOURS / curve.hours]


class CommitmentExplorer:
    """A choice of offers, a slider of its level, and what that level would have meant.

    Args:
        tried: offers to choose from.
        report: the analysis.
    """

    def __init__(self, tried: Sequence[Backtest], report: SavingsReport) -> None:
        import ipywidgets  # noqa: PLC0415  0.2 s that a headless run does not need

        from opslib.present import controls  # noqa: PLC0415

        self._report = report
        names = [(name_offer(one.offer), place) for place, one in enumerate(tried)]
        self._tried = tried
        self.offer = controls.labelled(
            ipywidgets.Dropdown(options=names), "Commitment", "What to commit to"
        )
        self.level = controls.labelled(
            ipywidgets.FloatSlider(
                min=0, max=WIDEST * 100, step=1, value=100, readout_format=".0f"
            ),
            "Level, % of the best one",
            "How much of it to commit to; 100 would have cost least",
        )
        self.told = ipywidgets.HTML()
        self.panel = controls.ControlPanel([self.offer, self.level], self._tell, self._draw)
        self.panel.do(self._tell)
        self.view = self.panel.frame(
            controls.row(self.offer, self.level, self.panel.reset),
            self.panel.status,
            self.told,
            self.panel.figure_place,
        )

    def _draw(self) -> go.Figure:
        drawn = plot_regret(self._tried, self._report.currency)
        return drawn.add_vline(x=self.level.value, line={"color": MUTED})

    def _tell(self) -> str:
        tried = self._tried[self.offer.value]
        level = float(tried.level) * self.level.value / 100
        self.told.value = tabulate_level(tried, level, self._report).markup
        return f"{self.level.value:g} % of the best level."


def tabulate_level(tried: Backtest, level: float, report: SavingsReport) -> Html:
    """Return what one level would have meant a month, and if usage falls.

    Args:
        tried: the offer.
        level: an hour.
        report: the analysis.
    """
    curve, fall = tried.curve, report.parameters.usage_fall
    share = MONTH_HOURS / curve.hours

    def told(amount: float) -> str:
        return money(Decimal(repr(float(amount) * share)).quantize(CENT), report.currency)

    columns = (
        Column("An hour", "figure"),
        Column("Cost a month", "figure"),
        Column("Saves", "figure"),
        Column("Regret", "figure"),
        Column(f"Saves if usage falls by {percent(fall)}", "figure"),
    )
    cost = float(curve.cost(level))
    row = (
        describe_level(tried.offer, Decimal(repr(level)), report.currency),
        told(cost),
        told(curve.on_demand - cost),
        told(float(curve.regret(level))),
        told(-curve.with_use(1 - fall, level)),
    )
    return table(columns, [row], caption=printable(name_offer(tried.offer)))
