"""Checking small tables: pandera schemas, and one clear error where a table departs from one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from opslib.errors import TableError

__all__ = ["check_table", "column"]

KIND = "kind"
"""Under which a column keeps what it was made of."""


def column(kind: type, *, nullable: bool = False) -> pa.Column:
    """Return a column whose values are all of ``kind``, or null where that is allowed."""

    def tell(values: pd.Series[Any]) -> pd.Series[bool]:
        return pd.Series(_are_of(values, kind), index=values.index, dtype=bool)

    check = pa.Check(tell, name=f"is no {kind.__name__}")
    return pa.Column(checks=check, nullable=nullable, metadata={KIND: kind})


def _are_of(values: pd.Series[Any], kind: type) -> npt.NDArray[np.bool_]:
    """Say which of ``values``, none of them null, are of ``kind``."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        right = np.array([isinstance(value, kind) for value in values.cat.categories], bool)
        return right[values.cat.codes]
    if values.dtype == object:
        return np.array([isinstance(value, kind) for value in values], bool)
    # Any other dtype holds values of one type: the first tells for all.
    told_by_first = all(isinstance(value, kind) for value in values.iloc[:1].tolist())
    return np.full(len(values), told_by_first)


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
    if _keeps_to(table, schema):
        return table[names]
    try:
        schema.validate(table, lazy=True)
    except SchemaErrors as error:
        problem = error.failure_cases.iloc[0]
        raise TableError(
            f"{problem['check']}: {problem['column']} {problem['failure_case']!r}", where=name
        ) from None
    return table[names]


def _keeps_to(table: pd.DataFrame, schema: pa.DataFrameSchema) -> bool:
    """Say whether a table is surely as promised; where not, pandera says what is wrong with it.

    pandera takes a millisecond a column, most of a read of a small table.
    """
    if schema.checks or schema.index or not table.columns.is_unique:
        return False
    if not all(_holds_only(table[name], told) for name, told in schema.columns.items()):
        return False
    return not (schema.unique and table.duplicated(schema.unique).any())


def _holds_only(values: pd.Series[Any], told: pa.Column) -> bool:
    """Say whether values are of the kind that `column` was told, and null only where allowed."""
    missing = values.isna().to_numpy()
    if missing.any():
        if not told.nullable:
            return False
        values = values[~missing]
    return bool(told.metadata) and bool(_are_of(values, told.metadata[KIND]).all())
