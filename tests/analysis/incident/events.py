"""Events for tests of the timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from opslib.tables.timeline import EVENTS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def event(minutes: float, reference: str, **told: Any) -> dict[str, Any]:
    """Return a row of `EVENTS` at noon and so many minutes."""
    row: dict[str, Any] = {
        **dict.fromkeys(EVENTS.columns, ""),
        "At": at(minutes),
        "ResolutionSeconds": 1.0,
        "ObservedAt": None,
        "Source": "cloudtrail",
        "Kind": "change",
        "Summary": f"event {reference}",
        "Reference": reference,
    }
    return {**row, **told}


def events(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(EVENTS.columns))
