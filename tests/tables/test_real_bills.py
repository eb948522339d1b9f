"""Real bills, to the last digit; skipped where the folder of real data is absent."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from opslib.errors import TableError
from opslib.money import total
from opslib.tables.aggregation import charges_of
from opslib.tables.bill import aggregate_bill, describe_bill
from opslib.tables.cur import athena_name
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from tests.tables.exports import write_csv

CUR = "aws-cur-v1-anonymised.csv"
FOCUS = "focus-1.0-sample.csv"
SEPTEMBER = (date(2024, 9, 1), date(2024, 9, 30))


def test_the_cost_and_usage_report_ties_out(engine: Engine, shared_data: Path) -> None:
    relation = open_bill(engine, [shared_data / "billing" / CUR])
    sums = engine.run(
        relation.aggregate(ListCost=relation.ListCost.sum(), Tags=relation.Tags.count())
    )
    assert sums["ListCost"].tolist() == [Decimal("3.3561726949")]
    november = (date(2023, 11, 1), date(2023, 11, 30))
    bill = aggregate_bill(engine, relation, days=november, tag_keys=("Project",))
    for frame in (bill.meters, bill.accounts, bill.regions):
        assert total(frame["BilledCost"]) == Decimal("1.6823086974")
        assert total(frame["EffectiveCost"]) == Decimal("1.6823086974")
    assert (bill.first_day, bill.last_day) == (date(2023, 11, 1), date(2023, 11, 14))
    assert set(bill.regions["ChargeCategory"]) == {"Usage", "Tax"}
    assert (bill.tags, bill.resources) == ({}, None)


def test_the_focus_sample_ties_out(engine: Engine, shared_data: Path) -> None:
    relation = open_bill(engine, [shared_data / "billing" / FOCUS])
    extent = describe_bill(engine, charges_of(relation, days=SEPTEMBER, tag_keys=()))
    assert extent.providers == {"AWS": 942, "Microsoft": 51, "Oracle": 7}
    assert (extent.rows, extent.with_tags, extent.nulls) == (1000, 711, {})
    aws = relation.filter(relation.ProviderName == "AWS")
    sums = engine.run(aws.aggregate(BilledCost=aws.BilledCost.sum()))
    assert sums["BilledCost"].tolist() == [Decimal("18.00663861840")]


def test_the_focus_sample_sums_along_every_breakdown(engine: Engine, shared_data: Path) -> None:
    relation = open_bill(engine, [shared_data / "billing" / FOCUS])
    keys = ("environment", "Project")
    bill = aggregate_bill(engine, relation, days=SEPTEMBER, tag_keys=keys)
    for frame in (bill.meters, bill.accounts, bill.regions):
        assert total(frame["BilledCost"]) == Decimal("20.52022672899")
    usage = bill.regions[bill.regions["ChargeCategory"] == "Usage"]
    for key in keys:
        assert total(bill.tags[key]["BilledCost"]) == total(usage["BilledCost"])
        untagged = bill.tags[key][bill.tags[key]["TagValue"] == ""]
        assert total(bill.untagged[key]["BilledCost"]) == total(untagged["BilledCost"])


def test_the_focus_sample_sums_by_provider(engine: Engine, shared_data: Path) -> None:
    relation = open_bill(engine, [shared_data / "billing" / FOCUS])
    september = (date(2024, 9, 1), date(2024, 9, 30))
    bill = aggregate_bill(engine, relation, days=september, tag_keys=())
    assert bill.providers is not None
    by_provider = bill.providers.groupby("ProviderName")["BilledCost"]
    assert {str(name): total(costs) for name, costs in by_provider} == {
        "AWS": Decimal("18.00663861840"),
        "Microsoft": Decimal("1.97651418586"),
        "Oracle": Decimal("0.53707392473"),
    }
    oracle = engine.run(relation.filter(relation.ProviderName == "Oracle"))
    assert set(oracle["RegionId"]) == {"us-sanjose-1", "us-phoenix-1"}


def test_the_cost_and_usage_report_reads_the_same_as_one_of_the_second_generation(
    engine: Engine, shared_data: Path, tmp_path: Path
) -> None:
    with (shared_data / "billing" / CUR).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    renamed = [second_generation(row) for row in rows]
    second = write_csv(tmp_path / "cur2.csv", renamed)
    first = engine.run(open_bill(engine, [shared_data / "billing" / CUR]))
    found = engine.run(open_bill(engine, [second]))
    pd.testing.assert_frame_equal(found.drop(columns="Tags"), first.drop(columns="Tags"))


def second_generation(row: Mapping[str, str]) -> dict[str, str]:
    """Return a line item of CUR 1 as CUR 2.0 has it, what a product is in one column."""
    product = {
        athena_name(name.removeprefix("product/")): value
        for name, value in row.items()
        if name.startswith("product/") and value
    }
    kept = {
        athena_name(name): value for name, value in row.items() if not name.startswith("product/")
    }
    static = {f"product_{name}": product.get(name, "") for name in ("region_code", "sku")}
    return {**kept, **static, "product": json.dumps(product), "resource_tags": "{}"}


@pytest.mark.parametrize("keep", [0.3, 0.7])
def test_a_truncated_real_file_is_never_a_smaller_bill(
    engine: Engine, shared_data: Path, tmp_path: Path, keep: float
) -> None:
    whole = (shared_data / "billing" / CUR).read_bytes()
    cut = tmp_path / "cut.csv"
    cut.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(TableError, match=r"cut\.csv"):
        engine.run(open_bill(engine, [cut]))
