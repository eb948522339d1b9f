"""An Athena table over a bill export: the query that adds the bill up where it lies.

One query reads the columns that the report needs, of the billing periods that it is about, once;
everything else is made of its answer here. A value that cannot be read ends the query, as it does
in DuckDB.

Sources: AWS Data Exports user guide, "Processing data exports" in Amazon Athena (columns in small
letters, partition ``billing_period`` as 2026-03); AWS Cost and Usage Reports user guide, "Querying
Cost and Usage Reports using Amazon Athena" (partitions ``year`` and ``month``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from opslib.errors import TableError
from opslib.tables.aggregation import COUNTED, charges_of, rows_with
from opslib.tables.athena_table import AthenaTable, athena_relation
from opslib.tables.costs import AMOUNTS
from opslib.tables.engine import FILE
from opslib.tables.export import focus_of_part
from opslib.tables.export_part import ExportPart
from opslib.tables.focus import FOCUS_COLUMNS, MONEY

if TYPE_CHECKING:
    import pyarrow as pa

    from opslib.tables.engine import Engine

__all__ = ["keep_charges", "query_charges"]

FOCUS_NAMES = (
    *(column.name for column in FOCUS_COLUMNS),
    "x_UsageType",
    "RegionName",
    "CommitmentDiscountStatus",
)
"""What is read of FOCUS; Athena has the names in small letters, ``tags`` as CUR 2.0 has one."""

NUMBERS = ("Rows", "TaggedRows", *(rows_with(name) for name in COUNTED))


@ibis.udf.scalar.builtin(name="element_at")  # type: ignore[untyped-decorator]
def _element_at(values: dt.Map[dt.string, dt.string], key: str) -> str: ...  # type: ignore[empty-body]  # Athena has the body


def query_charges(table: AthenaTable, days: tuple[date, date], tag_keys: Sequence[str]) -> str:
    """Return the query whose rows are those of `opslib.tables.aggregation.charges_of`.

    Raises:
        TableError: the table is not divided by billing period, so that every query would scan all
            of it; it lacks columns, or is of no known standard.
    """
    told = athena_relation(table)
    periods = told.filter(_of_periods(told, table, days))
    relation = periods.mutate(**{FILE: ibis.literal(str(table.name.table))})
    spelled = {name.lower(): name for name in FOCUS_NAMES}
    columns = {known: name for name in table.columns for known in (name, spelled.get(name, name))}
    part = ExportPart(files=(Path(table.name.table),), relation=relation, columns=columns)
    charges = charges_of(focus_of_part(part), days=days, tag_keys=tag_keys)
    return str(ibis.to_sql(charges.op().replace(_of_athena).to_expr(), dialect="athena"))


def keep_charges(engine: Engine, rows: pa.Table, query: str) -> ir.Table:
    """Return the relation over the rows that Athena answered, in the types of `charges_of`.

    Args:
        engine: runs what is asked of them.
        rows: text, in the columns of the query.
        query: what `query_charges` returned; Athena may spell its columns otherwise.
    """
    told = ibis.memtable(rows.rename_columns(_selected(query)))
    kinds = {
        **dict.fromkeys(AMOUNTS, MONEY),
        **dict.fromkeys(NUMBERS, "int64"),
        "ChargePeriodStart": "date",
    }
    return engine.keep(told.mutate(**{name: told[name].cast(kind) for name, kind in kinds.items()}))


def _selected(query: str) -> list[str]:
    from sqlglot import exp, parse_one  # noqa: PLC0415  loads every dialect

    return list(parse_one(query, dialect="athena", into=exp.Select).named_selects)


def _of_periods(told: ir.Table, table: AthenaTable, days: tuple[date, date]) -> ir.BooleanValue:
    """Return that a partition holds a billing period of the days."""
    names = {name.lower(): name for name in table.partitions}
    first, last = (f"{day:%Y-%m}" for day in days)
    if "billing_period" in names:
        return told[names["billing_period"]].between(first, last)
    if {"year", "month"} <= names.keys():
        year, month = (told[names[part]].cast("string") for part in ("year", "month"))
        return (year + "-" + month.lpad(2, "0")).between(first, last)
    raise TableError(
        "the table is not divided by billing_period, nor by year and month: a query would scan it"
        " whole",
        where=f"Athena table {table.name.database}.{table.name.table}",
        remedy="Partition it by the billing period in the paths of the export's files.",
    )


def _of_athena(node: Any, changed: dict[str, Any] | None) -> Any:
    """Return an operation as Athena has it."""
    node = node.__recreate__(changed) if changed else node
    name = getattr(node, "__func_name__", "")
    if name == "map_extract_value":
        return _element_at(*(arg.to_expr() for arg in node.args)).op()
    if name == "error":  # Athena has no such function, but ends a query at a cast like this
        return node.args[0].to_expr().cast("int64").cast("string").op()
    return node
