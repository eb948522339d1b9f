"""What the sandbox's buckets hold: versions, delete markers, and replicas of them.

In scenario ``troubled`` a replica lacks an object, by seed: one that failed to replicate.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from moto.backends import get_backend
from moto.s3.models import FakeDeleteMarker

from opslib.sandbox.backups import DataStore
from opslib.sandbox.replica_losses import OBJECTS, is_deleted, lost_object
from opslib.sandbox.scenario import Scenario, ScenarioName

__all__ = ["fill_buckets"]

HISTORY = timedelta(days=30)
STATUS = "x-amz-replication-status"


def fill_buckets(store: DataStore, scenario: Scenario) -> None:
    """Put objects into a bucket of the estate, and into its replica."""
    lost = lost_object(scenario.seed) if scenario.name is ScenarioName.TROUBLED else None
    for number in range(OBJECTS):
        key = f"{2020 + number % 5}/Übersicht {number}.txt"
        chance = Random(f"{store.name} {key}")  # noqa: S311  the same in every process
        moments = sorted(scenario.epoch - HISTORY * chance.random() for _ in range(number % 3 + 1))
        for at in moments:
            content = chance.randbytes(chance.randint(0, 2_000))
            is_lost = bool(store.replica) and number == lost and at == moments[-1]
            made = _put(store, store.name, key, content, at)
            if store.replica:
                made.metadata[STATUS] = "FAILED" if is_lost else "COMPLETED"
            if store.replica and not is_lost:
                copied = _put(store, store.replica, key, content, at)
                copied.metadata[STATUS] = "REPLICA"
                copied._version_id = made.version_id  # noqa: SLF001  a replica keeps the version
        if is_deleted(number):
            _delete(store, key, moments[-1] + timedelta(minutes=1))


def _put(store: DataStore, bucket: str, key: str, content: bytes, at: datetime) -> Any:
    buckets: Any = get_backend("s3")[store.account]["aws"]
    made = buckets.put_object(bucket, key, content, disable_notification=True)
    # moto draws versions at random; a report is to say the same every day.
    made._version_id = hashlib.sha256(f"{key} {at}".encode()).hexdigest()[:32]  # noqa: SLF001
    made.last_modified = _as_moto(at)
    made.set_metadata({"x-amz-meta-origin": "upload", "content-type": "text/plain"})
    return made


def _delete(store: DataStore, key: str, at: datetime) -> None:
    buckets: Any = get_backend("s3")[store.account]["aws"]
    held = buckets.get_bucket(store.name).keys
    marker = FakeDeleteMarker(key=held[key])
    marker.last_modified = _as_moto(at)
    marker._version_id = hashlib.sha256(f"gone {key}".encode()).hexdigest()[:32]  # noqa: SLF001
    held.setlist(key, [*held.getlist(key), marker])


def _as_moto(moment: datetime) -> datetime:
    """Return a moment as moto keeps them: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
