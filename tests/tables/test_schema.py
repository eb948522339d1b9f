from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from opslib.errors import TableError
from opslib.tables.schema import check_table, column

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VALUES = st.sampled_from(["a", "b", 1, 2, 1.5, True, Decimal(1), NOON, None, float("nan"), pd.NaT])
KINDS = st.sampled_from([str, int, float, bool, Decimal, datetime])


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (str, pd.Series(["a", "b"])),
        (str, pd.Series(["a", "b"], dtype=object)),
        (str, pd.Series(["a", "b"], dtype="category")),
        (int, pd.Series([1, 2])),
        (int, pd.Series([1, 2], dtype=object)),
        (float, pd.Series([1.0, 2.0])),
        (bool, pd.Series([True, False])),
        (datetime, pd.Series([NOON, NOON])),
        (Decimal, pd.Series([Decimal(1)], dtype=object)),
        (str, pd.Series([], dtype=float)),
    ],
)
def test_a_column_of_its_kind_is_taken_whatever_its_dtype(kind: type, values: Any) -> None:
    table = pd.DataFrame({"A": values})
    schema = pa.DataFrameSchema({"A": column(kind)})
    assert check_table(table, schema, "table").equals(table)


@pytest.mark.parametrize(
    ("kind", "values", "shown"),
    [
        (int, pd.Series([1.0, 2.5]), "1.0"),
        (float, pd.Series([1, 2]), "1"),
        (str, pd.Series([1, 2]), "1"),
        (datetime, pd.Series(["2026-03-01"]), "'2026-03-01'"),
        (str, pd.Series(["a", 2], dtype=object), "2"),
        (str, pd.Series(["a", 2], dtype="category"), "2"),
        (Decimal, pd.Series([Decimal(1), 1.5], dtype=object), "1.5"),
    ],
)
def test_a_value_of_another_kind_is_named(kind: type, values: Any, shown: str) -> None:
    schema = pa.DataFrameSchema({"A": column(kind)})
    with pytest.raises(TableError, match=rf"is no {kind.__name__}: A .*{shown}"):
        check_table(pd.DataFrame({"A": values}), schema, "table")


@settings(max_examples=50)
@given(
    rows=st.lists(st.tuples(VALUES, VALUES), max_size=4),
    kinds=st.tuples(KINDS, KINDS),
    nullable=st.tuples(st.booleans(), st.booleans()),
    unique=st.sampled_from([None, ["A"], ["A", "B"]]),
    keeps_objects=st.booleans(),
)
def test_a_table_is_taken_exactly_where_pandera_takes_it(
    rows: list[Any], kinds: Any, nullable: Any, unique: Any, keeps_objects: bool
) -> None:
    dtype = object if keeps_objects else None
    table = pd.DataFrame(
        {name: pd.Series([row[n] for row in rows], dtype=dtype) for n, name in enumerate("AB")}
    )
    columns = {name: column(kinds[n], nullable=nullable[n]) for n, name in enumerate("AB")}
    schema = pa.DataFrameSchema(columns, unique=unique)
    try:
        schema.validate(table, lazy=True)
    except SchemaErrors:
        with pytest.raises(TableError):
            check_table(table, schema, "table")
    else:
        assert check_table(table, schema, "table").equals(table)


def test_a_check_that_is_not_of_a_kind_is_made_too() -> None:
    schema = pa.DataFrameSchema({"A": pa.Column(checks=pa.Check.isin(["a"]))})
    with pytest.raises(TableError, match="isin"):
        check_table(pd.DataFrame({"A": ["a", "b"]}), schema, "table")
