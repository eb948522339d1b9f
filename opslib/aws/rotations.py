"""AWS Secrets Manager: secrets that were rotated or altered.

Source: AWS Secrets Manager API Reference, ListSecrets, which tells the last rotation and the last
change of a secret alone: of a secret rotated again since, CloudTrail tells the earlier ones.

Kind: both are changes. No secret is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.aws.event_reads import Told, read_event_source
from opslib.aws.places import Place, utc
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import count, printable

__all__ = ["read_rotation_events"]

SAME_ACT = timedelta(minutes=5)
"""A rotation alters the secret in a few steps; so near to it a change is the rotation."""


def read_rotation_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read the last rotation and the last change of every secret; columns of `EVENTS`."""

    def fetch(place: Place) -> Told:
        told, later = Told(), 0
        for secret in place.items(
            "secretsmanager", "ListSecrets", "SecretList", IncludePlannedDeletion=True
        ):
            told.events.extend(_events(place, secret))
            rotated = utc(secret.get("LastRotatedDate"))
            later += rotated is not None and rotated >= window.end
        if later:
            told.lacks(
                CoverageStatus.PARTIAL,
                f"{count(later, 'secret')} rotated after the window: Secrets Manager does not "
                "tell of rotations before, CloudTrail does",
            )
        return told

    return read_event_source(reads, "rotations", window, fetch)


def _events(place: Place, secret: dict[str, Any]) -> Iterator[Event]:
    rotated, changed = utc(secret.get("LastRotatedDate")), utc(secret.get("LastChangedDate"))
    if rotated:
        yield _event(place, secret, rotated, "rotated")
    if changed and (rotated is None or abs(changed - rotated) > SAME_ACT):
        yield _event(place, secret, changed, "altered")


def _event(place: Place, secret: dict[str, Any], at: Any, said: str) -> Event:
    name = str(secret["Name"])
    return Event(
        at=at,
        source="rotations",
        kind=EventKind.CHANGE,
        actor="secretsmanager" if said == "rotated" else "",
        action="rotation" if said == "rotated" else "alteration",
        resource=name,
        service="secretsmanager",
        account=place.label,
        region=place.region,
        summary=f"secret {printable(name)} was {said}",
        reference=f"{secret['ARN']}:{said}:{at.isoformat()}",
    )
