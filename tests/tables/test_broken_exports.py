"""What cannot be read is an error that names file and column, and never a smaller bill."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opslib.errors import TableError
from tests.tables.conftest import Read
from tests.tables.exports import cur_row, focus_row, write_csv, write_parquet


def error_of(read: Read, *files: Path) -> TableError:
    with pytest.raises(TableError) as raised:
        read(*files)
    assert "\n" not in str(raised.value)
    return raised.value


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
    assert error.what == "no column of FOCUS, CUR 2.0, CUR 1"


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
        ("EffectiveCost", "-inf", "no number"),
        ("BilledCost", "1e40", "no number"),
        ("PricingQuantity", "many", "no number"),
        ("ChargePeriodStart", "2026-02-30T00:00:00Z", "no time"),
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


@pytest.mark.parametrize(
    ("column", "type_", "value", "what"),
    [
        (
            "BilledCost",
            pa.struct({"USD": pa.int64()}),
            {"USD": 1},
            "holds no number: \"{'USD': 1}\"",
        ),
        ("BilledCost", pa.bool_(), True, "holds no number: 'true'"),
        ("ChargePeriodStart", pa.int64(), 1772452800, "holds no time: '1772452800'"),
        ("Tags", pa.int64(), 7, "holds no JSON object: '7'"),
    ],
)
def test_a_column_of_an_unfit_type_is_refused(
    read: Read, tmp_path: Path, column: str, type_: pa.DataType, value: Any, what: str
) -> None:
    file = write_parquet(tmp_path / "a.parquet", [{**focus_row(), column: value}], {column: type_})
    error = error_of(read, file)
    assert (error.what, error.where) == (f"column {column} {what}", str(file))


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
