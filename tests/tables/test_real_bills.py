"""Real bills, to the last digit; skipped where the folder of real data is absent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from opslib.errors import TableError
from opslib.money import total
from opslib.tables.bill import aggregate_bill, describe_bill
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill

CUR = "aws-cur-v1-anonymised.csv"
FOCUS = "focus-1.0-sample.csv"


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
    extent = describe_bill(engine, relation)
    assert extent.providers == {"AWS": 942, "Microsoft": 51, "Oracle": 7}
    assert (extent.rows, extent.with_tags, extent.nulls) == (1000, 711, {})
    aws = relation.filter(relation.ProviderName == "AWS")
    sums = engine.run(aws.aggregate(BilledCost=aws.BilledCost.sum()))
    assert sums["BilledCost"].tolist() == [Decimal("18.00663861840")]


def test_the_focus_sample_sums_along_every_breakdown(engine: Engine, shared_data: Path) -> None:
    relation = open_bill(engine, [shared_data / "billing" / FOCUS])
    september = (date(2024, 9, 1), date(2024, 9, 30))
    keys = ("environment", "Project")
    bill = aggregate_bill(engine, relation, days=september, tag_keys=keys)
    for frame in (bill.meters, bill.accounts, bill.regions):
        assert total(frame["BilledCost"]) == Decimal("20.52022672899")
    usage = bill.regions[bill.regions["ChargeCategory"] == "Usage"]
    for key in keys:
        assert total(bill.tags[key]["BilledCost"]) == total(usage["BilledCost"])
        untagged = bill.tags[key][bill.tags[key]["TagValue"] == ""]
        assert total(bill.untagged[key]["BilledCost"]) == total(untagged["BilledCost"])


@pytest.mark.parametrize("keep", [0.3, 0.7])
def test_a_truncated_real_file_is_never_a_smaller_bill(
    engine: Engine, shared_data: Path, tmp_path: Path, keep: float
) -> None:
    whole = (shared_data / "billing" / CUR).read_bytes()
    cut = tmp_path / "cut.csv"
    cut.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(TableError, match=r"cut\.csv"):
        engine.run(open_bill(engine, [cut]))
