"""A database's state on disk: Parquet files and one JSON that holds their hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from opslib.errors import ParameterError, TableError
from opslib.tables.database_state import DatabaseState
from opslib.tables.databases import STATE_PARTS
from opslib.tables.schema import check_table
from opslib.tables.transactions import TRANSACTIONS

__all__ = [
    "BASELINE_FILE",
    "baseline_files",
    "load_baseline",
    "load_baseline_latencies",
    "write_baseline",
]

BASELINE_FILE = "baseline.json"
FORMAT = "1.0"


LATENCIES = "latencies"


def write_baseline(
    state: DatabaseState, folder: Path, latencies: pd.DataFrame | None = None
) -> Path:
    """Write ``state`` into ``folder``, which must not exist; the JSON comes last.

    Args:
        state: the source as it was.
        folder: its parents are made.
        latencies: columns of `opslib.tables.transactions.TRANSACTIONS`, as the source ran them;
            None where they were not captured.

    Raises:
        ParameterError: the folder exists.
    """
    if folder.exists():
        raise ParameterError("there is something already", where=str(folder))
    folder.mkdir(parents=True)
    frames = {name: getattr(state, name) for name in STATE_PARTS}
    frames[LATENCIES] = latencies
    kept = {name: frame for name, frame in frames.items() if frame is not None}
    for name, frame in kept.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    facts = {
        field.name: _plain(getattr(state, field.name))
        for field in fields(state)
        if field.name not in STATE_PARTS
    }
    hashes = {f"{name}.parquet": _sha256(folder / f"{name}.parquet") for name in kept}
    text = json.dumps({"format": FORMAT, "facts": facts, "files": hashes}, indent=1)
    (folder / BASELINE_FILE).write_text(text, encoding="utf-8")
    return folder


def baseline_files(text: str) -> tuple[str, ...]:
    """Return the names of the files beside a baseline's JSON."""
    return tuple(json.loads(text)["files"])


def load_baseline(folder: Path) -> DatabaseState:
    """Read a baseline.

    Raises:
        ParameterError: there is none, or of another format.
        TableError: a file is missing or not the one that was written.
    """
    written = _read(folder)
    frames: dict[str, Any] = {
        name: _frame(folder, name, schema, written["files"]) for name, schema in STATE_PARTS.items()
    }
    facts = written["facts"]
    facts["captured_at"] = datetime.fromisoformat(facts["captured_at"])
    return DatabaseState(**facts, **frames)


def load_baseline_latencies(folder: Path) -> pd.DataFrame | None:
    """Read how long the source took; columns of `opslib.tables.transactions.TRANSACTIONS`.

    Returns:
        None where they were not captured with the baseline.

    Raises:
        ParameterError: there is no baseline, or of another format.
        TableError: the file is missing or not the one that was written.
    """
    return _frame(folder, LATENCIES, TRANSACTIONS, _read(folder)["files"])


def _read(folder: Path) -> dict[str, Any]:
    place = folder / BASELINE_FILE
    try:
        written: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ParameterError(
            "there is no baseline",
            where=str(place),
            remedy="Make one: opslib baseline capture -e ENVIRONMENT FOLDER.",
        ) from None
    if written.get("format") != FORMAT:
        raise ParameterError(
            f"the baseline is of format {written.get('format')}, this version reads {FORMAT}",
            where=str(place),
            remedy="Capture it again.",
        )
    return written


def _frame(
    folder: Path, name: str, schema: pa.DataFrameSchema, hashes: dict[str, str]
) -> pd.DataFrame | None:
    file = f"{name}.parquet"
    if file not in hashes:
        return None
    place = folder / file
    if not place.exists() or _sha256(place) != hashes[file]:
        raise TableError(
            "a part of the baseline is missing or was changed",
            where=str(place),
            remedy="Capture it again.",
        )
    return check_table(pd.read_parquet(place), schema, f"baseline {name}")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
