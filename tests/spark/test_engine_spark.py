"""Spark, for real, on this machine: the same tables as DuckDB, and the same refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from opslib.errors import TableError
from opslib.sandbox.export import PREFIX, export_periods, lay_out
from opslib.sandbox.scenario import plan_scenario
from opslib.tables.bill import aggregate_bill
from opslib.tables.costs import Bill
from opslib.tables.engine import Engine
from opslib.tables.engine_spark import SparkEngine
from opslib.tables.export import open_bill
from tests.tables.exports import cur_row, focus_row, write_csv, write_parquet

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
KEYS = ("Environment", "Project")
FRAMES = ("meters", "accounts", "regions", "places", "providers", "resources")


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkEngine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        with SparkEngine() as opened:
            yield opened
        opened.session.stop()


def both(
    spark: SparkEngine, files: list[Path], days: tuple[date, date] = MARCH
) -> tuple[Bill, Bill]:
    with Engine() as duckdb:
        ours = aggregate_bill(duckdb, open_bill(duckdb, files), days=days, tag_keys=KEYS)
    return ours, aggregate_bill(spark, open_bill(spark, files), days=days, tag_keys=KEYS)


def assert_equal(one: Bill, other: Bill) -> None:
    """Hold every table of two bills against each other, to the last digit."""
    for name in FRAMES:
        assert_same_frame(getattr(one, name), getattr(other, name))
    for pairs in ((one.tags, other.tags), (one.untagged, other.untagged)):
        assert set(pairs[0]) == set(pairs[1])
        for key in pairs[0]:
            assert_same_frame(pairs[0][key], pairs[1][key])
    for name in ("currency", "account_names", "billing_accounts", "first_day", "last_day"):
        assert getattr(one, name) == getattr(other, name)


def assert_same_frame(one: pd.DataFrame | None, other: pd.DataFrame | None) -> None:
    if one is None or other is None:
        assert one is other
        return
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.timeout(900)
def test_a_scenario_has_the_same_tables(spark: SparkEngine, tmp_path: Path) -> None:
    bill = plan_scenario("troubled", 1).bill
    files = []
    for key, content in lay_out(export_periods(bill), PREFIX):
        place = tmp_path / key
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        files += [place] if key.endswith(".parquet") else []
    ours, theirs = both(spark, files, (min(bill["day"]), max(bill["day"])))
    assert len(ours.meters) > 1000
    assert_equal(ours, theirs)


def test_an_account_without_charges_has_the_same_tables(spark: SparkEngine, tmp_path: Path) -> None:
    assert list(lay_out(export_periods(plan_scenario("empty", 1).bill), PREFIX)) == []
    file = write_parquet(tmp_path / "a.parquet", [focus_row(Tags="")])
    day = date(2026, 5, 1)
    ours, theirs = both(spark, [file], (day, day))
    assert ours.meters.empty
    assert_equal(ours, theirs)


def test_csv_and_json_are_read_alike(spark: SparkEngine, tmp_path: Path) -> None:
    rows: list[dict[str, str]] = []
    for place, tags in enumerate(['{"user:Project": "we\\"b"}', '{"Project": null}', "{}", ""]):
        rows += [
            focus_row(
                Tags=tags,
                ResourceId=f"i-{place}",
                BilledCost="1e-7",
                ChargeDescription='a, "b"\nc',
            ),
            focus_row(Tags=tags, ResourceId="NULL", ChargePeriodStart="2026-03-31T23:30:00-02:00"),
        ]
    late = focus_row(ChargePeriodStart="2026-02-28T19:00:00-05:00", SubAccountName="named later")
    ours, theirs = both(spark, [write_csv(tmp_path / "a [1].csv", [*rows, late])])
    assert len(ours.meters) == 2
    assert ours.resources is not None
    assert {f"i-{place}" for place in range(4)} <= set(ours.resources["ResourceId"])
    assert_equal(ours, theirs)


def test_a_cost_and_usage_report_is_read_alike(spark: SparkEngine, tmp_path: Path) -> None:
    rows = [
        cur_row({"resourceTags/user:Project": "web", "resourceTags/user:project": "api"}),
        cur_row({"resourceTags/user:Project": "", "resourceTags/user:project": ""}),
    ]
    assert_equal(*both(spark, [write_csv(tmp_path / "a.csv", rows)]))


def test_doubles_are_their_shortest_text(spark: SparkEngine, tmp_path: Path) -> None:
    costs = [0.1, 1e-7, 1.5e-11, 123456789.123, 0.1 * 3, 5e-324, -0.0]
    rows: list[dict[str, object]] = [
        {**focus_row(ResourceId=f"i-{place}", Tags=""), "BilledCost": cost}
        for place, cost in enumerate(costs)
    ]
    file = write_parquet(tmp_path / "a.parquet", rows, {"BilledCost": pa.float64()})
    ours, theirs = both(spark, [file])
    assert ours.resources is not None
    expected = [round(Decimal(repr(cost)), 18) for cost in costs]
    assert ours.resources["BilledCost"].tolist() == expected
    assert_equal(ours, theirs)


def test_a_value_that_cannot_be_read_names_column_value_and_file(
    spark: SparkEngine, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "a b+c.csv", [focus_row(), focus_row(BilledCost="12,5")])
    with pytest.raises(TableError, match="column BilledCost holds no number: '12,5'") as raised:
        both(spark, [file])
    assert raised.value.where == str(file)
    with pytest.raises(TableError, match="column BilledCost holds no number: '12,5'") as raised:
        aggregate_bill(spark, open_bill(spark, [file]), days=MARCH, tag_keys=KEYS)
    assert raised.value.where == str(file)


def test_a_broken_file_is_an_error(spark: SparkEngine, tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "a.parquet", [focus_row()])
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(TableError, match="cannot be read"):
        aggregate_bill(spark, open_bill(spark, [file]), days=MARCH, tag_keys=KEYS)
