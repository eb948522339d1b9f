"""The timeline as other tools take it: Timesketch's JSONL, and Markdown for a post-mortem.

Source: Timesketch user guide, "Import from JSON or CSV": each line needs ``message``, ``datetime``
(ISO 8601) and ``timestamp_desc``; other fields become attributes.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from opslib.wording import printable

__all__ = ["markdown_cell", "timeline_markdown", "timesketch_jsonl"]

MARKDOWN_MARKS = "\\`*_[]<>|~"


def timesketch_jsonl(timeline: pd.DataFrame) -> str:
    """Return one JSON object a line, as Timesketch imports them.

    Args:
        timeline: columns of `opslib.tables.timeline.TIMELINE`.
    """
    return "".join(
        json.dumps(_sketched(row), ensure_ascii=False) + "\n" for row in timeline.to_dict("records")
    )


def _sketched(row: dict[Any, Any]) -> dict[str, Any]:
    sources = json.loads(row["Sources"])
    told = {
        "message": row["Summary"],
        "datetime": row["At"].isoformat(),
        "timestamp_desc": f"{row['Kind']} recorded by {', '.join(sources)}",
        "data_type": f"opslib:timeline:{row['Kind']}",
        "event_id": row["EventId"],
        "source": ", ".join(sources),
        "resolution_seconds": row["ResolutionSeconds"],
        "actor": row["Actor"],
        "action": row["Action"],
        "resource": row["Resource"],
        "service": row["Service"],
        "account": row["Account"],
        "region": row["Region"],
        "severity": row["Severity"],
        "references": json.loads(row["References"]),
        "comment": row["Note"],
    }
    tags = [row["Kind"], *(["starred"] if row["IsStarred"] else [])]
    return {**{name: value for name, value in told.items() if value != ""}, "tag": tags}


def timeline_markdown(timeline: pd.DataFrame) -> str:
    """Return a Markdown table of events, their texts escaped.

    Args:
        timeline: columns of `opslib.tables.timeline.TIMELINE`; all of them are listed.
    """
    lines = ["| time (UTC) | kind | what | who | recorded by |", "|---|---|---|---|---|"]
    for row in timeline.to_dict("records"):
        about = "~" if row["IsOrderUncertain"] else ""
        note = f" ({row['Note']})" if row["Note"] else ""
        star = "★ " if row["IsStarred"] else ""
        cells = [
            f"{about}{row['At']:%Y-%m-%d %H:%M:%S}",
            row["Kind"],
            f"{star}{row['Summary']}{note}",
            row["Actor"],
            ", ".join(json.loads(row["Sources"])),
        ]
        lines.append("| " + " | ".join(markdown_cell(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def markdown_cell(text: str) -> str:
    """Return text from outside so that Markdown shows it as it is, on one line."""
    plain = " ".join(printable(text).split())
    return "".join(f"\\{mark}" if mark in MARKDOWN_MARKS else mark for mark in plain)
