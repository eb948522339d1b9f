"""Columns as parameters name them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.errors import ParameterError
from opslib.parameters import DrParameters
from opslib.parameters.column_name import ColumnName, parse_column

PARTS = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20)
DRILL = {
    "as_of": "2026-03-02T06:00:00Z",
    "source": "orders",
    "source_secret": "env:SOURCE",
    "restored_secret": "env:RESTORED",
    "database": "orders",
    "baseline": "baselines/orders",
}


def test_parts_are_taken_as_they_are_written() -> None:
    assert parse_column("shop.Orders.at") == ColumnName(schema="shop", table="Orders", column="at")


@given(PARTS, PARTS, PARTS)
def test_a_quoted_part_may_hold_anything(schema: str, table: str, column: str) -> None:
    text = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table, column))
    assert parse_column(text) == ColumnName(schema=schema, table=table, column=column)


@pytest.mark.parametrize("text", ["", "t.c", "a.b.c.d", "a..c", 'a."b.c', "a b.c.d"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match=r"not of the form schema\.table\.column"):
        parse_column(text)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"heartbeat_column": "orders.at"}, "'heartbeat_column' is 'orders.at': .*of the form"),
        ({"heartbeat_zone": "Europe/Berlni"}, "no such time zone"),
        ({"heartbeat_zone": "/etc/passwd"}, "no such time zone"),
        ({"heartbeat_secret": "env:SOURCE"}, "a role of its own"),
        ({"heartbeat_secret": "env:RESTORED"}, "a role of its own"),
        ({"heartbeat_seconds": 0}, "heartbeat_seconds"),
    ],
)
def test_the_drill_refuses_what_is_no_heartbeat(values: dict[str, object], says: str) -> None:
    assert DrParameters.parse(DRILL).heartbeat_secret is None
    with pytest.raises(ParameterError, match=says):
        DrParameters.parse({**DRILL, **values})
