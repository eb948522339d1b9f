from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from opslib.errors import TableError
from opslib.tables.costs import Breakdown, check_costs

REGIONS = pd.DataFrame(
    {
        "EffectiveCost": [Decimal(1), Decimal(2)],
        "BilledCost": [Decimal(1), Decimal(2)],
        "PricingQuantity": [None, None],
        "ChargeCategory": ["Usage", "Usage"],
        "RegionId": ["us-east-1", ""],
        "ChargePeriodStart": [date(2026, 3, 2), date(2026, 3, 2)],
    }
)


def test_costs_come_back_in_the_order_of_their_contract() -> None:
    checked = check_costs(REGIONS, Breakdown.REGION)
    assert checked.columns.tolist() == [
        "ChargePeriodStart",
        "RegionId",
        "ChargeCategory",
        "PricingQuantity",
        "BilledCost",
        "EffectiveCost",
    ]
    assert checked["RegionId"].tolist() == ["", "us-east-1"]


@pytest.mark.parametrize(
    "empty", [REGIONS.iloc[:0], pd.DataFrame(columns=REGIONS.columns)], ids=["typed", "untyped"]
)
def test_an_empty_frame_is_fine(empty: pd.DataFrame) -> None:
    assert check_costs(empty, Breakdown.REGION).empty


def with_column(name: str, values: list[Any]) -> pd.DataFrame:
    return REGIONS.assign(**{name: pd.Series(values, dtype=object)})


@pytest.mark.parametrize(
    ("costs", "problem"),
    [
        (
            REGIONS.drop(columns=["BilledCost", "RegionId"]),
            "columns are missing: RegionId, BilledCost",
        ),
        (with_column("RegionId", ["a", None]), "not_nullable: RegionId"),
        (REGIONS.assign(RegionId="a"), "multiple_fields_uniqueness"),
        (REGIONS.assign(BilledCost=[1.0, 2.0]), "is no Decimal: BilledCost"),
        (with_column("EffectiveCost", [Decimal(1), None]), "not_nullable: EffectiveCost"),
        (REGIONS.assign(ChargePeriodStart=["2026-03-02"] * 2), "is no date: ChargePeriodStart"),
    ],
)
def test_a_frame_that_departs_from_the_contract_is_refused(
    costs: pd.DataFrame, problem: str
) -> None:
    with pytest.raises(TableError) as raised:
        check_costs(costs, Breakdown.REGION)
    assert raised.value.what.startswith(problem)
    assert raised.value.where == "costs by region"
    assert "\n" not in str(raised.value)
