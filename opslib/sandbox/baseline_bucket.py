"""The bucket that the sandbox's baselines are kept in."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moto.backends import get_backend

__all__ = ["BASELINE_BUCKET", "keep_baseline"]

BASELINE_BUCKET = "acme-dr-baselines"
OWNER = "444444444444"
"""An account of its own, that no report reads: who loses production keeps its baselines."""
_LOCK = threading.Lock()


def keep_baseline(folder: Path, prefix: str, epoch: datetime) -> None:
    """Put a baseline that was written to a folder into the bucket.

    Args:
        folder: that it was written to.
        prefix: that it is kept under.
        epoch: of the sandbox, which everything is dated from.
    """
    buckets: Any = get_backend("s3")[OWNER]["aws"]
    with _LOCK:
        if BASELINE_BUCKET not in buckets.buckets:
            buckets.create_bucket(BASELINE_BUCKET, "us-east-1").creation_date = epoch
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        key = f"{prefix}/{file.relative_to(folder).as_posix()}"
        made = buckets.put_object(BASELINE_BUCKET, key, file.read_bytes())
        made.last_modified = epoch.astimezone(UTC).replace(tzinfo=None)
