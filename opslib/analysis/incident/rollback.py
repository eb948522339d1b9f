"""When each rollback rule would have fired.

Method: a rule holds in a period if its metric (or its share of another, in percent) is beyond the
limit; it fires at the end of the first run of holding periods without a break that is as long as
the rule asks. A period with fewer samples than the guard says nothing: it neither holds nor breaks
a run, and is counted. A period without a datapoint breaks the run: nobody could have known. (Of a
share it is the whole that must have one: a count is not reported where nothing was counted.)
Assumption: CloudWatch shows a period once it has ended.
Fails where: datapoints came late; the rule could then not have fired when it says.
Source: Google SRE Workbook, "Canarying Releases", for replaying rules on what was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from opslib.analysis.incident.series import Series, share_of
from opslib.parameters.incident_metrics import RollbackRule
from opslib.timewindow import TimeWindow

__all__ = ["RuleReplay", "replay_rule"]

PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReplay:
    """When a rule would have fired.

    Args:
        rule: which one.
        fired_at: None for never.
        worst: the value furthest beyond the limit, or nearest to it; None without a datapoint.
        judged, unguarded, missing: periods that were judged, had too few samples, had no datapoint.
        problem: why it could not be replayed, '' where it could.
    """

    rule: RollbackRule
    fired_at: datetime | None = None
    worst: float | None = None
    judged: int = 0
    unguarded: int = 0
    missing: int = 0
    problem: str = ""


def replay_rule(rule: RollbackRule, series: Mapping[str, Series], window: TimeWindow) -> RuleReplay:
    """Replay one rule over a window.

    Args:
        rule: what to ask.
        series: by name; those that the rule names must be of one period.
        window: periods that touch it are judged.
    """
    names = [name for name in (rule.metric, rule.per, rule.samples) if name]
    unknown = [name for name in names if name not in series]
    if unknown:
        return RuleReplay(rule=rule, problem=f"no metric {', '.join(unknown)} was read")
    silent = [name for name in names if series[name].points.empty]
    if silent:
        return RuleReplay(rule=rule, problem=f"{', '.join(silent)} has no datapoint at all")
    periods = {series[name].period for name in names}
    if len(periods) > 1:
        return RuleReplay(rule=rule, problem="its metrics were read by different periods")
    (period,) = periods
    values = _values(rule, series)
    guard = series[rule.samples].points if rule.samples else None
    first = pd.Timestamp(window.start).floor(period)
    return _replay(
        rule, values, guard, pd.date_range(first, window.end, freq=period, inclusive="left")
    )


def _values(rule: RollbackRule, series: Mapping[str, Series]) -> pd.Series:
    metric = series[rule.metric]
    return PERCENT * share_of(metric, series[rule.per]) if rule.per else metric.points


def _replay(
    rule: RollbackRule, values: pd.Series, guard: pd.Series | None, periods: pd.DatetimeIndex
) -> RuleReplay:
    found = values.reindex(periods)
    samples = None if guard is None else guard.reindex(periods).fillna(0)
    few = pd.Series(False, index=periods) if samples is None else samples < rule.min_samples
    missing = found.isna() & ~few
    judged = found[~few & ~missing]
    return RuleReplay(
        rule=rule,
        fired_at=_fires(rule, found, few),
        worst=_worst(rule, judged),
        judged=len(judged),
        unguarded=int(few.sum()),
        missing=int(missing.sum()),
    )


def _fires(rule: RollbackRule, values: pd.Series, few: pd.Series) -> datetime | None:
    period = values.index[1] - values.index[0] if len(values) > 1 else timedelta()
    wanted, held = timedelta(minutes=rule.for_minutes), timedelta()
    for at, value, is_few in zip(values.index, values, few, strict=True):
        if is_few:
            continue
        held = held + period if _holds(rule, value) else timedelta()
        if held >= wanted and held > timedelta():
            fired: datetime = (at + period).to_pydatetime()
            return fired
    return None


def _holds(rule: RollbackRule, value: float) -> bool:
    above = rule.above is not None and value > rule.above
    return above or (rule.below is not None and value < rule.below)


def _worst(rule: RollbackRule, judged: pd.Series) -> float | None:
    if judged.empty:
        return None
    return float(judged.max() if rule.above is not None else judged.min())
