"""Events of an incident, as a reader states them, and the table that they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from opslib.redaction import redact_text
from opslib.tables.timeline import EVENTS, EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import visible

__all__ = ["Event", "events_frame", "one_line"]

LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One record of one source; each field is the column of `EVENTS` of its name.

    Text may come from outside: the table holds it on one line, redacted and without control
    characters.
    """

    at: datetime
    source: str
    kind: EventKind
    summary: str
    reference: str
    resolution_seconds: float = 1.0
    observed_at: datetime | None = None
    actor: str = ""
    action: str = ""
    resource: str = ""
    service: str = ""
    account: str = ""
    region: str = ""
    severity: str = ""
    act_id: str = ""

    def touches(self, window: TimeWindow) -> bool:
        """Say whether it may lie in ``window``, known as it is to its resolution."""
        until = self.at + timedelta(seconds=self.resolution_seconds)
        return self.at in window or (self.at < window.start < until)

    def row(self) -> tuple[object, ...]:
        """Return its row, in the order of `EVENTS`."""
        return (
            self.at,
            float(self.resolution_seconds),
            self.observed_at,
            self.source,
            self.kind.value,
            one_line(self.actor),
            one_line(self.action),
            one_line(self.resource),
            one_line(self.service),
            self.account,
            self.region,
            self.severity,
            one_line(self.summary),
            one_line(self.reference),
            one_line(self.act_id),
        )


def one_line(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return text from outside redacted, on one line of at most ``longest`` characters.

    Secrets are taken out before the text is cut, or half of one would be left.
    """
    shown = visible(" ".join(redact_text(text).split()))
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def events_frame(events: Iterable[Event], window: TimeWindow | None = None) -> pd.DataFrame:
    """Return the events of ``window`` in order of time, a record once only; columns of `EVENTS`.

    Args:
        events: in any order; a record that was listed twice keeps its first place.
        window: what to keep; None keeps all.
    """
    rows = [event.row() for event in events if window is None or event.touches(window)]
    frame = pd.DataFrame(rows, columns=list(EVENTS.columns))
    frame = frame.drop_duplicates(["Source", "Reference"])
    frame = frame.sort_values(["At", "Source", "Reference"], ignore_index=True)
    return frame.astype({"ResolutionSeconds": float})
