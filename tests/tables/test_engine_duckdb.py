"""What DuckDB is quick at gives the values of what was asked."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from opslib.tables.engine import Engine
from opslib.tables.engine_duckdb import MOST_COMPARED, of_duckdb


def moment(text: str | None) -> ir.TimestampValue:
    return ibis.literal(text, type="string").cast("timestamp('UTC')")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-02 00:00:00+00", date(2026, 3, 2)),
        ("2026-03-02 23:59:59.999999+00", date(2026, 3, 2)),
        ("2026-03-02 23:30:00-01", date(2026, 3, 3)),
        ("2024-02-29 12:00:00+00", date(2024, 2, 29)),
        ("1969-12-31 23:59:59.999999+00", date(1969, 12, 31)),
        (None, None),
    ],
)
def test_a_moment_is_of_its_utc_day(engine: Engine, text: str | None, day: date | None) -> None:
    asked = moment(text).name("at").as_table()
    asked = asked.select(day=asked["at"].date())
    assert "make_date" in ibis.to_sql(of_duckdb(asked), dialect="duckdb").lower()
    assert engine.run(asked)["day"].tolist() == [day]


@pytest.mark.parametrize("count", [1, 5, MOST_COMPARED, MOST_COMPARED + 1])
def test_a_value_is_one_of_a_list_or_not_or_unknown(engine: Engine, count: int) -> None:
    told = ibis.memtable(pa.table({"name": ["n0", f"n{count - 1}", f"n{count}", None]}))
    asked = told.mutate(known=told["name"].isin([f"n{number}" for number in range(count)]))
    found = engine.run(asked)["known"].tolist()
    assert found == [True, True, False, None]


def test_a_short_list_joins_nothing() -> None:
    told = ibis.table({"name": "string"}, name="told")
    asked = told.select(known=told["name"].isin(["a", "b", "c", "d", "e"]))
    assert " IN " not in ibis.to_sql(of_duckdb(asked), dialect="duckdb")
    long = told.select(known=told["name"].isin([str(n) for n in range(MOST_COMPARED + 1)]))
    assert " IN " in ibis.to_sql(of_duckdb(long), dialect="duckdb")
