"""A state on disk, of a database or of another store: Parquet, and one JSON with its hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pandera.pandas as pa

from opslib.errors import ParameterError, TableError
from opslib.tables.baseline_layout import BASELINE_FILE, FORMAT, BaselineHead, read_head
from opslib.tables.database_state import DatabaseState
from opslib.tables.databases import STATE_PARTS
from opslib.tables.schema import check_table
from opslib.tables.store_states import STORE_PARTS, StoreState
from opslib.tables.transactions import TRANSACTIONS

__all__ = [
    "BASELINE_FILE",
    "baseline_files",
    "facts_of",
    "load_baseline",
    "load_baseline_latencies",
    "load_store_baseline",
    "parts_of",
    "state_of",
    "write_baseline",
]

MOMENTS = ("captured_at", "captured_until", "restored_to")
Store = TypeVar("Store", bound=StoreState | DatabaseState)


LATENCIES = "latencies"


def parts_of(kind: type[Any]) -> dict[str, pa.DataFrameSchema]:
    """Return the frames of a state, by the names of its fields."""
    return STATE_PARTS if kind is DatabaseState else STORE_PARTS[kind]


def facts_of(state: StoreState | DatabaseState) -> dict[str, Any]:
    """Return what a state holds beside its frames, as plain values."""
    return {
        field.name: _plain(getattr(state, field.name))
        for field in fields(state)
        if field.name not in parts_of(type(state))
    }


def state_of(kind: type[Store], facts: dict[str, Any], frames: dict[str, Any]) -> Store:
    """Return the state that `facts_of` and its frames are of."""
    told: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in facts.items()
    }
    for name in MOMENTS:
        if told.get(name):
            told[name] = datetime.fromisoformat(told[name])
    values: dict[str, Any] = {**told, **frames}
    return kind(**values)


def write_baseline(
    state: StoreState | DatabaseState,
    folder: Path,
    latencies: pd.DataFrame | None = None,
    *,
    of: str = "",
) -> Path:
    """Write ``state`` into ``folder``, which must not exist; the JSON comes last.

    Args:
        state: the source as it was.
        folder: its parents are made.
        latencies: columns of `opslib.tables.transactions.TRANSACTIONS`, as the source ran them;
            None where they were not captured.
        of: what was captured, by name; a series passes over what is of something else.

    Raises:
        ParameterError: the folder exists.
    """
    if folder.exists():
        raise ParameterError("there is something already", where=str(folder))
    folder.mkdir(parents=True)
    frames = {name: getattr(state, name) for name in parts_of(type(state))}
    frames[LATENCIES] = latencies
    kept = {name: frame for name, frame in frames.items() if frame is not None}
    for name, frame in kept.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    hashes = {f"{name}.parquet": _sha256(folder / f"{name}.parquet") for name in kept}
    kind = type(state).__name__
    written = {"format": FORMAT, "kind": kind, "of": of, "facts": facts_of(state)}
    text = json.dumps({**written, "files": hashes}, indent=1)
    (folder / BASELINE_FILE).write_text(text, encoding="utf-8")
    return folder


def baseline_files(text: str) -> tuple[str, ...]:
    """Return the names of the files beside a baseline's JSON.

    Raises:
        TableError: it is no such JSON.
    """
    return tuple(read_head(text).files)


def load_baseline(folder: Path) -> DatabaseState:
    """Read a database's baseline; as `load_store_baseline`."""
    return load_store_baseline(folder, DatabaseState)


def load_store_baseline(folder: Path, kind: type[Store]) -> Store:
    """Read a baseline.

    Args:
        folder: that it was written to.
        kind: of the state that it must hold.

    Raises:
        ParameterError: there is none, or of another format or kind.
        TableError: a file is missing or not the one that was written.
    """
    head = _read(folder)
    if head.kind != kind.__name__:
        raise ParameterError(
            f"the baseline is a {head.kind}, not a {kind.__name__}",
            where=str(folder / BASELINE_FILE),
            remedy="Name the baseline of this store.",
        )
    frames: dict[str, Any] = {
        name: _frame(folder, name, head.files, schema) for name, schema in parts_of(kind).items()
    }
    return state_of(kind, head.facts, frames)


def load_baseline_latencies(folder: Path) -> pd.DataFrame | None:
    """Read how long the source took; columns of `opslib.tables.transactions.TRANSACTIONS`.

    Returns:
        None where they were not captured with the baseline.

    Raises:
        ParameterError: there is no baseline, or of another format.
        TableError: the file is missing or not the one that was written.
    """
    return _frame(folder, LATENCIES, _read(folder).files, TRANSACTIONS)


def _read(folder: Path) -> BaselineHead:
    place = folder / BASELINE_FILE
    try:
        head = read_head(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TableError):
        raise ParameterError(
            "there is no baseline",
            where=str(place),
            remedy="Make one: opslib baseline capture -e ENVIRONMENT TARGET.",
        ) from None
    if head.format != FORMAT:
        raise ParameterError(
            f"the baseline is of format {head.format}, this version reads {FORMAT}",
            where=str(place),
            remedy="Capture it again.",
        )
    return head


def _frame(
    folder: Path, name: str, hashes: dict[str, str], schema: pa.DataFrameSchema
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
