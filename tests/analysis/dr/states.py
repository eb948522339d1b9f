"""Small database states, made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.tables.database_state import DatabaseState
from opslib.tables.databases import STATE_PARTS

Rows = Mapping[str, Sequence[str]]
"""Key to the digests under it."""


def frame(part: str, rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(STATE_PARTS[part].columns))


def state(tables: Mapping[str, Rows], *, keep_rows: bool = True, **parts: Any) -> DatabaseState:
    """Return a state with one bucket a table; digests are numbers as text."""
    rows = [
        ("shop", table, 0, key, digest)
        for table, held in tables.items()
        for key, digests in held.items()
        for digest in digests
    ]
    sums = {
        table: (sum(map(len, held.values())), sum(int(d) for ds in held.values() for d in ds))
        for table, held in tables.items()
    }
    objects = [("table", "shop", table, "as it was") for table in tables]
    made = DatabaseState(
        captured_at=datetime(2026, 3, 2, 3, tzinfo=UTC),
        is_exact=True,
        server_version=18,
        algorithm="record",
        schema_objects=frame("schema_objects", objects),
        tables=frame("tables", [("shop", t, n, 1, '["id"]', 0.1) for t, (n, _) in sums.items()]),
        digests=frame("digests", [("shop", t, 0, n, str(d)) for t, (n, d) in sums.items() if n]),
        rows=frame("rows", rows if keep_rows else []),
        sequences=frame("sequences", []),
        orphans=frame("orphans", []),
        corruptions=frame(
            "corruptions", [("shop", "t", "table", "", 0.1), ("shop", "i", "index", "", 0.1)]
        ),
        has_checksums=True,
    )
    changes: dict[str, Any] = {name: frame(name, value) for name, value in parts.items()}
    return replace(made, **changes)


def sequence(position: int | None, reached: int | None, step: int = 1) -> tuple[Any, ...]:
    place = None if position is None else Decimal(position)
    far = None if reached is None else Decimal(reached)
    return ("shop", "ids", place, Decimal(step), "shop.t", "id", far)
