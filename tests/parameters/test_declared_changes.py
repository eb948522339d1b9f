"""What a parameter file declares of tables."""

from __future__ import annotations

from typing import Any

import pytest

from opslib.errors import ParameterError
from opslib.parameters import DrParameters
from opslib.parameters.column_name import ColumnName
from tests.parameters.test_column_name import DRILL


def parse(*declared: dict[str, Any]) -> DrParameters:
    return DrParameters.parse({**DRILL, "changes": list(declared)})


def test_names_are_taken_as_the_catalog_holds_them() -> None:
    log, orders = parse(
        {"table": "shop.Log", "appended_at": "at"},
        {"table": 'shop."my.table"', "changed_at": '"Changed at"', "inserted_at": "made"},
    ).changes
    assert (log.name, log.column, log.inserted, log.is_append_only) == (
        ("shop", "Log"),
        "at",
        "",
        True,
    )
    assert not orders.is_append_only
    assert orders.columns_of(("shop", "part")) == (
        ColumnName(schema="shop", table="part", column="Changed at"),
        ColumnName(schema="shop", table="part", column="made"),
    )


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"table": "shop.t"}, "needs one of changed_at and appended_at"),
        ({"table": "shop.t", "changed_at": "a", "appended_at": "b"}, "needs one of"),
        ({"table": "shop.t", "appended_at": "a", "inserted_at": "b"}, "goes with changed_at only"),
        ({"table": "t", "appended_at": "a"}, r"not of the form schema\.table"),
        ({"table": "shop.t.a", "appended_at": "a"}, r"not of the form schema\.table"),
        ({"table": "shop.t", "appended_at": "t.a"}, "not the name of a column"),
        ({"table": "shop.t", "appended_at": "a", "zone": "Europe/Berlni"}, "no such time zone"),
        ({"table": "shop.t", "appended": "a"}, "appended"),
    ],
)
def test_what_cannot_be_is_refused(declared: dict[str, str], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        parse(declared)


def test_a_table_is_declared_once() -> None:
    with pytest.raises(ParameterError, match=r"shop\.t is declared twice"):
        parse({"table": "shop.t", "appended_at": "a"}, {"table": 'shop."t"', "changed_at": "b"})
