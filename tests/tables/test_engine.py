from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import ibis
import pytest

from opslib.errors import TableError
from opslib.tables.engine import FILE, Engine, refuse
from tests.tables.exports import write_csv, write_parquet


def test_decimals_days_and_text_come_back_as_documented(engine: Engine) -> None:
    row = ibis.literal("0.1").cast("decimal(38, 18)").name("Cost").as_table()
    row = row.mutate(Day=ibis.date("2026-03-02"), Name=ibis.literal("a"), Nothing=ibis.null("date"))
    (found,) = engine.run(row).to_dict("records")
    assert found == {"Cost": Decimal("0.1"), "Day": date(2026, 3, 2), "Name": "a", "Nothing": None}


def test_csv_columns_take_the_given_names_and_null_texts_are_null(
    engine: Engine, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "a.csv", [{"x": "1", "X": "NULL"}, {"x": "", "X": "null"}])
    rows = engine.run(engine.csv([file], ["first", "second"]))
    assert rows["first"].tolist()[0] == "1"
    assert rows["first"].isna().tolist() == [False, True]
    assert rows["second"].isna().tolist() == [True, False]
    assert set(rows[FILE]) == {str(file)}


def test_a_file_name_is_never_a_pattern(engine: Engine, tmp_path: Path) -> None:
    odd = write_csv(tmp_path / "a[b]*?'.csv", [{"x": "odd"}])
    write_csv(tmp_path / "ab1'.csv", [{"x": "other"}])
    assert engine.run(engine.csv([odd], ["x"]))["x"].tolist() == ["odd"]


def test_a_folder_name_adds_no_column(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "BILLING_PERIOD=2026-03"
    folder.mkdir()
    file = write_parquet(folder / "part-0.parquet", [{"x": "1"}])
    assert engine.parquet([file]).columns == ("x", FILE)


def test_a_refusal_names_file_and_value(engine: Engine) -> None:
    table = ibis.literal("<b>\x1b[31m").name("value").as_table().mutate(file=ibis.literal("a.csv"))
    refused = table.select(x=refuse("no number:", table["value"], table["file"]))
    with pytest.raises(TableError) as raised:
        engine.run(refused)
    assert raised.value.what == r"no number: '<b>\x1b[31m'"
    assert raised.value.where == "a.csv"


def test_a_sum_that_outgrows_its_type_is_an_error_and_no_wrong_number(engine: Engine) -> None:
    rows = ibis.range(0, 12).unnest().name("n").as_table()
    amounts = rows.mutate(cost=ibis.literal("1e19").cast("decimal(38, 18)"))
    with pytest.raises(TableError, match=r"Overflow"):
        engine.run(amounts.aggregate(total=amounts["cost"].sum()))


def test_what_is_kept_does_not_need_its_files_again(engine: Engine, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [{"x": "1"}, {"x": "2"}])
    kept = engine.keep(engine.csv([file], ["x"]).select("x"))
    file.unlink()
    assert sorted(engine.run(kept)["x"]) == ["1", "2"]


def test_the_folder_for_spilled_rows_is_gone_at_the_end() -> None:
    with Engine() as engine:
        (folder,) = engine.run(_setting("temp_directory"))["value"]
        assert Path(folder).is_dir()
    assert not Path(folder).exists()


def test_the_engine_never_fetches_an_extension(engine: Engine) -> None:
    assert engine.run(_setting("autoinstall_known_extensions"))["value"].tolist() == ["false"]


def _setting(name: str) -> ibis.Table:
    @ibis.udf.scalar.builtin(name="current_setting")  # type: ignore[untyped-decorator]
    def current_setting(name: str) -> str: ...  # type: ignore[empty-body]

    return current_setting(name).cast("string").name("value").as_table()
