"""Scaling settings that were replayed: what each would have cost, and what it would have lacked."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from opslib.analysis.capacity.scaling.choice import SettingResult
from opslib.analysis.capacity.scaling.proposals import ScalingProposal, setting_words
from opslib.findings import Verdict
from opslib.present.capacity.names import distinct_names
from opslib.present.html import Column, Html, folded, table
from opslib.present.theme import DOWN, MUTED, UP, figure, plain_text
from opslib.wording import about, count, printable

__all__ = ["plot_scaling", "plot_worst_scaling", "tabulate_scaling"]

ANSWERS = {Verdict.PASS: "yes", Verdict.FAIL: "no", Verdict.INCONCLUSIVE: "not known"}
MOST_ALTERNATIVES = 12
LEAST_MINUTES = 0.1
"""Where none are shown on a logarithmic axis."""
TICKS = [digit * 10**power for power in range(-1, 4) for digit in (1, 2, 5)]
SHADES = [[0.0, "#56B4E9"], [1.0, "#0B3C5D"]]


def plot_worst_scaling(proposals: Sequence[ScalingProposal]) -> go.Figure:
    """Return the figure of the settings in force that were short of capacity for longest."""
    replayed = [(one.now.under_minutes_a_week, one) for one in proposals if one.now is not None]
    if replayed:
        return plot_scaling(max(replayed, key=lambda one: one[0])[1])
    chart = figure("Scaling settings")
    chart.add_annotation(text="No scaling settings could be replayed.", showarrow=False)
    return chart


def plot_scaling(proposal: ScalingProposal) -> go.Figure:
    """Return cost against minutes under-provisioned, a point a setting."""
    name = plain_text(printable(proposal.name))
    is_priced = proposal.now is not None and proposal.now.cost_a_month is not None
    unit = proposal.unit.removesuffix("s")
    chart = figure(
        f"Scaling settings of {name}",
        unit=f"{proposal.currency} a month" if is_priced else f"{unit}-hours a month",
    )
    if proposal.now is None or proposal.proposed is None:
        chart.add_annotation(
            text=plain_text(printable(proposal.reason, longest=120)), showarrow=False
        )
        return chart
    _add_tried(chart, proposal)
    marks = [(proposal.now, "in force", UP, "x")]
    if proposal.changes:
        marks.append((proposal.proposed, "proposed", DOWN, "star"))
    for result, label, colour, symbol in marks:
        _add_mark(chart, proposal, result, label, colour, symbol)
    chart.add_vline(
        x=max(proposal.allowed_minutes_a_week, LEAST_MINUTES),
        line={"color": MUTED, "dash": "dash"},
    )
    allowed = f"{LEAST_MINUTES:g}: none; dashed: {proposal.allowed_minutes_a_week:g} allowed"
    title = f"minutes a week under-provisioned ({allowed})"
    chart.update_xaxes(type="log", tickvals=TICKS, title_text=title)
    chart.update_layout(legend={"yref": "container", "y": 0, "yanchor": "bottom"}, margin={"b": 84})
    return chart


def _add_tried(chart: go.Figure, proposal: ScalingProposal) -> None:
    results = proposal.results
    targets = [one.setting.target_percent for one in results]
    has_target = targets[0] is not None
    colour = {
        "color": targets,
        "colorscale": SHADES,
        "colorbar": {"title": {"text": "target %"}, "thickness": 12},
    }
    chart.add_scatter(
        x=[_minutes(one) for one in results],
        y=[_height(one) for one in results],
        mode="markers",
        name="tried",
        showlegend=False,
        marker={"size": 8, "opacity": 0.8, **(colour if has_target else {"color": MUTED})},
        text=[_words(one, proposal) for one in results],
        hovertemplate="%{text}<extra></extra>",
    )


def _add_mark(
    chart: go.Figure,
    proposal: ScalingProposal,
    result: SettingResult,
    label: str,
    colour: str,
    symbol: str,
) -> None:
    chart.add_scatter(
        x=[_minutes(result)],
        y=[_height(result)],
        mode="markers",
        name=f"{label}: {setting_words(result.setting, proposal.unit)}",
        marker={
            "size": 16,
            "symbol": symbol,
            "color": colour,
            "line": {"width": 1, "color": MUTED},
        },
        hovertemplate=f"{label}: {_words(result, proposal)}<extra></extra>",
    )


def _minutes(result: SettingResult) -> float:
    return max(result.under_minutes_a_week, LEAST_MINUTES)


def _height(result: SettingResult) -> float:
    cost = result.cost_a_month
    return result.unit_hours_a_month if cost is None else float(cost)


def _words(result: SettingResult, proposal: ScalingProposal) -> str:
    return (
        f"{setting_words(result.setting, proposal.unit)}: {result.under_minutes_a_week:,.1f} min a "
        f"week, {_cost(result, proposal)}"
    )


def _cost(result: SettingResult, proposal: ScalingProposal) -> str:
    if result.cost_a_month is None:
        return f"{result.unit_hours_a_month:,.0f} unit-h"
    return about(result.cost_a_month, proposal.currency)


def tabulate_scaling(proposals: Sequence[ScalingProposal], top: int) -> Html:
    """Return what is in force and what is proposed of each resource, with why.

    Args:
        proposals: of `propose_settings`; those that change something come first.
        top: rows.
    """
    order = sorted(proposals, key=lambda one: (one.verdict is not Verdict.FAIL, not one.changes))
    shown = order[:top]
    names = distinct_names(proposals)
    columns = [
        Column("Resource"),
        Column("In force"),
        Column("Holds?"),
        Column("Proposed"),
        Column("Min a week", "figure"),
        Column("A month", "figure"),
        Column("Why", "sentence"),
    ]
    unpriced = {
        f"{printable(one.name)}: {one.price_missing}." for one in shown if one.price_missing
    }
    note = (
        f"{len(shown)} of {count(len(proposals), 'scaled dimension')}. Min a week: "
        "under-provisioned, now and as proposed: busier than the units that run are to be, after "
        "alarm and warm-up. A month: unit-h, hours of one unit, where no price is known. "
    )
    return table(
        columns,
        [_row(one, names[one.resource]) for one in shown],
        caption="Scaling settings",
        note=note + " ".join(sorted(unpriced)),
        folds=[_alternatives(one) for one in shown],
    )


def _row(proposal: ScalingProposal, name: str) -> tuple[str, ...]:
    now, proposed = proposal.now, proposal.proposed
    minutes = cost = instead = ""
    if now is not None and proposed is not None:
        minutes, cost = f"{now.under_minutes_a_week:,.1f}", _cost(now, proposal)
        instead = "as it is"
        if proposal.changes:
            instead = setting_words(proposed.setting, proposal.unit)
            minutes += f" → {proposed.under_minutes_a_week:,.1f}"
            cost += f" → {_cost(proposed, proposal)}"
    return (
        name,
        _in_force(proposal),
        ANSWERS[proposal.verdict],
        instead,
        minutes,
        cost,
        proposal.reason,
    )


def _in_force(proposal: ScalingProposal) -> str:
    setting = setting_words(proposal.in_force, proposal.unit)
    return f"not told; ran {setting}" if proposal.is_supposed else setting


def _alternatives(proposal: ScalingProposal) -> Html | None:
    if not proposal.excuses:
        return None
    costs = {one.setting: one for one in proposal.results}
    cheapest = sorted(proposal.excuses, key=lambda one: costs[one.setting].unit_hours_a_month)
    rows = [
        (
            setting_words(one.setting, proposal.unit),
            f"{costs[one.setting].under_minutes_a_week:,.1f}",
            _cost(costs[one.setting], proposal),
            one.why,
        )
        for one in cheapest[:MOST_ALTERNATIVES]
    ]
    columns = [
        Column("Instead"),
        Column("Min a week", "figure"),
        Column("A month", "figure"),
        Column("Why not", "sentence"),
    ]
    others = count(len(proposal.excuses), "alternative")
    note = f"The cheapest of {others}; all are in exports/scaling_reasons.md. {_check(proposal)}"
    parts = [table(columns, rows, caption="What else was replayed", note=note)]
    return folded(f"{others}, and the check on days not seen", *parts)


def _check(proposal: ScalingProposal) -> str:
    """Return how the choice and the replay itself hold against what was recorded."""
    told, held = [], proposal.held_out
    if held is None:
        told.append("Too few days to hold the choice against days that it has not seen.")
    else:
        setting = setting_words(held.setting, proposal.unit)
        told.append(
            f"Chosen on every other week ({held.chosen_days} days), {setting} had "
            f"{held.under_minutes_a_week:,.1f} minutes a week in the weeks between; the other way "
            "round it is no more."
        )
    ran, now = proposal.recorded_unit_hours_a_month, proposal.now
    if ran and now is not None:
        away = now.unit_hours_a_month / ran - 1
        told.append(f"The replay of what is in force used {away:+.0%} unit-hours against recorded.")
    if proposal.filled_minutes:
        told.append(f"In {proposal.filled_minutes:,.0f} full minutes the requests told the load.")
    return " ".join(told)
