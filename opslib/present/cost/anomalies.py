"""What was unusual in the daily bill: figure and tables."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.anomalies.cause_words import evidence_of, suspect_words
from opslib.analysis.cost.anomalies.causes import Explanation
from opslib.analysis.cost.anomalies.commitments import COMMITMENT_WORDS
from opslib.analysis.cost.anomalies.comparison import AwsAnomaly
from opslib.analysis.cost.anomalies.findings import place_words
from opslib.analysis.cost.report import CostReport
from opslib.present.html import Column, Html, stacked, table
from opslib.present.theme import MUTED, PALETTE, UP, figure, plain_text
from opslib.wording import about, count, day, days, join, money, percent, printable, stake

__all__ = ["plot_anomalies", "tabulate_anomalies", "tabulate_commitments"]

MOST_SHOWN = 6
MOST_SUSPECTS = 2
PANEL_HEIGHT = 170


def plot_anomalies(report: CostReport) -> go.Figure:
    """Return each anomaly of the period: cost a day, what was expected, and the episode shaded."""
    shown = report.unusual.anomalies.found[:MOST_SHOWN]
    if not shown:
        return _nothing(report)
    names = [_name(report, anomaly) for anomaly in shown]
    panels = make_subplots(
        rows=len(shown),
        shared_xaxes=True,
        vertical_spacing=0.25 / len(shown),
        subplot_titles=[plain_text(name) for name in names],
    )
    for row, anomaly in enumerate(shown, start=1):
        _add_panel(panels, anomaly, row, report)
    chart = figure(
        f"Unusual days, in {report.currency} a day", height=PANEL_HEIGHT * len(shown) + 110
    )
    layout = chart.layout
    panels.update_layout(
        template=layout.template, title=layout.title, height=layout.height, font=layout.font
    )
    panels.update_layout(
        showlegend=True,
        hovermode="x unified",
        margin={**layout.margin.to_plotly_json(), "t": 72, "b": 84},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
    )
    panels.update_annotations(x=0, xanchor="left", font={"size": 13})
    panels.update_yaxes(rangemode="tozero")
    return panels


def _nothing(report: CostReport) -> go.Figure:
    chart = figure("Unusual days", height=140)
    known = report.unusual.anomalies.judged_from is not None
    words = "No unusual day in this period" if known else "Too few days to tell what is unusual"
    chart.add_annotation(text=words, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    chart.update_xaxes(visible=False)
    chart.update_yaxes(visible=False)
    return chart


def _add_panel(panels: go.Figure, anomaly: CostAnomaly, row: int, report: CostReport) -> None:
    known = [(one.day, one.expected) for one in anomaly.days if one.expected is not None]
    moments = [moment for moment, _ in known]
    common = {"mode": "lines", "row": row, "col": 1, "showlegend": row == 1}
    panels.add_scatter(
        x=moments,
        y=[float(expected.low) for _, expected in known],
        line={"width": 0},
        hoverinfo="skip",
        name="",
        **{**common, "showlegend": False},
    )
    panels.add_scatter(
        x=moments,
        y=[float(expected.high) for _, expected in known],
        line={"width": 0},
        fill="tonexty",
        fillcolor="rgba(120,120,120,0.18)",
        hoverinfo="skip",
        name=f"expected, {percent(report.parameters.confidence)} interval",
        **common,
    )
    panels.add_scatter(
        x=moments,
        y=[float(expected.mid) for _, expected in known],
        line={"color": MUTED, "dash": "dot", "width": 1.5},
        hovertemplate="expected %{y:,.2f}<extra></extra>",
        name="expected",
        **common,
    )
    panels.add_scatter(
        x=[one.day for one in anomaly.days],
        y=[float(one.actual) for one in anomaly.days],
        line={"color": PALETTE[0], "width": 2},
        hovertemplate="%{x|%a %d %b}: %{y:,.2f}<extra></extra>",
        name="cost",
        **common,
    )
    panels.add_scatter(
        x=[one.day for one in anomaly.episode],
        y=[float(one.actual) for one in anomaly.episode],
        marker={"color": UP, "size": 7},
        hoverinfo="skip",
        name="unusual",
        **{**common, "mode": "markers"},
    )


def _name(report: CostReport, anomaly: CostAnomaly) -> str:
    return place_words(anomaly.place, report.bill.account_names)


def tabulate_anomalies(report: CostReport) -> Html:
    """Return the period's anomalies with their causes, what AWS missed, and earlier ones."""
    unusual = report.unusual
    parts = [_found(report), _compared(report)]
    if unusual.anomalies.earlier:
        parts.append(_earlier(report))
    if unusual.commitments:
        parts.append(tabulate_commitments(report))
    return stacked(*parts)


def _found(report: CostReport) -> Html:
    columns = (
        Column("Where"),
        Column("Days"),
        Column("Cost", "figure"),
        Column("Expected", "figure"),
        Column("Beyond it", "figure"),
        Column("What was done before", "sentence"),
    )
    rows = [
        (*_facts(report, one.anomaly), _cause(report, one)) for one in report.unusual.explanations
    ]
    anomalies = report.unusual.anomalies
    note = f"Smallest that counts: {about(anomalies.floor, report.currency)}. "
    if anomalies.judged_from is None:
        note += "The bill holds too few days to tell what is unusual."
    else:
        note += f"{count(anomalies.groups, 'place')} judged, from {day(anomalies.judged_from)} on."
    return table(columns, rows, caption="Unusual in this period", note=note)


def _facts(report: CostReport, anomaly: CostAnomaly) -> tuple[str, ...]:
    shown = [one.day for one in anomaly.episode]
    impact = anomaly.impact
    actual = sum(one.actual for one in anomaly.episode)
    interval = f"{about(impact.low, report.currency)} to {about(impact.high, report.currency)}"
    return (
        _name(report, anomaly),
        f"since {day(shown[0])}" if anomaly.lasts else days(shown),
        money(actual, report.currency) if actual else "0",
        about(actual - impact.mid, report.currency),
        f"{stake(impact, report.currency)} ({interval})",
    )


def _cause(report: CostReport, explanation: Explanation) -> str:
    if not explanation.suspects:
        because = f": {join(explanation.because)}" if explanation.because else ""
        return f"{explanation.status.value}{because}"
    told = [
        f"{number}. {suspect_words(one)}: {evidence_of(one, report.currency)}"
        for number, one in enumerate(explanation.suspects[:MOST_SUSPECTS], start=1)
    ]
    if len(explanation.suspects) > MOST_SUSPECTS:
        told.append("less likely ones are in the table anomaly_causes")
    if explanation.alike > 1:
        told.append(f"the first {explanation.alike} are as likely")
    if explanation.because:
        told.append(f"not all was read: {join(explanation.because)}")
    return "; ".join(told)


def _compared(report: CostReport) -> Html:
    aws = report.unusual.aws
    rows = [
        *((_name(report, ours), "yes", f"yes, {_aws_words(theirs)}") for ours, theirs in aws.both),
        *((_name(report, ours), "yes", _missed(report)) for ours in aws.only_ours),
        *((_aws_place(one), "no", f"yes, {_aws_words(one)}") for one in aws.only_aws),
    ]
    note = "AWS looks for rises only, by its own threshold, and a day or more later."
    if aws.because:
        note = f"AWS's own detection could not be seen: {join(aws.because)}."
    elif not aws.is_set_up:
        note = "AWS Cost Anomaly Detection is not set up: no monitor watches this account."
    columns = (Column("Where"), Column("Ours"), Column("AWS Cost Anomaly Detection"))
    return table(columns, rows, caption="Ours and AWS's detection, side by side", note=note)


def _missed(report: CostReport) -> str:
    if report.unusual.aws.because:
        return "not seen"
    return "no" if report.unusual.aws.is_set_up else "not set up"


def _aws_words(anomaly: AwsAnomaly) -> str:
    until = f" to {day(anomaly.last_day)}" if anomaly.last_day else " and goes on"
    return f"{about(anomaly.impact, anomaly.currency)}, {day(anomaly.first_day)}{until}"


def _aws_place(anomaly: AwsAnomaly) -> str:
    named = [*anomaly.services, *anomaly.accounts, *anomaly.regions]
    return ", ".join(map(printable, named)) or "not named"


def _earlier(report: CostReport) -> Html:
    listed: Sequence[CostAnomaly] = report.unusual.anomalies.earlier
    shown = listed[: report.parameters.top]
    more = len(listed) - len(shown)
    return table(
        (
            Column("Where"),
            Column("Days"),
            Column("Cost", "figure"),
            Column("Expected", "figure"),
            Column("Beyond it", "figure"),
        ),
        [_facts(report, one) for one in shown],
        caption="Earlier, told by the reports of their time",
        note=f"{count(more, 'more')} in the table anomalies." if more > 0 else "",
    )


def tabulate_commitments(report: CostReport) -> Html:
    """Return how Savings Plans and reservations were used."""
    rows = [
        (
            COMMITMENT_WORDS[use.commitment],
            percent(use.used_share) if use.used_share is not None else "—",
            money(use.unused, use.currency),
            about(use.usual_unused, use.currency),
            f"since {day(use.first_day)}" if use.first_day else "as usual",
        )
        for use in report.unusual.commitments
    ]
    columns = (
        Column("Commitment"),
        Column("Used", "figure"),
        Column("Bought nothing", "figure"),
        Column("Usual", "figure"),
        Column("Less used"),
    )
    return table(columns, rows, caption="Use of commitments in the period")
