"""One timeline out of the records of many sources.

Method: records that share an act's id are one act; it is told by its finest record, and keeps the
references of all. Acts are ordered by their time as recorded, which is never changed; where two
neighbours lie within the resolution of either, their order is marked uncertain.
Assumption: a source's time is true to its resolution. Where acts of two sources that are one act
lie further apart than that, `estimate_skew` tells by how much their clocks differ.
Fails where: two sources know no common id of one act; both records are shown then.
Source: Timesketch's data model (datetime, timestamp_desc, message) for what an event needs.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pandas as pd

from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS, TIMELINE, EventKind

__all__ = ["Annotations", "merge_events"]

Row = dict[str, Any]
URGENCY = {
    EventKind.CHANGE: 0,
    EventKind.DETECTION: 1,
    EventKind.SYMPTOM: 2,
    EventKind.RECOVERY: 3,
    EventKind.RESPONSE: 4,
    EventKind.CONTEXT: 5,
}
"""Whose word counts for an act that sources call by different kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """What people said of events, by event id.

    Args:
        stars: events that were marked.
        notes: event to text.
    """

    stars: frozenset[str] = frozenset()
    notes: Mapping[str, str]


def merge_events(
    tables: Iterable[pd.DataFrame], annotations: Annotations | None = None
) -> pd.DataFrame:
    """Return one row an act, in order of time; columns of `TIMELINE`.

    The result does not depend on the order of tables or rows.

    Args:
        tables: columns of `EVENTS`; one record may stand in several.
        annotations: stars and notes of people.
    """
    records = _records(tables)
    said = annotations or Annotations(notes={})
    acts = [_act(key, group, said) for key, group in _groups(records).items()]
    acts.sort(key=lambda act: (act["At"], act["ResolutionSeconds"], act["EventId"]))
    _mark_uncertain(acts)
    frame = pd.DataFrame(acts, columns=list(TIMELINE.columns))
    return check_table(frame, TIMELINE, "timeline")


def _records(tables: Iterable[pd.DataFrame]) -> list[Row]:
    """Return every record once, in an order of its own."""
    found: dict[tuple[str, str], Row] = {}
    for table in tables:
        for row in check_table(table, EVENTS, "events").to_dict("records"):
            found.setdefault((row["Source"], row["Reference"]), cast("Row", row))
    return [found[key] for key in sorted(found)]


def _groups(records: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the records of each act by what tells it, whichever of its sources were read."""
    acts: dict[str, list[Row]] = defaultdict(list)
    for record in records:
        key = f"act {record['ActId']}" if record["ActId"] else f"one {_reference(record)}"
        acts[key].append(record)
    return acts


def _reference(record: Row) -> str:
    return f"{record['Source']}:{record['Reference']}"


def _act(key: str, group: Sequence[Row], said: Annotations) -> Row:
    told = min(group, key=lambda record: (record["ResolutionSeconds"], record["At"]))
    references = sorted(_reference(record) for record in group)
    identity = hashlib.sha256(key.encode()).hexdigest()[:12]
    observed = [r["ObservedAt"] for r in group if not pd.isna(r["ObservedAt"])]
    kinds = sorted((EventKind(r["Kind"]) for r in group), key=URGENCY.__getitem__)
    return {
        **{name: told[name] for name in TIMELINE.columns if name in told},
        **{name: _first_told(group, told, name) for name in ("Actor", "Resource", "Severity")},
        "Kind": kinds[0].value,
        "ObservedAt": min(observed, default=None),
        "EventId": identity,
        "Sources": json.dumps(sorted({record["Source"] for record in group})),
        "References": json.dumps(references, ensure_ascii=False),
        "Note": said.notes.get(identity, ""),
        "IsStarred": identity in said.stars,
    }


def _first_told(group: Sequence[Row], told: Row, name: str) -> str:
    """Return what the finest record says, or else the first that says anything."""
    return told[name] or next((record[name] for record in group if record[name]), "")


def _mark_uncertain(acts: Sequence[Row]) -> None:
    """Mark acts that may have happened before the one that stands before them."""
    for act in acts:
        act["IsOrderUncertain"] = False
    latest: Row | None = None
    for act in acts:
        if latest is not None and act["At"] < _end(latest):
            act["IsOrderUncertain"] = latest["IsOrderUncertain"] = True
        if latest is None or _end(act) > _end(latest):
            latest = act


def _end(act: Row) -> Any:
    return act["At"] + timedelta(seconds=act["ResolutionSeconds"])
