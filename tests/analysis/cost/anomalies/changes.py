"""Changes before an anomaly, as tests record them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from opslib.tables.cost_changes import names_json
from opslib.tables.event_rows import Event, events_frame
from opslib.tables.timeline import EventKind


def change(action: str, resource: str = "", **facts: Any) -> Event:
    """Return a change at noon of the day before the anomaly of the tests."""
    told: dict[str, Any] = {
        "at": datetime(2026, 2, 22, 12, tzinfo=UTC),
        "source": "cloudtrail",
        "kind": EventKind.CHANGE,
        "actor": "ops/ada",
        "action": action,
        "resource": resource,
        "service": action.partition(":")[0],
        "account": "111111111111",
        "region": "us-east-1",
        "summary": f"ada called {action}",
        "reference": f"{action} {resource}",
    }
    return Event(**(told | facts))


def recorded(*events: Event, **facts: Any) -> pd.DataFrame:
    """Return changes as `COST_CHANGES` has them, each with its own resource and no class."""
    frame = events_frame(events)
    own = [names_json((one,) if one else ()) for one in frame["Resource"]]
    return frame.assign(Resources=own, Extent=1, Classes="[]").assign(**facts)
