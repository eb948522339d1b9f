"""The timeline of an incident: one row an event, whatever recorded it.

Every moment is UTC, as its source recorded it, and is never rewritten.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["EVENTS", "TIMELINE", "EventKind"]


class EventKind(StrEnum):
    """What an event is to an incident."""

    CHANGE = "change"
    SYMPTOM = "symptom"
    DETECTION = "detection"
    RESPONSE = "response"
    RECOVERY = "recovery"
    CONTEXT = "context"


_EVENT = {
    "At": column(datetime),
    "ResolutionSeconds": column(float),
    "ObservedAt": column(datetime, nullable=True),
    "Source": column(str),
    "Kind": pa.Column(checks=pa.Check.isin([kind.value for kind in EventKind])),
    "Actor": column(str),
    "Action": column(str),
    "Resource": column(str),
    "Service": column(str),
    "Account": column(str),
    "Region": column(str),
    "Severity": column(str),
    "Summary": column(str),
}

EVENTS = pa.DataFrameSchema(
    {**_EVENT, "Reference": column(str), "ActId": column(str)}, unique=["Source", "Reference"]
)
"""One row a record of one source.

At is when it happened as the source says, known to ResolutionSeconds: it lies in [At, At +
ResolutionSeconds). ObservedAt is when the source learned of it or made it readable, null where it
does not say. Source is the reader, such as ``cloudtrail`` or ``notes``. Severity is one of
`opslib.findings.Severity` or ''. Reference names the raw record within its source. ActId is what
records of one act in several sources share (a request id, a deployment id, an alarm and its
transition), '' where the source knows of none.
"""

TIMELINE = pa.DataFrameSchema(
    {
        **_EVENT,
        "EventId": column(str),
        "Sources": column(str),
        "References": column(str),
        "IsOrderUncertain": column(bool),
        "Note": column(str),
        "IsStarred": column(bool),
    },
    unique=["EventId"],
)
"""One row an act, in order of At; duplicates of several sources are one row.

EventId is a digest of its references. Sources and References are JSON lists, the latter
``source:reference``. IsOrderUncertain: a neighbour lies within the resolutions of both, or of
sources whose clocks differ. Note is what people wrote about it, IsStarred that they marked it.
"""
