"""Terraform's state as moto holds it: versions, deletions and locks, dated from the epoch."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.scenario import Scenario
from opslib.sandbox.terraform import STATE_BUCKET, STATE_REPLICA, StateObject, StateStore

__all__ = ["SECRET_IN_STATE", "make_states"]

SECRET_IN_STATE = "kept-in-state-and-read-by-nobody"  # noqa: S105  that is what it is for
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ENCRYPTION = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}}


def make_states(scenario: Scenario) -> None:
    """Fill the bucket of states, which is there already like every bucket with data."""
    store = scenario.terraform
    if not store.states:
        return
    objects: Any = get_backend("s3")[PRODUCTION]["aws"]
    for name in (STATE_BUCKET, STATE_REPLICA):
        objects.put_bucket_encryption(name, ENCRYPTION)
    _open(objects, store)
    for state in store.states:
        _make_state(objects, state)


def _open(objects: Any, store: StateStore) -> None:
    """Take away what the story takes away."""
    if store.is_closed:
        objects.put_public_access_block(STATE_BUCKET, dict.fromkeys(BLOCKS, "true"))
    if not store.is_versioned:
        objects.delete_bucket_replication(STATE_BUCKET)
        objects.put_bucket_versioning(STATE_BUCKET, "Suspended")


def _make_state(objects: Any, state: StateObject) -> None:
    lock = f"{state.key}.tflock"
    for serial, changed in enumerate(state.changes, start=1):
        _put(objects, lock, b"{}", changed)
        _delete(objects, lock, changed)
        is_last = serial == len(state.changes)
        size = state.size_bytes if is_last else max(state.size_bytes, 1000)
        _put(objects, state.key, _content(serial, size), changed)
    if state.deleted_at is not None:
        _delete(objects, state.key, state.deleted_at)
    if state.locked_since is not None:
        _put(objects, lock, b"{}", state.locked_since)


def _content(serial: int, size: int) -> bytes:
    if not size:
        return b""
    password = {"value": SECRET_IN_STATE, "sensitive": True}
    state = {"version": 4, "serial": serial, "outputs": {"password": password}, "resources": []}
    return json.dumps(state).encode().ljust(size)


def _put(objects: Any, key: str, content: bytes, moment: datetime) -> None:
    objects.put_object(STATE_BUCKET, key, content).last_modified = _as_moto(moment)


def _delete(objects: Any, key: str, moment: datetime) -> None:
    objects.delete_object(STATE_BUCKET, key)
    versions = objects.get_bucket(STATE_BUCKET).keys.getlist(key) or []
    if versions:
        versions[-1].last_modified = _as_moto(moment)


def _as_moto(moment: datetime) -> datetime:
    """Return a moment as moto keeps them: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
