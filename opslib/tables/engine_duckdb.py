"""Expressions as DuckDB runs them fastest: the same values, by other operations.

Two of its ways are slow on every row of a bill, as ``EXPLAIN ANALYZE`` shows: a list of values in
a projection becomes a hash join, and the day of a moment is asked of a calendar of time zones.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

__all__ = ["of_duckdb"]

DAY_MICROSECONDS = 86_400_000_000
MOST_COMPARED = 32
"""Values of a list that are compared one by one; longer lists are left to DuckDB."""


@ibis.udf.scalar.builtin(name="epoch_us")  # type: ignore[untyped-decorator]
def _epoch_us(moment: dt.Timestamp("UTC")) -> int: ...  # type: ignore[valid-type, empty-body]  # DuckDB has the bodies


@ibis.udf.scalar.builtin(name="make_date")  # type: ignore[untyped-decorator]
def _make_date(days: dt.int32) -> dt.date: ...


def of_duckdb(expression: ir.Table) -> ir.Table:
    """Return an expression with the same rows, in the operations that DuckDB is quick at."""
    return expression.op().replace(_of_duckdb).to_expr()


def _of_duckdb(node: Any, changed: dict[str, Any] | None) -> Any:
    node = node.__recreate__(changed) if changed else node
    if isinstance(node, ops.Date) and node.arg.dtype == dt.Timestamp("UTC"):
        days = _epoch_us(node.arg.to_expr()) // DAY_MICROSECONDS
        return _make_date(days.cast("int32")).op()
    if isinstance(node, ops.InValues) and 0 < len(node.options) <= MOST_COMPARED:
        value = node.value.to_expr()
        return reduce(or_, (value == option.to_expr() for option in node.options)).op()
    return node
