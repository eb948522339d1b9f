"""What a run read, kept as Parquet: for replay without AWS and for resuming a failed run.

``evidence/index.json`` lists the reads: reader, account, region, arguments, the file with its
SHA-256, and the coverage that the read left.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from opslib.coverage import Coverage, CoverageStatus
from opslib.errors import TableError

__all__ = ["Evidence", "StoredRead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRead:
    """One read as it was kept: what came back and what did not."""

    frame: pd.DataFrame
    coverage: tuple[Coverage, ...]
    notes: dict[str, Any]


class Evidence:
    """The reads of one run, in one folder.

    Args:
        folder: made when the first read is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._index: dict[str, dict[str, Any]] = {}
        self._written: dict[str, str] = {}
        index = folder / "index.json"
        if index.exists():
            self._index = json.loads(index.read_text(encoding="utf-8"))

    @staticmethod
    def key(table: str, arguments: dict[str, Any]) -> str:
        """Return the identity of a read: its table and a hash of its arguments."""
        text = json.dumps([table, arguments], sort_keys=True, default=str)
        # A tag key may hold slashes, or be long: only the hash has to tell reads apart.
        name = re.sub(r"[^\w -]+", "_", table)[:60]
        return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def find(self, key: str) -> StoredRead | None:
        """Return the read kept under ``key``, or None.

        Raises:
            TableError: the file is gone or is not the one that was kept.
        """
        return self.read(key) if key in self._index else None

    def read(self, key: str) -> StoredRead:
        """Return the read kept under ``key``.

        Raises:
            KeyError: there is none.
            TableError: the file is gone or is not the one that was kept.
        """
        entry = self._index[key]
        path = self._folder / entry["file"]
        if not path.exists() or _sha256(path) != entry["sha256"]:
            raise TableError(
                "a recorded read is missing or was changed",
                where=str(path),
                remedy="Restore the run's evidence folder, or run against AWS again.",
            )
        return StoredRead(
            frame=pd.read_parquet(path),
            coverage=tuple(_coverage(line) for line in entry["coverage"]),
            notes=entry["notes"],
        )

    def keep(self, key: str, read: StoredRead, arguments: dict[str, Any]) -> None:
        """Store ``read`` under ``key``; the index is replaced in one step."""
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{key}.parquet"
            read.frame.to_parquet(path, index=False)
            self._index[key] = {
                "file": path.name,
                "sha256": _sha256(path),
                "rows": len(read.frame),
                "arguments": json.loads(json.dumps(arguments, default=str)),
                "coverage": [asdict(line) for line in read.coverage],
                "notes": read.notes,
            }
            self._written.pop(key, None)
            unfinished = self._folder / f".index.json.{os.getpid()}"
            unfinished.write_text(self._index_text(), encoding="utf-8")
            unfinished.replace(self._folder / "index.json")

    def _index_text(self) -> str:
        """Return the index, a read a line; of many reads each is put into words once."""
        for key, entry in self._index.items():
            if key not in self._written:
                self._written[key] = f"{json.dumps(key)}: {json.dumps(entry)}"
        lines = ",\n".join(self._written[key] for key in self._index)
        return f"{{\n{lines}\n}}\n"


def _coverage(line: dict[str, Any]) -> Coverage:
    return Coverage(**{**line, "status": CoverageStatus(line["status"])})


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
