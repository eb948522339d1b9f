"""Checking small tables: pandera schemas, and one clear error where a table departs from one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from opslib.errors import TableError

__all__ = ["check_table", "column"]


def column(kind: type, *, nullable: bool = False) -> pa.Column:
    """Return a column whose values are all of ``kind``, or null where that is allowed."""
    check = pa.Check(lambda values: _are_of(values, kind), name=f"is no {kind.__name__}")
    return pa.Column(checks=check, nullable=nullable)


def _are_of(values: pd.Series[Any], kind: type) -> pd.Series[bool]:
    """Say which of ``values``, none of them null, are of ``kind``."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        right = np.array([isinstance(value, kind) for value in values.cat.categories], bool)
        return pd.Series(right[values.cat.codes], index=values.index, dtype=bool)
    if values.dtype == object:
        told = [isinstance(value, kind) for value in values]
        return pd.Series(told, index=values.index, dtype=bool)
    # Any other dtype holds values of one type: the first tells for all.
    told_by_first = all(isinstance(value, kind) for value in values.head(1).astype(object))
    return pd.Series(told_by_first, index=values.index, dtype=bool)


def check_table(table: pd.DataFrame, schema: pa.DataFrameSchema, name: str) -> pd.DataFrame:
    """Return the columns of ``schema`` in its order, or say how ``table`` departs from it.

    Args:
        table: what was read; may hold more columns, and lack dtypes where it is empty.
        schema: what it promises.
        name: of the table, for the error.

    Raises:
        TableError: a missing column, a null, a value of another type, or a repeated key.
    """
    names = list(schema.columns)
    missing = [column for column in names if column not in table.columns]
    if missing:
        raise TableError(f"columns are missing: {', '.join(missing)}", where=name)
    try:
        schema.validate(table, lazy=True)
    except SchemaErrors as error:
        problem = error.failure_cases.iloc[0]
        raise TableError(
            f"{problem['check']}: {problem['column']} {problem['failure_case']!r}", where=name
        ) from None
    return table[names]
