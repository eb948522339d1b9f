"""What the logs say of errors: how many a minute, by log group and pattern, with a line of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from opslib.analysis.incident.incident_impact import incident_span
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.wording import clock
from opslib.coverage import Coverage, gaps
from opslib.present.html import Column, Html, code, table
from opslib.present.theme import MUTED, figure, plain_text
from opslib.tables.incident import LogTables
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["plot_log_errors", "tabulate_log_errors"]

FIGURE: Final = "figure"
TABLES = ("log errors", "error lines")
KEYS = ["LogGroup", "Pattern"]
MOST_DRAWN, MOST_POINTS = 6, 240
OTHERS = "other patterns"
LEGEND = 45
"""Characters of a pattern in the legend."""
LEGEND_LINE = 20
"""Pixels that a name takes there, one below the other."""
A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)


def plot_log_errors(logs: LogTables | None, analysis: IncidentAnalysis) -> go.Figure:
    """Return errors a minute, stacked by log group and pattern; the rarer patterns together.

    Args:
        logs: None where they were not asked for; the figure says so.
        analysis: of the same window.
    """
    if logs is None:
        return figure("Errors in logs: none was read", height=120)
    window = analysis.window
    width = max(1, math.ceil(window.duration / A_MINUTE / MOST_POINTS))
    of = f", mean of {width} minutes" if width > 1 else ""
    chart = figure(f"Errors in logs a minute{of} (UTC)", unit="errors a minute")
    for name, values in _drawn(logs.patterns, window, width):
        chart.add_trace(
            go.Scatter(
                x=list(values.index),
                y=[float(f"{value:.4g}") for value in values],
                name=plain_text(printable(name)),
                mode="lines",
                line={"width": 1, **({"color": MUTED} if name == OTHERS else {})},
                stackgroup="errors",
                hovertemplate="%{x|%H:%M} %{y:.4g}<extra>%{fullData.name}</extra>",
            )
        )
    named = LEGEND_LINE * len(chart.data)
    chart.update_layout(
        xaxis={"range": [window.start, window.end]},
        height=300 + named,
        margin={"b": 56 + named},
        legend={"yref": "container", "y": 0, "yanchor": "bottom"},
    )
    return chart


def _drawn(
    patterns: pd.DataFrame, window: TimeWindow, width: int
) -> list[tuple[str, pd.Series[Any]]]:
    """Return name and errors a minute of the commonest patterns, and of the others together."""
    sizes = patterns.groupby(KEYS)["Errors"].sum().sort_values(ascending=False, kind="stable")
    first = set(sizes.index[:MOST_DRAWN])
    names = [
        _legend(group, pattern) if (group, pattern) in first else OTHERS
        for group, pattern in zip(patterns["LogGroup"], patterns["Pattern"], strict=True)
    ]
    freq = width * A_MINUTE
    start = pd.Timestamp(window.start).floor(freq)
    bins = pd.date_range(start, window.end, freq=freq, inclusive="left")
    named = patterns.assign(Name=names, Bin=pd.to_datetime(patterns["At"], utc=True).dt.floor(freq))
    summed = named.groupby(["Name", "Bin"])["Errors"].sum() / width
    order = sorted(set(names), key=lambda name: (name == OTHERS, -float(summed[name].sum()), name))
    return [(name, summed[name].reindex(bins, fill_value=0.0)) for name in order]


def _legend(group: str, pattern: str) -> str:
    """Return a name that is short enough: patterns differ at their ends."""
    return f"{group}: {pattern if len(pattern) <= LEGEND else f'…{pattern[-LEGEND:]}'}"


def tabulate_log_errors(
    logs: LogTables | None, analysis: IncidentAnalysis, coverage: Sequence[Coverage], top: int
) -> Html:
    """Return the patterns of errors that rose most in the incident, with the first line of each.

    Args:
        logs: None where they were not asked for.
        analysis: of the same window.
        coverage: of what was read.
        top: rows that are shown.
    """
    ranked = [] if logs is None else _ranked(logs, analysis)
    figures = ("Errors", "An hour before", "An hour in it", "Most a minute")
    columns = [Column("Log group"), Column("Pattern"), *(Column(name, FIGURE) for name in figures)]
    return table(
        columns,
        [row for row, _ in ranked[:top]],
        caption="Errors in logs",
        folds=[code(line) for _, line in ranked[:top]],
        note=_note(logs, len(ranked), coverage, top),
    )


def _ranked(logs: LogTables, analysis: IncidentAnalysis) -> list[tuple[tuple[str, ...], str]]:
    """Return the patterns with a line of each, those that rose most from before the onset first."""
    incident = incident_span(analysis.times, analysis.window)
    lines = logs.lines.sort_values("At", kind="stable").drop_duplicates(KEYS)
    said = {(row["LogGroup"], row["Pattern"]): row for row in lines.to_dict("records")}
    found = []
    for (group, pattern), part in logs.patterns.groupby(KEYS, sort=True):
        before, during = _rates(part, analysis.window, incident)
        total = float(part["Errors"].sum())
        rise = total if during is None else during - (before or 0.0)
        row = (
            printable(str(group)),
            printable(str(pattern)),
            f"{total:,.0f}",
            "" if before is None else f"{before:,.1f}",
            "" if during is None else f"{during:,.1f}",
            f"{part.groupby('At')['Errors'].sum().max():,.0f}",
        )
        found.append((-rise, row, _line(said.get((group, pattern)))))
    return [(row, line) for _, row, line in sorted(found)]


def _rates(
    part: pd.DataFrame, window: TimeWindow, incident: TimeWindow | None
) -> tuple[float | None, float | None]:
    """Return errors an hour before the onset and in the incident; None where there is no time."""
    if incident is None:
        return None, None
    at = pd.to_datetime(part["At"], utc=True)
    spans = ((window.start, incident.start), (incident.start, incident.end))
    rates = [
        None
        if start >= end
        else float(part["Errors"][(at >= start) & (at < end)].sum()) / ((end - start) / AN_HOUR)
        for start, end in spans
    ]
    return rates[0], rates[1]


def _line(row: dict[Any, Any] | None) -> str:
    return "no line was sampled" if row is None else f"first at {clock(row['At'])}: {row['Line']}"


def _note(
    logs: LogTables | None,
    number: int,
    coverage: Sequence[Coverage],
    top: int,
) -> str:
    if logs is None:
        return "Logs were not read: name log groups, and logs among the sources."
    missing = gaps(coverage, *TABLES)
    lacks = f" Not all was read: {missing[0].detail}." if missing else ""
    return (
        f"{min(top, number):,} of {number:,} patterns, those that rose most from before the "
        "onset. Counts of a log group are exact, those of its patterns are estimated from sampled "
        f"lines; all are in tables/log_patterns.csv and log_lines.csv.{lacks}"
    )
