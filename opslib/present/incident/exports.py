"""The timeline as other tools take it: Timesketch's JSONL, and Markdown for a post-mortem.

Source: Timesketch user guide, "Import from JSON or CSV": each line needs ``message``, ``datetime``
(ISO 8601) and ``timestamp_desc``, none of them empty; other fields become attributes.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from opslib.present.markdown import markdown_table, markdown_text
from opslib.redaction import redact_text

__all__ = ["timeline_markdown", "timesketch_jsonl"]


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
        "message": row["Summary"] or row["Action"] or f"{row['Kind']} without a summary",
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
    known = {name: _redacted(value) for name, value in told.items() if value != ""}
    return {**known, "tag": tags}


def _redacted(value: Any) -> Any:
    """Return a value without secrets; each text by itself, so that the line stays JSON."""
    return redact_text(value) if isinstance(value, str) else value


def timeline_markdown(timeline: pd.DataFrame) -> str:
    """Return a Markdown table of events, their texts escaped.

    Args:
        timeline: columns of `opslib.tables.timeline.TIMELINE`; all of them are listed.
    """
    rows = []
    for row in timeline.to_dict("records"):
        about = "~" if row["IsOrderUncertain"] else ""
        note = f" ({row['Note']})" if row["Note"] else ""
        star = "★ " if row["IsStarred"] else ""
        cells = [
            f"{about}{row['At']:%Y-%m-%d %H:%M:%S}",
            row["Kind"],
            f"{star}{row['Summary']}{note}",
            row["Actor"].rpartition("/")[2],
            ", ".join(json.loads(row["Sources"])),
        ]
        rows.append([markdown_text(cell) for cell in cells])
    return markdown_table(("time (UTC)", "kind", "what", "who", "recorded by"), rows)
