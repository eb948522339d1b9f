"""What an incident cost and reached, as the tables that are kept beside its report."""

from __future__ import annotations

import json
from dataclasses import asdict, fields

import pandas as pd

from opslib.analysis.incident.blast_radius import BlastRadius
from opslib.analysis.incident.impact import Impact
from opslib.analysis.incident.incident_impact import IncidentImpact

__all__ = ["affected_table", "impact_table"]


def impact_table(impact: IncidentImpact) -> pd.DataFrame:
    """Return a row a span (``incident``, ``avoidable``) with the fields of `Impact`.

    Counts are of Component, minutes are minutes, times UTC; no row for what was not counted.
    """
    spans = {"incident": impact.whole, "avoidable": impact.avoidable}
    rows = [
        {"Span": name, "Component": impact.component, **asdict(one)}
        for name, one in spans.items()
        if one is not None
    ]
    columns = ["Span", "Component", *(field.name for field in fields(Impact))]
    table = pd.DataFrame(rows, columns=columns)
    return table.rename(
        columns=lambda name: "".join(p[:1].upper() + p[1:] for p in name.split("_"))
    )


def affected_table(radius: BlastRadius) -> pd.DataFrame:
    """Return a row a component: State is ``affected``, ``unaffected`` or ``unknown``.

    SinceEarliest and UntilLatest are UTC, null where it began before the window, goes on, or was
    not affected; Metrics and Resources are JSON lists.
    """
    rows = [
        (
            one.component,
            "affected",
            one.since.earliest if one.since else None,
            one.until.latest if one.until else None,
            json.dumps(one.metrics),
            json.dumps(one.resources),
        )
        for one in radius.affected
    ]
    rows += [(name, "unaffected", None, None, "[]", "[]") for name in radius.unaffected]
    rows += [(name, "unknown", None, None, "[]", "[]") for name in radius.unknown]
    columns = ["Component", "State", "SinceEarliest", "UntilLatest", "Metrics", "Resources"]
    table = pd.DataFrame(rows, columns=columns)
    for name in ("SinceEarliest", "UntilLatest"):
        table[name] = pd.to_datetime(table[name], utc=True)
    return table
