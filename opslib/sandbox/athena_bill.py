"""The Athena table over the sandbox's bill export, as a Glue crawler makes it.

Names are in small letters and ``billing_period`` divides it. What a query scans is what the columns
that it names take in the files of the periods that it asks for, as Athena counts Parquet.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from opslib.sandbox.export import BUCKET, PREFIX, export_periods, lay_out

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pandas as pd
    from sqlglot import exp

__all__ = [
    "TABLE",
    "athena_type",
    "bytes_of_columns",
    "describe",
    "make_table",
    "scanned_bytes",
]

TABLE = "focus"
PERIOD = re.compile(r"BILLING_PERIOD=(\d{4}-\d{2})")


def describe(bill: pd.DataFrame) -> dict[str, Any]:
    """Return the table as athena:GetTableMetadata tells it.

    Args:
        bill: columns of `opslib.sandbox.billing.COLUMNS`.
    """
    schemas = [pq.read_schema(BytesIO(content)) for _, content in _files(bill)]
    columns = {
        field.name.lower(): athena_type(field.type) for schema in schemas for field in schema
    }
    return {
        "Name": TABLE,
        "TableType": "EXTERNAL_TABLE",
        "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
        "PartitionKeys": [{"Name": "billing_period", "Type": "string"}],
        "Parameters": {"classification": "parquet", "location": f"s3://{BUCKET}/{PREFIX}/"},
    }


def athena_type(kind: pa.DataType) -> str:
    """Return what a Glue crawler makes of a type of Parquet, of those that exports have."""
    if pa.types.is_map(kind):
        return "map<string,string>"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return "double" if pa.types.is_floating(kind) else "string"


def make_table(engine: duckdb.DuckDBPyConnection, folder: Path, bill: pd.DataFrame) -> None:
    """Make the table of every file of the export."""
    for key, content in _files(bill):
        place = folder / key
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    files = engine.read_parquet(f"{folder}/{PREFIX}/**/*.parquet", hive_partitioning=True)
    renamed = [
        f'"{name}" AS {name.lower()}'
        if str(kind) != "TIMESTAMP WITH TIME ZONE"
        else f"\"{name}\" AT TIME ZONE 'UTC' AS {name.lower()}"
        for name, kind in zip(files.columns, files.types, strict=True)
    ]
    files.project(", ".join(renamed)).create(TABLE)


def scanned_bytes(engine: duckdb.DuckDBPyConnection, query: exp.Expr, bill: pd.DataFrame) -> int:
    """Return the bytes of the columns that a query names, in the partitions that it asks for."""
    from sqlglot import exp  # noqa: PLC0415  0.2 s, paid only where somebody queries

    (table,) = (one for one in query.find_all(exp.Table) if one.name == TABLE)
    select = table.find_ancestor(exp.Select)
    assert select is not None
    asked, named = (
        select.args.get("where"),
        {one.name.lower() for one in select.find_all(exp.Column)},
    )
    where = asked.sql("duckdb") if asked else ""
    periods = engine.execute(f"SELECT DISTINCT billing_period FROM {TABLE} t0 {where}").fetchall()  # noqa: S608
    return sum(
        bytes_of_columns(pq.read_metadata(BytesIO(content)), named)
        for key, content in _files(bill)
        if (PERIOD.search(key) or [""])[1] in {period for (period,) in periods}
    )


def bytes_of_columns(file: pq.FileMetaData, names: Collection[str]) -> int:
    """Return what the columns of such names, in small letters, take in a Parquet file."""
    return sum(
        chunk.total_compressed_size
        for group in map(file.row_group, range(file.num_row_groups))
        for chunk in map(group.column, range(group.num_columns))
        if chunk.path_in_schema.split(".")[0].lower() in names
    )


def _files(bill: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    written = lay_out(export_periods(bill), PREFIX)
    return ((key, content) for key, content in written if key.endswith(".parquet"))
