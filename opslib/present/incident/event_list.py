"""Events as rows of a table, with what people marked."""

from __future__ import annotations

import json

import pandas as pd

from opslib.analysis.incident.event_filter import unknown_marks
from opslib.parameters.incident_file import IncidentFile
from opslib.present.html import Column, Html, table
from opslib.wording import printable, visible

__all__ = ["list_events", "list_unknown_marks"]

LONGEST_SUMMARY = 240


def list_events(events: pd.DataFrame, *, caption: str, note: str) -> Html:
    """Return a row an event.

    Args:
        events: columns of `opslib.tables.timeline.TIMELINE`.
        caption: what they are.
        note: small print; that of the marks is added.
    """
    rows = [
        (
            f"{'~' if row['IsOrderUncertain'] else ''}{row['At']:%d %b %H:%M:%S}",
            row["Kind"],
            f"{'★ ' if row['IsStarred'] else ''}{_summary(row['Summary'])}{_note(row['Note'])}",
            printable(row["Actor"].rpartition("/")[2]),
            ", ".join(json.loads(row["Sources"])),
        )
        for row in events.to_dict("records")
    ]
    names = ("Time (UTC)", "Kind", "What", "Who", "Recorded by")
    columns = [Column(name, "sentence" if name == "What" else "text") for name in names]
    marks = "~: the order of neighbours is uncertain; ★: starred, [ ]: noted by people."
    return table(columns, rows, caption=caption, note=f"{note} {marks}")


def _summary(summary: str) -> str:
    return printable(summary, LONGEST_SUMMARY)


def _note(note: str) -> str:
    """Write a note whole: it is what people want to be read."""
    return f" [{visible(' '.join(note.split()))}]" if note else ""


def list_unknown_marks(events: pd.DataFrame, file: IncidentFile | None) -> Html | None:
    """Return the stars and notes whose events were not read; None where there are none."""
    unknown = unknown_marks(events, file)
    if file is None or not unknown:
        return None
    return table(
        [Column("Event"), Column("Note")],
        [(printable(one), " ".join(file.notes.get(one, "★").split())) for one in unknown],
        caption="Stars and notes about events that were not read",
        note="The incident's file keeps them. Their source was not read, or has forgotten them.",
    )
