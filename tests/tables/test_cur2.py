from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from opslib.errors import TableError
from opslib.tables.aggregation import tag_value
from opslib.tables.cur import athena_name
from opslib.tables.cur2 import CUR2_REQUIRED_COLUMNS
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from tests.tables.conftest import Read
from tests.tables.exports import cur_row, write_csv, write_parquet
from tests.tables.test_cur import CHARGES

TEXT_MAP = pa.map_(pa.string(), pa.string())
MAPS = {
    "product": TEXT_MAP,
    "resource_tags": TEXT_MAP,
    "cost_category": TEXT_MAP,
    "discount": pa.map_(pa.string(), pa.float64()),
    "tags": TEXT_MAP,
}
OF_CUR_1_ONLY = ("product/ProductName", "product/region")


def cur2_row(changed: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return one line item of CUR 2.0; ``changed`` by names of CUR 1 or of CUR 2.0."""
    row = {
        athena_name(name): value for name, value in cur_row({}).items() if name not in OF_CUR_1_ONLY
    }
    return (
        row
        | {
            "line_item_usage_account_name": "production",
            "product": {"product_name": "Amazon Elastic Compute Cloud", "region": "eu-west-1"},
            "resource_tags": {"user_project": "web", "aws_created_by": "Root:1"},
            "cost_category": {"team": "shop"},
            "discount": {"edp_discount": 0.1},
        }
        | {
            name if name in MAPS or "/" not in name else athena_name(name): value
            for name, value in (changed or {}).items()
        }
    )


def parquet_of(file: Path, *rows: dict[str, Any]) -> Path:
    maps = {name: kind for name, kind in MAPS.items() if name in rows[0]}
    pairs = [
        {name: list(value.items()) if name in maps else value for name, value in row.items()}
        for row in rows
    ]
    return write_parquet(file, pairs, maps)


def csv_of(file: Path, *rows: dict[str, Any]) -> Path:
    texts = [
        {name: json.dumps(value) if name in MAPS else value for name, value in row.items()}
        for row in rows
    ]
    return write_csv(file, texts)


@pytest.mark.parametrize(("kind", "columns", "expected"), CHARGES)
def test_a_line_item_costs_what_its_type_says(
    read: Read,
    tmp_path: Path,
    kind: str,
    columns: dict[str, str],
    expected: tuple[str, str, str, str | None],
) -> None:
    changed = {name: value for name, value in columns.items() if name not in OF_CUR_1_ONLY}
    row = cur2_row({"lineItem/LineItemType": kind, **changed})
    rows = read(parquet_of(tmp_path / "a.parquet", row))
    category, billed, effective, quantity = expected
    assert rows["ChargeCategory"].tolist() == [category]
    assert rows["BilledCost"].tolist() == [Decimal(billed)]
    assert rows["EffectiveCost"].tolist() == [Decimal(effective)]
    assert rows["PricingQuantity"].tolist() == [None if quantity is None else Decimal(quantity)]


@pytest.mark.parametrize("write", [parquet_of, csv_of])
def test_names_and_tags_come_out_of_the_maps(read: Read, tmp_path: Path, write: Any) -> None:
    name = "a.parquet" if write is parquet_of else "a.csv"
    bare = cur2_row({"product": {}, "resource_tags": {}, "product/regionCode": ""})
    rows = read(write(tmp_path / name, cur2_row(), bare))
    assert rows["ServiceName"].tolist() == ["Amazon Elastic Compute Cloud", "AmazonEC2"]
    assert rows["RegionId"].isna().tolist() == [False, True]
    assert rows["SubAccountName"].tolist() == ["production", "production"]
    assert dict(rows["Tags"][0]) == {"user_project": "web", "aws_created_by": "Root:1"}
    assert dict(rows["Tags"][1]) == {}


def test_parquet_and_csv_read_the_same(read: Read, tmp_path: Path) -> None:
    rows = [cur2_row({"lineItem/LineItemType": kind}) for kind in ("Usage", "Tax", "Credit")]
    parquet = read(parquet_of(tmp_path / "a.parquet", *rows))
    csv = read(csv_of(tmp_path / "a.csv", *rows))
    pd.testing.assert_frame_equal(parquet.drop(columns="Tags"), csv.drop(columns="Tags"))
    assert [dict(tags) for tags in parquet["Tags"]] == [dict(tags) for tags in csv["Tags"]]


@pytest.mark.parametrize(("key", "value"), [("Project", "web"), ("aws:createdBy", "Root:1")])
def test_a_tag_is_found_by_the_name_that_its_owner_gave_it(
    engine: Engine, tmp_path: Path, key: str, value: str
) -> None:
    bill = open_bill(engine, [parquet_of(tmp_path / "a.parquet", cur2_row())])
    assert engine.run(bill.select(tag=tag_value(bill, key)))["tag"].tolist() == [value]


def test_keys_that_the_export_takes_as_columns_are_read(read: Read, tmp_path: Path) -> None:
    row = cur2_row({"product_product_name": "Amazon RDS", "resource_tags_user_project": "data"})
    del row["resource_tags"], row["product"]
    rows = read(parquet_of(tmp_path / "a.parquet", row))
    assert rows["ServiceName"].tolist() == ["Amazon RDS"]
    assert dict(rows["Tags"][0]) == {"user_project": "data"}


@pytest.mark.parametrize("column", CUR2_REQUIRED_COLUMNS)
def test_a_missing_column_is_named_as_the_layout_names_it(
    read: Read, tmp_path: Path, column: str
) -> None:
    row = cur2_row()
    del row[column]
    with pytest.raises(TableError) as raised:
        read(parquet_of(tmp_path / "a.parquet", row))
    assert raised.value.what == f"columns of CUR 2.0 are missing: {column}"
    assert raised.value.where == str(tmp_path / "a.parquet")


def test_the_layouts_of_both_generations_are_not_one_bill(read: Read, tmp_path: Path) -> None:
    first = write_parquet(
        tmp_path / "1.parquet", [{athena_name(k): v for k, v in cur_row({}).items()}]
    )
    second = parquet_of(tmp_path / "2.parquet", cur2_row())
    with pytest.raises(TableError) as raised:
        read(first, second)
    assert raised.value.what == "the files are of several standards: CUR 1, CUR 2.0"
    assert raised.value.where == f"{first}, {second}"


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("line_item_unblended_cost", "12,5", "column line_item_unblended_cost holds no number"),
        ("line_item_usage_start_date", "soon", "column line_item_usage_start_date holds no time"),
        ("line_item_line_item_type", "Gift", "line_item_line_item_type has no mapping to FOCUS"),
        ("reservation_effective_cost", "-1", "column reservation_effective_cost holds a negative"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_by_the_files_own_column(
    read: Read, tmp_path: Path, column: str, value: str, what: str
) -> None:
    good = parquet_of(tmp_path / "good.parquet", cur2_row())
    kind = {} if "type" in column else {"line_item_line_item_type": "DiscountedUsage"}
    bad = parquet_of(tmp_path / "bad.parquet", cur2_row(kind | {column: value}))
    with pytest.raises(TableError) as raised:
        read(good, bad)
    assert raised.value.what.startswith(what)
    assert raised.value.where == str(bad)


@pytest.mark.parametrize(("column", "value"), [("product", "[1]"), ("resource_tags", "{broken")])
def test_a_map_that_is_no_json_object_is_refused(
    read: Read, tmp_path: Path, column: str, value: str
) -> None:
    row = {name: json.dumps(v) if name in MAPS else v for name, v in cur2_row().items()}
    file = write_csv(tmp_path / "a.csv", [{**row, column: value}])
    with pytest.raises(TableError) as raised:
        read(file)
    assert (raised.value.what, raised.value.where) == (
        f"column {column} holds no JSON object: {value!r}",
        str(file),
    )


@pytest.mark.parametrize("write", [parquet_of, csv_of])
def test_tags_of_every_kind_are_read_where_those_of_resources_are_not(
    engine: Engine, tmp_path: Path, write: Any
) -> None:
    gathered = {
        "resourceTags/department": "shop",
        "userAttribute/Department": "sales",
        "accountTag/department": "retail",
        "costCategory/department": "trade",
    }
    rows = [cur2_row({"tags": gathered}), cur2_row({"tags": {"accountTag/department": "retail"}})]
    for row in rows:
        del row["resource_tags"]
    file = tmp_path / ("a.parquet" if write is parquet_of else "a.csv")
    bill = open_bill(engine, [write(file, *rows)])
    tags = bill.select(
        own=tag_value(bill, "department"), of=tag_value(bill, "accountTag/department")
    )
    found = engine.run(tags)
    assert found["own"].fillna("").tolist() == ["shop", ""]
    assert found["of"].tolist() == ["retail", "retail"]


def test_tags_of_resources_are_taken_from_their_own_column(engine: Engine, tmp_path: Path) -> None:
    row = cur2_row({"tags": {"resourceTags/Project": "other"}})
    bill = open_bill(engine, [parquet_of(tmp_path / "a.parquet", row)])
    assert engine.run(bill.select(tag=tag_value(bill, "Project")))["tag"].tolist() == ["web"]
