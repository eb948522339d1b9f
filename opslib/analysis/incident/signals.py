"""Which signal could have told of the incident earliest.

Method: every signal has a moment at which it told, or would have: an alarm its first transition to
ALARM that came after the onset began, a rule the end of the period in which it would have fired, a
metric the end of the period in which its own onset showed. They are ordered by it.
Assumption: an alarm that was in ALARM before the onset tells of something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.rollback import RuleReplay
from opslib.tables.timeline import EventKind

__all__ = ["Signal", "rank_signals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What could have told, and when.

    Args:
        name: of the alarm, rule or metric.
        kind: ``alarm``, ``rollback rule`` or ``metric``.
        told_at: None for never.
        after_onset: from the onset's latest moment on; None where either is not known.
    """

    name: str
    kind: str
    told_at: datetime | None
    after_onset: timedelta | None


def rank_signals(
    timeline: pd.DataFrame,
    replays: Sequence[RuleReplay],
    onset: Moment | None,
    metrics: Iterable[tuple[str, datetime]] = (),
) -> tuple[Signal, ...]:
    """Return every signal, the earliest first, those that never told last.

    Args:
        timeline: columns of `opslib.tables.timeline.TIMELINE`; alarms are its detections whose
            source is ``alarms``.
        replays: of the rules.
        onset: of the symptom; None where none was found.
        metrics: name and end of the period in which each metric's own onset showed.
    """
    found = [
        *_alarms(timeline, onset),
        *((replay.rule.name, "rollback rule", replay.fired_at) for replay in replays),
        *((name, "metric", at) for name, at in metrics),
    ]
    signals = [
        Signal(
            name=name,
            kind=kind,
            told_at=at,
            after_onset=None if at is None or onset is None else at - onset.latest,
        )
        for name, kind, at in found
    ]
    return tuple(sorted(signals, key=_order))


def _order(signal: Signal) -> tuple[bool, float, str]:
    at = signal.told_at
    return (at is None, at.timestamp() if at else 0.0, signal.name)


def _alarms(timeline: pd.DataFrame, onset: Moment | None) -> list[tuple[str, str, datetime | None]]:
    told = timeline[
        (timeline["Kind"] == EventKind.DETECTION.value)
        & timeline["Sources"].str.contains('"alarms"', regex=False)
    ]
    if onset is not None:
        told = told[told["At"] >= onset.earliest]
    first = told.groupby("Resource", sort=True)["At"].min()
    return [(str(name), "alarm", at.to_pydatetime()) for name, at in first.items()]
