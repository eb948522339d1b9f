"""Which signal could have told of the incident earliest.

Method: every signal has a moment at which it told, or would have: an alarm its first transition to
ALARM that came after the onset began, a rule the end of the period in which it would have fired, a
metric the end of the period in which its own onset showed. They are ordered by it.
An alarm that did not tell is listed as well: it was there, and silent.
Assumption: an alarm that was in ALARM before the onset tells of something else, and so does a
metric that left the usual before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.rollback import RuleReplay
from opslib.parameters.incident_metrics import RollbackRule
from opslib.tables.timeline import EventKind

__all__ = ["Signal", "rank_signals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What could have told, and when.

    Args:
        name: of the alarm, rule or metric.
        kind: ``alarm``, ``rollback rule`` or ``metric``.
        told_at: None for never.
        condition: what it asks for; '' where that is not known.
        after_onset: from the onset's latest moment on; None where either is not known.
    """

    name: str
    kind: str
    told_at: datetime | None
    condition: str
    after_onset: timedelta | None


def rank_signals(
    timeline: pd.DataFrame,
    replays: Sequence[RuleReplay],
    onset: Moment | None,
    metrics: Iterable[tuple[str, datetime]] = (),
    alarms: Mapping[str, str] | None = None,
) -> tuple[Signal, ...]:
    """Return every signal, the earliest first, those that never told last.

    Args:
        timeline: columns of `opslib.tables.timeline.TIMELINE`; alarms are its detections whose
            source is ``alarms``.
        replays: of the rules.
        onset: of the symptom; None where none was found.
        metrics: name and end of the period in which each metric's own onset showed.
        alarms: name of each to what it asks for, those that were silent too.
    """
    found = [
        *_alarms(timeline, onset, alarms or {}),
        *((one.rule.name, "rollback rule", one.fired_at, _asked(one.rule)) for one in replays),
        *(
            (name, "metric", at, "leaves the usual")
            for name, at in metrics
            if onset is None or at >= onset.earliest
        ),
    ]
    signals = [
        Signal(
            name=name,
            kind=kind,
            told_at=at,
            condition=condition,
            after_onset=None if at is None or onset is None else at - onset.latest,
        )
        for name, kind, at, condition in found
    ]
    return tuple(sorted(signals, key=_order))


def _order(signal: Signal) -> tuple[bool, float, str]:
    at = signal.told_at
    return (at is None, at.timestamp() if at else 0.0, signal.name)


def _asked(rule: RollbackRule) -> str:
    what = f"{rule.metric} of {rule.per} in percent" if rule.per else rule.metric
    limits = [
        f"{sign} {limit:g}"
        for sign, limit in (("above", rule.above), ("below", rule.below))
        if limit is not None
    ]
    length = f" for {rule.for_minutes:g} min" if rule.for_minutes else ""
    return f"{what} {' or '.join(limits)}{length}"


def _alarms(
    timeline: pd.DataFrame, onset: Moment | None, alarms: Mapping[str, str]
) -> list[tuple[str, str, datetime | None, str]]:
    told = timeline[
        (timeline["Kind"] == EventKind.DETECTION.value)
        & timeline["Sources"].str.contains('"alarms"', regex=False)
    ]
    if onset is not None:
        told = told[told["At"] >= onset.earliest]
    first = {str(n): at for n, at in told.groupby("Resource", sort=True)["At"].min().items()}
    return [
        (
            name,
            "alarm",
            first[name].to_pydatetime() if name in first else None,
            alarms.get(name, ""),
        )
        for name in sorted(first.keys() | alarms.keys())
    ]
