from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from opslib.errors import TableError
from opslib.tables.focus_files import CHARGE_CATEGORIES, FOCUS_REQUIRED_COLUMNS
from tests.tables.conftest import Read
from tests.tables.exports import focus_row, write_csv, write_parquet
from tests.tables.layouts import FOCUS_VERSIONS, focus_rows
from tests.tables.made_bill import CHARGES


@pytest.mark.parametrize("version", FOCUS_VERSIONS)
def test_every_version_names_the_meter(read: Read, tmp_path: Path, version: str) -> None:
    charge = CHARGES[0]
    rows = read(write_csv(tmp_path / "a.csv", focus_rows(charge, version)))
    assert rows["SkuMeter"].tolist() == [charge.meter]


@pytest.mark.parametrize("category", CHARGE_CATEGORIES)
@pytest.mark.parametrize("charge_class", ["", "Correction"])
def test_categories_and_classes_stay_as_they_are(
    read: Read, tmp_path: Path, category: str, charge_class: str
) -> None:
    row = focus_row(ChargeCategory=category, ChargeClass=charge_class)
    rows = read(write_csv(tmp_path / "a.csv", [row]))
    assert rows["ChargeCategory"].tolist() == [category]
    assert rows["ChargeClass"].fillna("").tolist() == [charge_class]


@pytest.mark.parametrize(
    ("column", "value"),
    [("ChargeCategory", "usage"), ("ChargeCategory", "Donation"), ("ChargeClass", "Refund")],
)
def test_a_kind_of_charge_that_focus_does_not_know_is_refused(
    read: Read, tmp_path: Path, column: str, value: str
) -> None:
    good = write_csv(tmp_path / "good.csv", [focus_row()])
    bad = write_csv(tmp_path / "bad.csv", [focus_row(**{column: value})])
    with pytest.raises(TableError) as raised:
        read(good, bad)
    assert raised.value.what == f"column {column} holds what FOCUS does not know: {value!r}"
    assert raised.value.where == str(bad)


@pytest.mark.parametrize(
    ("category", "status", "expected", "quantity"),
    [
        ("Usage", "Unused", "Purchase", None),
        ("Usage", "Used", "Usage", Decimal(2)),
        ("Usage", "", "Usage", Decimal(2)),
        ("Tax", "Unused", "Tax", Decimal(2)),
    ],
)
def test_an_unused_commitment_is_part_of_its_purchase(
    read: Read,
    tmp_path: Path,
    category: str,
    status: str,
    expected: str,
    quantity: Decimal | None,
) -> None:
    row = focus_row(ChargeCategory=category, CommitmentDiscountStatus=status)
    rows = read(write_csv(tmp_path / "a.csv", [row]))
    assert rows["ChargeCategory"].tolist() == [expected]
    assert rows["PricingQuantity"].tolist() == [quantity]
    assert rows["EffectiveCost"].tolist() == [Decimal(1)]


@pytest.mark.parametrize(
    ("region", "name", "expected"),
    [
        ("eu-west-1", "EU (Ireland)", "eu-west-1"),
        ("", "us-sanjose-1", "us-sanjose-1"),
        ("", "", None),
        ("global", "", None),
    ],
)
def test_a_region_without_an_id_goes_by_its_name(
    read: Read, tmp_path: Path, region: str, name: str, expected: str | None
) -> None:
    rows = read(write_csv(tmp_path / "a.csv", [focus_row(RegionId=region, RegionName=name)]))
    assert [value if isinstance(value, str) else None for value in rows["RegionId"]] == [expected]


@pytest.mark.parametrize("column", FOCUS_REQUIRED_COLUMNS)
def test_each_required_column_is_missed_by_name(read: Read, tmp_path: Path, column: str) -> None:
    row = focus_row()
    del row[column]
    file = write_csv(tmp_path / "a.csv", [row])
    with pytest.raises(TableError) as raised:
        read(file)
    assert raised.value.what == f"columns of FOCUS are missing: {column}"
    assert raised.value.where == str(file)


def test_columns_that_no_version_has_are_left_alone(read: Read, tmp_path: Path) -> None:
    rows = read(write_csv(tmp_path / "a.csv", [focus_row(x_Ours="1", Invented="2")]))
    assert rows["BilledCost"].tolist() == [Decimal(2)]


@pytest.mark.parametrize(
    ("type_", "value", "kind"),
    [
        (pa.bool_(), True, "boolean"),
        (pa.float64(), 1.5, "float64"),
        (pa.list_(pa.string()), ["x"], "array<string>"),
        (pa.struct({"name": pa.string()}), {"name": "x"}, "struct<name: string>"),
    ],
)
def test_a_column_of_text_that_holds_no_text_is_refused(
    read: Read, tmp_path: Path, type_: pa.DataType, value: Any, kind: str
) -> None:
    row = {**focus_row(), "ServiceName": value}
    file = write_parquet(tmp_path / "a.parquet", [row], {"ServiceName": type_})
    with pytest.raises(TableError) as raised:
        read(file)
    assert raised.value.what == f"column ServiceName holds {kind} where text is due"
    assert raised.value.where == str(file)


def test_tags_in_a_list_are_refused(read: Read, tmp_path: Path) -> None:
    pairs = pa.list_(pa.struct({"key": pa.string(), "value": pa.string()}))
    row = {**focus_row(), "Tags": [{"key": "Project", "value": "web"}]}
    with pytest.raises(TableError, match=r"column Tags holds array<.*> where a map is due"):
        read(write_parquet(tmp_path / "a.parquet", [row], {"Tags": pairs}))


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [(pa.int64(), 222222222222, "222222222222"), (pa.null(), None, None)],
)
def test_ids_in_numbers_and_columns_without_any_value_are_read(
    read: Read, tmp_path: Path, type_: pa.DataType, value: int | None, text: str | None
) -> None:
    row = {**focus_row(), "SubAccountName": value}
    rows = read(write_parquet(tmp_path / "a.parquet", [row], {"SubAccountName": type_}))
    assert [name if isinstance(name, str) else None for name in rows["SubAccountName"]] == [text]
