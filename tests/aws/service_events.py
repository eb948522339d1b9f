"""What tests of service events have in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

from opslib.aws.reads import Reads
from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS
from opslib.timewindow import TimeWindow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON - timedelta(hours=1), end=NOON + timedelta(hours=1))


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def kinds(events: pd.DataFrame) -> list[str]:
    check_table(events, EVENTS, "events")
    return events["Kind"].tolist()


def details(reads: Reads) -> str:
    return "; ".join(line.detail for line in reads.coverage)
