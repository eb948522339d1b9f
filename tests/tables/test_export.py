from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from opslib.tables.focus import FOCUS_COLUMNS
from tests.tables.conftest import Read
from tests.tables.exports import focus_row, write_csv, write_parquet

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_every_focus_column_is_there_whatever_the_export_holds(read: Read, tmp_path: Path) -> None:
    rows = read(write_csv(tmp_path / "a.csv", [focus_row()]))
    assert rows.columns.tolist() == [column.name for column in FOCUS_COLUMNS]
    assert rows["SkuId"].isna().all()
    assert rows["BilledCost"].tolist() == [Decimal(2)]


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("1.81E-8", "0.0000000181"),
        ("0.1", "0.1"),
        ("-3.00000000000", "-3"),
        ("0.000000000000000001", "0.000000000000000001"),
        ("12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"),
    ],
)
def test_numbers_in_text_are_exact(read: Read, tmp_path: Path, written: str, exact: str) -> None:
    rows = read(write_csv(tmp_path / "a.csv", [focus_row(BilledCost=written)]))
    assert rows["BilledCost"].tolist() == [Decimal(exact)]


@pytest.mark.parametrize(
    ("type_", "value", "exact"),
    [
        (pa.float64(), 0.1, "0.1"),
        (pa.float64(), 1.81e-8, "0.0000000181"),
        (pa.float32(), 0.1, "0.1"),
        (pa.int64(), 7, "7"),
        (pa.decimal128(20, 11), Decimal("1.00000000001"), "1.00000000001"),
        (pa.string(), "1e-7", "0.0000001"),
        (pa.float64(), None, None),
    ],
)
def test_numbers_of_every_parquet_type_are_exact(
    read: Read, tmp_path: Path, type_: pa.DataType, value: Any, exact: str | None
) -> None:
    row = {**focus_row(), "BilledCost": value}
    file = write_parquet(tmp_path / "a.parquet", [row], {"BilledCost": type_})
    assert read(file)["BilledCost"].tolist() == [None if exact is None else Decimal(exact)]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (pa.string(), "2026-03-02T12:00:00Z"),
        (pa.string(), "2026-03-02T12:00:00.000Z"),
        (pa.string(), "2026-03-02 12:00:00"),
        (pa.string(), "2026-03-02T14:00:00+02:00"),
        (pa.timestamp("ms"), NOON.replace(tzinfo=None)),
        (pa.timestamp("us"), NOON.replace(tzinfo=None)),
        (pa.timestamp("ns"), NOON.replace(tzinfo=None)),
        (pa.timestamp("us", tz="UTC"), NOON),
        (pa.timestamp("ms", tz="America/New_York"), NOON),
    ],
)
def test_times_of_every_kind_end_as_utc(
    read: Read, tmp_path: Path, type_: pa.DataType, value: Any
) -> None:
    row = {**focus_row(), "ChargePeriodStart": value}
    file = write_parquet(tmp_path / "a.parquet", [row], {"ChargePeriodStart": type_})
    assert read(file)["ChargePeriodStart"].tolist() == [pd.Timestamp(NOON)]


@pytest.mark.parametrize(
    ("type_", "value", "tags"),
    [
        (pa.string(), '{"Project": "web", "n": 3, "flag": true}', {"Project": "web", "n": "3"}),
        (pa.map_(pa.string(), pa.string()), [("Project", "web")], {"Project": "web"}),
        (pa.struct({"Project": pa.string()}), {"Project": "web"}, {"Project": "web"}),
        (pa.string(), "{}", {}),
    ],
)
def test_tags_are_read_from_json_maps_and_structures(
    read: Read, tmp_path: Path, type_: pa.DataType, value: Any, tags: dict[str, str]
) -> None:
    row = {**focus_row(), "Tags": value}
    file = write_parquet(tmp_path / "a.parquet", [row], {"Tags": type_})
    found = dict(read(file)["Tags"][0])
    assert {key: found[key] for key in tags} == tags


def test_the_usage_type_of_focus_1_0_is_the_meter(read: Read, tmp_path: Path) -> None:
    row = focus_row(SkuMeter="", x_UsageType="EU-DataTransfer-Out-Bytes")
    rows = read(write_csv(tmp_path / "a.csv", [row]))
    assert rows["SkuMeter"].tolist() == ["EU-DataTransfer-Out-Bytes"]


def test_files_of_several_periods_and_columns_are_one_bill(read: Read, tmp_path: Path) -> None:
    february = {**focus_row(), "BilledCost": 0.1}
    zipped = tmp_path / "d.csv.gz"
    zipped.write_bytes(
        gzip.compress(write_csv(tmp_path / "d", [focus_row(BilledCost="10")]).read_bytes())
    )
    files = [
        write_csv(tmp_path / "a.csv", [focus_row(BilledCost="1", SkuId="S")]),
        write_parquet(tmp_path / "b.parquet", [february], {"BilledCost": pa.float64()}),
        write_parquet(tmp_path / "c.parquet", [focus_row(BilledCost="100")]),
        zipped,
    ]
    rows = read(*files)
    assert sorted(rows["BilledCost"]) == [Decimal("0.1"), 1, 10, 100]
    assert rows["SkuId"].dropna().tolist() == ["S"]


def test_hostile_text_passes_through_unchanged(read: Read, tmp_path: Path) -> None:
    hostile = (
        '<script>alert("1")</script>\n=HYPERLINK("x"), **b** \x1b[31m\x00 \'; DROP TABLE t; --'
    )
    row = focus_row(ResourceId=hostile, ServiceName="{{x}}", SubAccountName="na\u202eme")
    file = write_csv(tmp_path / "a.csv", [row])
    rows = read(file)
    assert rows["ResourceId"].tolist() == [hostile]
    assert rows["ServiceName"].tolist() == ["{{x}}"]
    assert rows["SubAccountName"].tolist() == ["na\u202eme"]
