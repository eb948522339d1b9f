"""A table of Athena: its name, what Athena tells of it, and the relation over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from opslib.errors import ParameterError

__all__ = ["AthenaTable", "TableName", "athena_relation", "parse_table_name"]

DEFAULT_CATALOG = "AwsDataCatalog"
LEAST_PARTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TableName:
    """Where a table is.

    Args:
        catalog, database, table: its name's parts.
    """

    catalog: str
    database: str
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AthenaTable:
    """A table as Athena describes it.

    Args:
        name: where it is.
        columns: name to Athena's type.
        partitions: name to type, of what divides it.
        properties: the table's own, of partition projection among them.
    """

    name: TableName
    columns: Mapping[str, str]
    partitions: Mapping[str, str]
    properties: Mapping[str, str]


def parse_table_name(text: str, parameter: str) -> TableName:
    """Return the parts of ``database.table`` or ``catalog.database.table``.

    Args:
        text: the name.
        parameter: that gives it, for the error.

    Raises:
        ParameterError: it is neither.
    """
    parts = text.split(".")
    if len(parts) == LEAST_PARTS:
        parts.insert(0, DEFAULT_CATALOG)
    if len(parts) != LEAST_PARTS + 1 or not all(parts):
        raise ParameterError(
            f"{text!r} is no table of Athena",
            where=f"parameter {parameter}",
            remedy="Name it as database.table or catalog.database.table.",
        )
    catalog, database, table = parts
    return TableName(catalog=catalog, database=database, table=table)


def athena_relation(table: AthenaTable) -> ir.Table:
    """Return the relation over a table, partitions among its columns."""
    from ibis.backends.sql.datatypes import AthenaType  # noqa: PLC0415  loads every dialect

    return ibis.table(
        {
            name: AthenaType.from_string(kind)
            for name, kind in {**table.columns, **table.partitions}.items()
        },
        name=table.name.table,
        catalog=table.name.catalog,
        database=table.name.database,
    )
