"""The bucket that the sandbox's baselines are kept in."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from moto.backends import get_backend

from opslib.sandbox.estate import PAYER

__all__ = ["BASELINE_BUCKET", "keep_baseline"]

BASELINE_BUCKET = "acme-dr-baselines"
_LOCK = threading.Lock()


def keep_baseline(folder: Path, prefix: str) -> None:
    """Put a baseline that was written to a folder into the bucket, under ``prefix``."""
    buckets: Any = get_backend("s3")[PAYER]["aws"]
    with _LOCK:
        if BASELINE_BUCKET not in buckets.buckets:
            buckets.create_bucket(BASELINE_BUCKET, "us-east-1")
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        key = f"{prefix}/{file.relative_to(folder).as_posix()}"
        buckets.put_object(BASELINE_BUCKET, key, file.read_bytes())
