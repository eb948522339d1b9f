"""The engine: DuckDB, reached through Ibis, that runs expressions over files.

Nothing is downloaded (DuckDB fetches extensions from the internet when allowed to), no file is
interpreted by its folder names, and every failure is a `TableError` that names the file.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd

from opslib.errors import TableError
from opslib.tables.engine_duckdb import of_duckdb

__all__ = ["FILE", "NULL_TEXTS", "Engine", "map_value", "read_refusal", "refuse"]

FILE = "opslib_file"
"""Column of every relation over files: the path that the row came from."""

NULL_TEXTS = ("", "NULL")
"""What a CSV export writes for null; quoted or not."""

REFUSAL = "opslib refuses\x1f"
LONGEST_QUOTE = 60


@ibis.udf.scalar.builtin(name="error")  # type: ignore[untyped-decorator]
def _error(message: str) -> str: ...  # type: ignore[empty-body]  # DuckDB has the body


@ibis.udf.scalar.builtin(name="map_extract_value")  # type: ignore[untyped-decorator]
def map_value(values: dt.Map[dt.string, dt.string], key: str) -> str:  # type: ignore[empty-body]
    """Return the value of ``key``, null where it is absent; half the time of Ibis's own ``get``."""


def refuse(what: str, value: ir.StringValue, file: ir.StringValue) -> ir.StringValue:
    """Return an expression that fails the query, as a `TableError`, in the row that reaches it.

    A query stops at the first value that cannot be read, says which one it is, and costs no
    scan of its own.

    Args:
        what: what is wrong, to be followed by the value.
        value: the value, quoted in the error.
        file: where the row came from.
    """
    return _error(ibis.literal(f"{REFUSAL}{what}\x1f") + file + "\x1f" + value + "\x1f")


class Engine:
    """One DuckDB connection, closed at the end of a ``with`` block.

    Args:
        memory_limit: above it DuckDB writes to a temporary folder, removed at the end.
        threads: worker threads; None takes one for each core.
    """

    def __init__(self, *, memory_limit: str = "2GB", threads: int | None = None) -> None:
        self._spill = tempfile.TemporaryDirectory(prefix="opslib-duckdb-")
        settings = {} if threads is None else {"threads": threads}
        self._backend = ibis.duckdb.connect(
            memory_limit=memory_limit,
            temp_directory=self._spill.name,
            autoinstall_known_extensions=False,
            **settings,
        )
        self._relations = 0
        self._files: dict[Path, None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._backend.disconnect()
        self._spill.cleanup()

    def parquet(self, files: Sequence[Path]) -> ir.Table:
        """Return the relation over Parquet files of one schema, with the column `FILE`.

        Raises:
            TableError: a file is empty, cut off or no Parquet.
        """
        with self._faults(files):
            return self._backend.read_parquet(
                [_literal_path(file) for file in files],
                table_name=self._next_name(),
                filename=FILE,
                hive_partitioning=False,
            )

    def csv(self, files: Sequence[Path], columns: Sequence[str]) -> ir.Table:
        """Return the relation over CSV files of one header, all text, with the column `FILE`.

        Args:
            files: plain or gzipped; comma-separated, quoted with ``"``, UTF-8, with a header.
            columns: names to give to the columns, in the order of the files; the header itself
                is not used, since names that differ in case only are one to DuckDB.

        Raises:
            TableError: a file cannot be opened.
        """
        with self._faults(files):
            return self._backend.read_csv(
                [_literal_path(file) for file in files],
                table_name=self._next_name(),
                columns=dict.fromkeys(columns, "VARCHAR"),
                auto_detect=False,
                header=True,
                delim=",",
                quote='"',
                escape='"',
                nullstr=list(NULL_TEXTS),
                filename=FILE,
                hive_partitioning=False,
            )

    def run(self, expression: ir.Table) -> pd.DataFrame:
        """Return the rows of ``expression``.

        Decimals arrive as `decimal.Decimal` and dates as `datetime.date`, both in object
        columns with None for null; text arrives as pandas' ``str`` with NaN for null.

        Raises:
            TableError: a file is broken, or a value in it is not what its column promises.
        """
        with self._faults():
            rows: pd.DataFrame = self._backend.to_pyarrow(of_duckdb(expression)).to_pandas()
        return rows

    def keep(self, expression: ir.Table) -> ir.Table:
        """Run ``expression`` now and return the relation over its rows.

        Raises:
            TableError: as `run` does.
        """
        with self._faults():
            return self._backend.create_table(self._next_name(), of_duckdb(expression), temp=True)

    def _next_name(self) -> str:
        self._relations += 1
        return f"relation_{self._relations}"

    @contextmanager
    def _faults(self, files: Sequence[Path] = ()) -> Iterator[None]:
        """Turn DuckDB's errors into `TableError`, one line each."""
        self._files.update(dict.fromkeys(file.absolute() for file in files))
        try:
            yield
        except duckdb.OutOfMemoryException:
            raise TableError(
                "memory and temporary disk space are used up",
                where=self._spill.name,
                remedy="Free disk space there, or read fewer days.",
            ) from None
        except duckdb.Error as error:
            raise read_refusal(str(error)) or self._failure(str(error)) from None

    def _failure(self, message: str) -> TableError:
        named = [file for file in self._files if str(file) in message]
        broken = named or [file for file in self._files if not self._is_whole(file)]
        return TableError(
            f"cannot be read: {message.splitlines()[0]}",
            where=", ".join(str(file) for file in broken),
            remedy="If the file is broken or incomplete, fetch or export it again.",
        )

    def _is_whole(self, file: Path) -> bool:
        """Say whether every value of a Parquet file decodes; DuckDB does not always name it."""
        if file.suffix != ".parquet":
            return True
        rows = "SELECT max(hash(file)) FROM read_parquet(?) AS file"
        try:
            self._backend.con.execute(rows, [_literal_path(file)]).fetchall()
        except duckdb.Error:
            return False
        return True


def _literal_path(file: Path) -> str:
    """Return the path so that DuckDB takes no character of it as a wildcard."""
    return re.sub(r"([*?\[])", r"[\1]", str(file.absolute()))


def read_refusal(message: str) -> TableError | None:
    """Return what `refuse` made a query fail with; None where it failed otherwise."""
    _, refused, rest = message.partition(REFUSAL)
    if not refused:
        return None
    what, place, value, *_ = rest.split("\x1f", 3)
    return TableError(
        f"{what} {value[:LONGEST_QUOTE]!r}",
        where=place,
        remedy="Correct or remove the file, or export its period again.",
    )
