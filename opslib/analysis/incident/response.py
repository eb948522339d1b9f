"""Who noticed, who answered and what was undone, as the timeline tells it.

Method: what the incident's own file says goes before what sources recorded. Detection is the first
event of kind detection that may lie after the onset; acknowledgement the first response of a
person, where somebody acknowledged the first of those; the rollback is the first change after the
onset that is told as one, or else touches the same resource by the same action as a suspect.
Assumption: the file's moments are meant to the minute.
Fails where: a rollback was made by other means than the change (the report says that it is
inferred, and by what).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from opslib.analysis.incident.moments import Moment
from opslib.parameters.incident_file import IncidentFile
from opslib.tables.timeline import EventKind

__all__ = [
    "find_acknowledgement",
    "find_detection",
    "find_mitigation",
    "find_rollback",
    "moment_of",
]

A_MINUTE = timedelta(minutes=1)
UNDOING = ("rollback", "roll back", "rolled back", "revert", "restore previous")


def moment_of(event: dict[Any, Any]) -> Moment:
    """Return when an event of `opslib.tables.timeline.TIMELINE` happened."""
    at = event["At"].to_pydatetime()
    return Moment(
        earliest=at,
        latest=at + timedelta(seconds=event["ResolutionSeconds"]),
        by=event["Summary"],
    )


def find_detection(
    timeline: pd.DataFrame, onset: Moment | None, file: IncidentFile | None
) -> Moment | None:
    """Return when the incident was first noticed; None where no source says."""
    if file is not None and file.detected is not None:
        return _said(file.detected, "the incident's file")
    return _first(timeline, EventKind.DETECTION, onset)


def find_acknowledgement(
    timeline: pd.DataFrame, detection: Moment | None, file: IncidentFile | None
) -> Moment | None:
    """Return when somebody first took the incident on; None where no source says."""
    if file is not None and file.acknowledged is not None:
        return _said(file.acknowledged, "the incident's file")
    told = timeline[timeline["Action"].str.contains("acknowledge", case=False)]
    return _first(told, EventKind.RESPONSE, detection) or _first(
        timeline, EventKind.RESPONSE, detection
    )


def find_rollback(
    timeline: pd.DataFrame,
    onset: Moment | None,
    suspects: Sequence[tuple[str, str]],
    file: IncidentFile | None,
) -> Moment | None:
    """Return when what brought the incident about was undone; None where nothing shows it.

    Args:
        timeline: columns of `opslib.tables.timeline.TIMELINE`.
        onset: of the symptom; None where none was found, which leaves it to the file.
        suspects: (action, resource) of suspected changes, the first suspect first.
        file: the incident's own.
    """
    if file is not None and file.rolled_back is not None:
        return _said(file.rolled_back, "the incident's file")
    if onset is None:
        return None
    changes = timeline[timeline["Kind"] == EventKind.CHANGE.value]
    later = changes[changes["At"] > onset.latest]
    words = "|".join(UNDOING)
    told = later[(later["Action"] + " " + later["Summary"]).str.contains(words, case=False)]
    if not told.empty:
        return moment_of(told.iloc[0].to_dict())
    for action, resource in suspects:
        same = later[(later["Action"] == action) & (later["Resource"] == resource)]
        if not same.empty:
            return moment_of(same.iloc[0].to_dict())
    return None


def find_mitigation(rollback: Moment | None, file: IncidentFile | None) -> Moment | None:
    """Return when the effect was stopped: as the file says, else by the rollback."""
    if file is not None and file.mitigated is not None:
        return _said(file.mitigated, "the incident's file")
    return rollback


def _first(timeline: pd.DataFrame, kind: EventKind, after: Moment | None) -> Moment | None:
    found = timeline[timeline["Kind"] == kind.value]
    if after is not None and not found.empty:
        ends = found["At"] + pd.to_timedelta(found["ResolutionSeconds"], unit="s")
        found = found[ends > after.earliest]
    return None if found.empty else moment_of(found.iloc[0].to_dict())


def _said(moment: datetime, by: str) -> Moment:
    return Moment(earliest=moment, latest=moment + A_MINUTE, by=by)
