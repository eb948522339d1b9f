"""The first screen of capacity planning: which wall is first, when, and how sure we are."""

from __future__ import annotations

from math import isfinite
from statistics import median

from opslib.analysis.capacity.document import CapacityReport
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.wording import (
    days_left,
    distinct_words,
    interval_words,
    lead_words,
    placed_words,
    share_words,
)
from opslib.analysis.forecast import Backtest, was_surprised
from opslib.present.cards import Card, card, show_cards, unseen_card
from opslib.present.html import Html
from opslib.wording import count, join
from opslib.wording import day as write_day

__all__ = ["show_summary"]

NAMED = 3


def show_summary(report: CapacityReport, *, inline_style: bool) -> Html:
    """Return the first wall, what to begin by when, how good forecasts were, what was not seen.

    Args:
        report: the analysis.
        inline_style: carry the style sheet along, for JupyterLab; rendered reports have it.
    """
    cards = (
        _first_wall(report),
        _next_walls(report),
        _act(report),
        _sure(report),
        *unseen_card(report.coverage),
    )
    return show_cards(cards, report.conclusions, inline_style=inline_style)


def _walls(report: CapacityReport) -> list[LimitForecast]:
    return [one for one in report.analysis.limits if one.full and one.full.p50 is not None]


def _is_known(report: CapacityReport) -> bool:
    return any(one.full is not None for one in report.analysis.limits)


def _first_wall(report: CapacityReport) -> Card:
    horizon, title = report.parameters.horizon_days, "Which wall comes first?"
    walls = _walls(report)
    known = sum(1 for one in report.analysis.limits if one.full is not None)
    if not _is_known(report):
        return card(title, "not known", "No limit could be forecast.", "ops-warn")
    if not walls:
        unknown = len(report.analysis.limits) - known
        more = f" {count(unknown, 'limit')} without a forecast." if unknown else ""
        sentence = f"None of {count(known, 'limit')} is reached within {horizon} days.{more}"
        return card(title, "none", sentence)
    first = walls[0]
    assert first.full is not None
    median_day = first.day(first.full.p50)
    when = f"median {write_day(median_day)}; " if median_day and first.full.p50 else ""
    words = (
        f"{placed_words(first)}: {when}{interval_words(first, first.full)} of the forecast's paths."
    )
    sentence = f"{words[0].upper()}{words[1:]} The week's peak was {share_words(first)}."
    return card(title, days_left(first, first.full), sentence, "ops-act")


def _next_walls(report: CapacityReport) -> Card:
    walls = _walls(report)[1:]
    horizon = report.parameters.horizon_days
    if not _is_known(report):
        return card("What comes next?", "not known", "No limit could be forecast.", "ops-warn")
    if not walls:
        return card("What comes next?", "nothing", f"No other wall within {horizon} days.")
    names = distinct_words(_walls(report))
    named = [f"{names[one]} ({days_left(one, one.full)})" for one in walls[:NAMED] if one.full]
    return card("What comes next?", count(len(walls), "more wall"), f"{'; '.join(named)}.")


def _act(report: CapacityReport) -> Card:
    names = distinct_words(report.analysis.limits)
    dated = sorted(
        ((one.act_by, names[one], one) for one in report.analysis.limits if one.act_by),
        key=lambda told: told[:2],
    )
    title = "What must begin first?"
    if not dated and not _is_known(report):
        return card(title, "not known", "No limit could be forecast.", "ops-warn")
    if not dated:
        return card(title, "nothing", "No date is near enough to act on.")
    act_by, words, first = dated[0]
    today = report.parameters.as_of.date()
    figure = "now" if act_by < today else write_day(act_by)
    more = f" {count(len(dated) - 1, 'other limit')} follow." if dated[1:] else ""
    sentence = (
        f"{words[0].upper()}{words[1:]}: one path in ten is there by "
        f"{_when(first)}, and the change takes {lead_words(first)}.{more}"
    )
    return card(title, figure, sentence, "ops-act")


def _when(limit: LimitForecast) -> str:
    day = limit.day(limit.full.p10) if limit.full else None
    return write_day(day) if day else "then"


def _sure(report: CapacityReport) -> Card:
    backtests = [one.forecast.backtest for one in report.analysis.limits if one.forecast]
    title = "How sure are we?"
    if not backtests:
        return card(title, "not known", "Nothing was forecast.", "ops-warn")
    tested = [one for one in backtests if isfinite(one.coverage[0.8]) and one.naive_mase]
    if not tested:
        return card(title, "not known", "No history is long enough for a backtest.", "ops-warn")
    inside = sum(one.coverage[0.8] for one in tested) / len(tested)
    ratio = median(one.mase / one.naive_mase for one in tested)
    sentence = (
        f"of the days held out lay in the 80 % interval, over {count(len(tested), 'forecast')}; "
        f"in the median an error was {ratio:.2f} of that of last week's same day."
    )
    return card(title, f"{inside:.0%}", sentence + _of_walls(report))


def _held(backtest: Backtest) -> str:
    held = f"{backtest.coverage[0.8]:.0%}"
    if was_surprised(backtest):
        return f"{held} (by intervals as wide as today's {backtest.held_now[0.8]:.0%})"
    return held


def _of_walls(report: CapacityReport) -> str:
    """Return how the intervals of the walls themselves did."""
    walls = _walls(report)
    names = distinct_words(walls)
    told = [
        f"{_held(one.forecast.backtest)} for {names[one]}"
        for one in walls[:NAMED]
        if one.forecast and isfinite(one.forecast.backtest.coverage[0.8])
    ]
    return f" Of the walls: {join(told)}." if told else ""
