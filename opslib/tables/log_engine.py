"""The engine for log archives: JSON files of known columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import ibis.expr.types as ir

from opslib.tables.engine import FILE, Engine, _literal_path

__all__ = ["LogEngine"]

LARGEST_OBJECT = 16 * 1024**2
"""What DuckDB takes for one JSON value unless told otherwise; also the size of its buffers."""


class LogEngine(Engine):
    """An `Engine` that reads JSON.

    Args:
        memory_limit: above it DuckDB writes to a temporary folder, removed at the end.
        threads: worker threads; None takes one for each core.
    """

    def __init__(self, *, memory_limit: str = "850MB", threads: int | None = None) -> None:
        super().__init__(memory_limit=memory_limit, threads=threads)

    def json(
        self,
        files: Sequence[Path],
        columns: Mapping[str, str],
        *,
        compressed: bool,
        largest_bytes: int = LARGEST_OBJECT,
    ) -> ir.Table:
        """Return the relation over JSON objects, one a row, with the column `FILE`.

        Args:
            files: each one object, an array of objects, or one object a line; all plain or all
                gzipped.
            columns: name to DuckDB type of what is read; other keys are passed over, and a key
                that an object lacks is null.
            compressed: whether the files are gzipped.
            largest_bytes: size of the largest object in them, unpacked.

        Raises:
            TableError: a file cannot be opened.
        """
        with self._faults(files):
            return self._backend.read_json(
                [_literal_path(file) for file in files],
                table_name=self._next_name(),
                columns=columns,
                records=True,  # known beforehand: finding out reads every file twice
                auto_detect=False,
                format="auto",  # an array, or an object a line
                compression="gzip" if compressed else "none",
                maximum_object_size=max(LARGEST_OBJECT, largest_bytes),
                filename=FILE,
            )

    def forget(self, kept: ir.Table) -> None:
        """Free what `keep` returned."""
        self._backend.con.execute(f"DROP TABLE {kept.get_name()}")
