"""Locks of Terraform runs in a DynamoDB table.

Source: Terraform's documentation, Backend Type: s3 (items by LockID, the digest under ``-md5``).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from opslib.aws.details import Details
from opslib.aws.places import Place, utc

__all__ = ["read_lock"]

Answer = dict[str, Any]


def read_lock(place: Place, table: str, row: Answer, details: Details) -> Answer:
    """Return what a table of locks tells: an item while a run holds it, a digest ever after.

    Args:
        place: account and region of the table.
        table: its name.
        row: the state, by names of `opslib.tables.terraform.STATE_OBJECTS`.
        details: takes what is refused.

    Returns:
        LockedSince and IsLockSeen.
    """

    def find(suffix: str) -> Answer | None:
        name = {"LockID": {"S": f"{row['Bucket']}/{row['Key']}{suffix}"}}
        answer: Answer | None = details.ask(
            lambda: place.call("dynamodb", "GetItem", TableName=table, Key=name)
        )
        return answer

    held, digest = find(""), find("-md5")
    if held is None or digest is None:
        return {"IsLockSeen": row["IsLockSeen"] or None}
    locked = _created(held.get("Item", {}).get("Info", {}).get("S", ""))
    since = locked if held.get("Item") else row["LockedSince"]
    seen = bool(held.get("Item") or digest.get("Item") or row["IsLockSeen"])
    return {"LockedSince": since, "IsLockSeen": seen}


def _created(info: str) -> datetime | None:
    """Return when a lock was taken, from its Info; nothing else of that is kept."""
    try:
        return utc(datetime.fromisoformat(json.loads(info)["Created"]))
    except (ValueError, KeyError, TypeError):
        return None
