"""The walls as tables: limits by days left, what binds each workload, and what has no date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isfinite

from opslib.analysis.capacity.document import CapacityReport
from opslib.analysis.capacity.quota_names import quota_words
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit
from opslib.analysis.capacity.walls.wording import distinct_words, limit_words
from opslib.analysis.forecast import Backtest, was_surprised
from opslib.present.html import Column, Html, stacked, table
from opslib.wording import count, printable
from opslib.wording import day as write_day

__all__ = [
    "backtest_words",
    "tabulate_constraints",
    "tabulate_unknown",
    "tabulate_walls",
    "write_days",
]


def tabulate_walls(report: CapacityReport) -> Html:
    """Return the limits that are reached first, with the backtest of each forecast."""
    known = [one for one in report.analysis.limits if one.full is not None]
    horizon, today = report.parameters.horizon_days, report.parameters.as_of.date()
    shown = known[: report.parameters.top]
    names = distinct_words(known, placed=True)
    rows = [_row(one, names[one], today) for one in shown]
    columns = [
        Column("Limit", "sentence"),
        Column("Peak of the week", "figure"),
        Column(f"Days to {report.parameters.warn_at_percent:g} %", "figure"),
        Column("Days to the limit", "figure"),
        Column("Act by", "figure"),
        Column("Backtest"),
    ]
    note = (
        f"{len(rows)} of {count(len(known), 'limit')} with a forecast; all are in "
        "tables/limits.csv. Days are P50 (P10 to P90) from the report's day on: by P10 one path in "
        f"ten has reached it; > {horizon} lies beyond the horizon, which is no longer than the "
        "history. Act by: P10 less the days that the change takes. Backtest: MASE, in brackets "
        "that of last week's same day; share of the held-out days in the 80 and 95 % interval. "
        "Then, now: where earlier forecasts clearly held too few, what intervals as wide as "
        "today's would have held, widened by the other forecasts' errors alone."
    )
    return table(columns, rows, caption="What runs out, the earliest first", note=note)


def _row(limit: LimitForecast, name: str, today: date) -> tuple[str, ...]:
    return (
        name,
        "not measured" if limit.used_percent is None else f"{limit.used_percent:.0f} %",
        write_days(limit, limit.warn),
        write_days(limit, limit.full),
        _act_by(limit, today),
        backtest_words(limit.forecast.backtest) if limit.forecast else "",
    )


def backtest_words(backtest: Backtest) -> str:
    """Return error, naive error, and the shares held out in the 80 and 95 % intervals."""
    if not isfinite(backtest.mase) or not isfinite(backtest.coverage[0.8]):
        return "too short to test"
    covered = _shares(backtest.coverage)
    if was_surprised(backtest):
        covered = f"{covered} then, {_shares(backtest.held_now)} now"
    return f"{backtest.mase:.2f} ({backtest.naive_mase:.2f}); {covered}"


def _shares(held: Mapping[float, float]) -> str:
    return f"{held[0.8]:.0%} / {held[0.95]:.0%}"


def write_days(limit: LimitForecast, time: TimeToLimit | None) -> str:
    """Return P50 (P10 to P90); what lies beyond the horizon as such."""
    if time is None:
        return "unknown"
    if time.p50 == 0:
        return "reached"
    p10, p50, p90 = (
        f"> {limit.horizon_days}" if one is None else str(one) for one in _quantiles(time)
    )
    return p50 if p10 == p50 == p90 else f"{p50} ({p10} to {p90})"


def _quantiles(time: TimeToLimit) -> tuple[int | None, ...]:
    return (time.p10, time.p50, time.p90)


def _act_by(limit: LimitForecast, today: date) -> str:
    if limit.act_by is None:
        return ""
    if limit.act_by < today:
        return f"{write_day(limit.act_by)}: late"
    return write_day(limit.act_by)


def tabulate_constraints(report: CapacityReport) -> Html:
    """Return what binds each workload, and how far the next wall is behind it."""
    constraints = report.analysis.constraints
    rows = [
        (
            ", ".join([printable(one.workload), printable(one.account), one.region]),
            limit_words(one.first),
            write_days(one.first, one.first.full),
            limit_words(one.second) if one.second else "no other",
            "" if one.second is None else write_days(one.second, one.second.full),
            "" if one.days_between is None else count(one.days_between, "day"),
            _unknown(one.unknown),
        )
        for one in constraints[: report.parameters.top]
    ]
    columns = [
        Column("Workload"),
        Column("Binding constraint"),
        Column("Days", "figure"),
        Column("Next"),
        Column("Days", "figure"),
        Column("Between", "figure"),
        Column("Without a date"),
    ]
    note = (
        f"{len(rows)} of {count(len(constraints), 'workload')}. Where no limit is within the "
        "horizon, the most used one is named."
    )
    return table(columns, rows, caption="What binds each workload", note=note)


def _unknown(limits: Sequence[LimitForecast]) -> str:
    return ", ".join(printable(one.limit) for one in limits)


def tabulate_unknown(report: CapacityReport) -> Html:
    """Return the limits that have no date since nothing tells one, and the quotas not covered."""
    unknown = [one for one in report.analysis.limits if one.full is None]
    names = distinct_words(unknown, placed=True)
    top = report.parameters.top
    rows = [
        (
            names[one],
            "" if one.used_percent is None else f"{one.used_percent:.0f} %",
            one.why_not,
        )
        for one in sorted(unknown, key=lambda one: -(one.used_percent or 0))[:top]
    ]
    columns = [
        Column("Limit", "sentence"),
        Column("In use", "figure"),
        Column("Why there is no date", "sentence"),
    ]
    note = f"{len(rows)} of {count(len(unknown), 'limit')}; none of them is taken as far away."
    first = table(columns, rows, caption="Limits without an honest forecast", note=note)
    return stacked(first, _uncovered(report))


def _uncovered(report: CapacityReport) -> Html:
    quotas = report.analysis.uncovered_quotas
    top = report.parameters.top
    rows = [
        (quota_words(one.service, one.name), printable(one.account), one.region, one.why)
        for one in quotas[:top]
    ]
    columns = [
        Column("Quota"),
        Column("Account"),
        Column("Region"),
        Column("Why nothing is held against it", "sentence"),
    ]
    note = f"{len(rows)} of {count(len(quotas), 'quota')}; all are in tables/quotas.csv."
    return table(columns, rows, caption="Quotas that are not covered", note=note)
