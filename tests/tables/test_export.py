from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opslib.errors import TableError
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from opslib.tables.focus import FOCUS_COLUMNS
from tests.tables.exports import cur_row, focus_row, write_csv, write_parquet

Read = Callable[..., pd.DataFrame]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def read(engine: Engine) -> Read:
    return lambda *files: engine.run(open_bill(engine, files))


def error_of(read: Read, *files: Path) -> TableError:
    with pytest.raises(TableError) as raised:
        read(*files)
    assert "\n" not in str(raised.value)
    return raised.value


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


def test_missing_columns_are_named_with_their_standard(read: Read, tmp_path: Path) -> None:
    row = focus_row()
    del row["BilledCost"], row["ChargeCategory"]
    file = write_csv(tmp_path / "a.csv", [row])
    error = error_of(read, file)
    assert error.what == "columns of FOCUS are missing: ChargeCategory, BilledCost"
    assert error.where == str(file)


def test_missing_columns_of_a_cost_and_usage_report_are_named(read: Read, tmp_path: Path) -> None:
    row = cur_row({})
    del row["lineItem/UnblendedCost"]
    error = error_of(read, write_csv(tmp_path / "a.csv", [row]))
    assert error.what == "columns of CUR 1 are missing: lineItem/UnblendedCost"


def test_a_file_of_no_known_standard_is_refused(read: Read, tmp_path: Path) -> None:
    error = error_of(read, write_csv(tmp_path / "a.csv", [{"name": "x", "cost": "1"}]))
    assert error.what == "no column of FOCUS or CUR 1"


def test_two_standards_are_not_one_bill(read: Read, tmp_path: Path) -> None:
    focus = write_csv(tmp_path / "focus.csv", [focus_row()])
    cur = write_csv(tmp_path / "cur.csv", [cur_row({})])
    error = error_of(read, focus, cur)
    assert error.what == "the files are of several standards: FOCUS, CUR 1"
    assert error.where == f"{focus}, {cur}"


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("BilledCost", "12,50", "no number"),
        ("BilledCost", "nan", "no number"),
        ("ChargePeriodStart", "03/02/2026", "no time"),
        ("Tags", '{"Project": "web"', "no JSON object"),
        ("Tags", "[1]", "no JSON object"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_file_and_column(
    read: Read, tmp_path: Path, column: str, value: str, problem: str
) -> None:
    good = write_csv(tmp_path / "good.csv", [focus_row()])
    bad = write_csv(tmp_path / "bad.csv", [focus_row(), focus_row(**{column: value})])
    error = error_of(read, good, bad)
    assert error.what == f"column {column} holds {problem}: {value!r}"
    assert error.where == str(bad)


def test_a_double_that_is_no_number_is_refused(read: Read, tmp_path: Path) -> None:
    row = {**focus_row(), "BilledCost": float("nan")}
    file = write_parquet(tmp_path / "a.parquet", [row], {"BilledCost": pa.float64()})
    assert error_of(read, file).what == "column BilledCost holds no number: 'nan'"


def _parquet_bytes(tmp_path: Path) -> bytes:
    rows = [focus_row(ResourceId=f"i-{n}", BilledCost=str(n)) for n in range(5000)]
    return write_parquet(tmp_path / "whole.parquet", rows).read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:-6],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[: len(whole) // 3] + whole[len(whole) // 2 :],
        lambda whole: whole[:200] + bytes(400) + whole[600:],
        lambda whole: b"<Error><Code>ExpiredToken</Code></Error>",
    ],
    ids=["empty", "end cut off", "half", "hole", "overwritten", "an error page"],
)
def test_a_broken_parquet_file_is_named(
    read: Read, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    whole = _parquet_bytes(tmp_path)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(damage(whole))
    assert error_of(read, tmp_path / "whole.parquet", broken).where == str(broken)


def test_a_footer_that_promises_more_rows_than_the_file_holds_is_an_error(
    read: Read, tmp_path: Path
) -> None:
    whole = _parquet_bytes(tmp_path)
    cut = tmp_path / "cut.parquet"
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    cut.write_bytes(whole[: len(whole) // 2] + whole[-footer:])
    assert pq.read_metadata(cut).num_rows == 5000
    assert error_of(read, cut).where == str(cut)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("a.csv", lambda text: b""),
        ("a.csv", lambda text: text[:-40]),
        ("a.csv", lambda text: text + b"one,two\n"),
        ("a.csv", lambda text: text + b'"never closed'),
        ("a.csv", lambda text: text.replace(b"production", b"\xff\xfe")),
        ("a.csv", lambda text: b"PAR1" + bytes(range(256))),
        ("a.csv.gz", lambda text: b""),
        ("a.csv.gz", lambda text: text),
        ("a.csv.gz", lambda text: gzip.compress(text)[:-50]),
        ("a.csv.gz", lambda text: gzip.compress(text)[:15]),
    ],
)
def test_a_broken_csv_file_is_named(
    read: Read, tmp_path: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    whole = write_csv(tmp_path / "whole.csv", [focus_row(ResourceId=f"i-{n}") for n in range(3000)])
    broken = tmp_path / name
    broken.write_bytes(damage(whole.read_bytes()))
    assert error_of(read, whole, broken).where == str(broken)


def test_an_export_without_a_charge_is_a_bill_without_rows(read: Read, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(",".join(focus_row()) + "\n", encoding="utf-8")
    assert read(file).empty


def test_a_header_that_repeats_a_column_is_refused(read: Read, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("BilledCost,BilledCost\n1,2\n", encoding="utf-8")
    assert error_of(read, file).what == "columns stand twice: BilledCost"


def test_other_kinds_of_files_are_refused(read: Read, tmp_path: Path) -> None:
    file = tmp_path / "bill.xlsx"
    file.write_bytes(b"x")
    assert error_of(read, file).where == str(file)


def test_no_file_is_an_error(read: Read) -> None:
    assert error_of(read).what == "no file to read the bill from"
