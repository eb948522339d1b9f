from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from opslib.errors import TableError
from opslib.tables.cur import athena_name
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from opslib.tables.line_items import LINE_ITEMS
from tests.tables.exports import cur_row, write_csv, write_parquet

# Line item type, the columns that matter to it, and by hand: ChargeCategory, BilledCost,
# EffectiveCost, PricingQuantity.
CHARGES = [
    ("Usage", {"lineItem/UnblendedCost": "2"}, ("Usage", "2", "2", "4")),
    (
        "SavingsPlanCoveredUsage",
        {"lineItem/UnblendedCost": "10", "savingsPlan/SavingsPlanEffectiveCost": "7.2"},
        ("Usage", "0", "7.2", "4"),
    ),
    ("SavingsPlanNegation", {"lineItem/UnblendedCost": "-10"}, ("Usage", "0", "0", None)),
    (
        "SavingsPlanRecurringFee",
        {
            "lineItem/UnblendedCost": "8",
            "savingsPlan/TotalCommitmentToDate": "8",
            "savingsPlan/UsedCommitment": "7.2",
        },
        ("Purchase", "8", "0.8", "4"),
    ),
    ("SavingsPlanUpfrontFee", {"lineItem/UnblendedCost": "500"}, ("Purchase", "500", "0", "4")),
    (
        "DiscountedUsage",
        {"lineItem/UnblendedCost": "0", "reservation/EffectiveCost": "0.6"},
        ("Usage", "0", "0.6", "4"),
    ),
    (
        "RIFee",
        {
            "lineItem/UnblendedCost": "30",
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "1.5",
            "reservation/UnusedRecurringFee": "2.5",
        },
        ("Purchase", "30", "4", "4"),
    ),
    (
        "RIFee",
        {"lineItem/UnblendedCost": "30", "reservation/UnusedRecurringFee": "2.5"},
        ("Purchase", "30", "2.5", "4"),
    ),
    (
        "Fee",
        {"lineItem/UnblendedCost": "900", "reservation/ReservationARN": "arn:aws:ec2:x"},
        ("Purchase", "900", "0", "4"),
    ),
    (
        "Fee",
        {"lineItem/UnblendedCost": "29", "product/ProductName": "AWS Support (Developer)"},
        ("Purchase", "29", "29", "4"),
    ),
    ("FlatRateSubscription", {"lineItem/UnblendedCost": "20"}, ("Purchase", "20", "20", "4")),
    ("BundledDiscount", {"lineItem/UnblendedCost": "-1"}, ("Adjustment", "-1", "-1", None)),
    ("Discount", {"lineItem/UnblendedCost": "-1"}, ("Adjustment", "-1", "-1", None)),
    ("EdpDiscount", {"lineItem/UnblendedCost": "-1"}, ("Adjustment", "-1", "-1", None)),
    ("PrivateRateDiscount", {"lineItem/UnblendedCost": "-1"}, ("Adjustment", "-1", "-1", None)),
    ("RiVolumeDiscount", {"lineItem/UnblendedCost": "-1"}, ("Adjustment", "-1", "-1", None)),
    ("SppDiscount", {"lineItem/UnblendedCost": "-1"}, ("Adjustment", "-1", "-1", None)),
    ("Tax", {"lineItem/UnblendedCost": "0.4"}, ("Tax", "0.4", "0.4", None)),
    ("Credit", {"lineItem/UnblendedCost": "-3"}, ("Credit", "-3", "-3", None)),
    ("Refund", {"lineItem/UnblendedCost": "-5"}, ("Adjustment", "-5", "-5", None)),
]


def rows_of(engine: Engine, tmp_path: Path, *changed: dict[str, str]) -> pd.DataFrame:
    file = write_csv(tmp_path / "report.csv", [cur_row(change) for change in changed])
    return engine.run(open_bill(engine, [file]))


@pytest.mark.parametrize(("kind", "columns", "expected"), CHARGES)
def test_a_line_item_costs_what_its_type_says(
    engine: Engine,
    tmp_path: Path,
    kind: str,
    columns: dict[str, str],
    expected: tuple[str, str, str, str | None],
) -> None:
    rows = rows_of(engine, tmp_path, {"lineItem/LineItemType": kind, **columns})
    category, billed, effective, quantity = expected
    assert rows["ChargeCategory"].tolist() == [category]
    assert rows["BilledCost"].tolist() == [Decimal(billed)]
    assert rows["EffectiveCost"].tolist() == [Decimal(effective)]
    assert rows["PricingQuantity"].tolist() == [None if quantity is None else Decimal(quantity)]


def test_every_type_of_the_mapping_has_a_case_above() -> None:
    assert {kind for kind, *_ in CHARGES} == set(LINE_ITEMS)


def test_the_billed_total_is_the_unblended_total(engine: Engine, tmp_path: Path) -> None:
    changes = [{"lineItem/LineItemType": kind, **columns} for kind, columns, _ in CHARGES]
    unblended = sum(Decimal(change["lineItem/UnblendedCost"]) for change in changes)
    assert sum(rows_of(engine, tmp_path, *changes)["BilledCost"]) == unblended


def test_a_savings_plan_costs_its_commitment_when_amortised(engine: Engine, tmp_path: Path) -> None:
    kinds = {"SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee"}
    changes = [
        {"lineItem/LineItemType": kind, **columns} for kind, columns, _ in CHARGES if kind in kinds
    ]
    rows = rows_of(engine, tmp_path, *changes)
    assert sum(rows["EffectiveCost"]) == sum(rows["BilledCost"]) == 8


@pytest.mark.parametrize(
    "kind", ["SavingsPlanCoveredUsage", "SavingsPlanRecurringFee", "DiscountedUsage", "RIFee"]
)
def test_an_amount_that_the_report_lacks_is_no_zero(
    engine: Engine, tmp_path: Path, kind: str
) -> None:
    rows = rows_of(engine, tmp_path, {"lineItem/LineItemType": kind})
    assert rows["EffectiveCost"].tolist() == [None]


def test_a_type_without_mapping_is_refused_by_name(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(TableError) as raised:
        rows_of(engine, tmp_path, {}, {"lineItem/LineItemType": "Donation"})
    assert raised.value.what == "lineItem/LineItemType has no mapping to FOCUS: 'Donation'"
    assert raised.value.where.endswith("report.csv")


def test_names_come_from_the_product_and_fall_back_to_its_code(
    engine: Engine, tmp_path: Path
) -> None:
    rows = rows_of(
        engine,
        tmp_path,
        {"lineItem/LineItemType": "Fee", "product/ProductName": "AWS Support (Business)"},
        {"product/ProductName": "", "product/regionCode": "global"},
    )
    assert rows["ServiceName"].tolist() == ["AWS Support (Business)", "AmazonEC2"]
    assert rows["RegionId"].isna().tolist() == [False, True]


def test_tag_columns_become_tags(engine: Engine, tmp_path: Path) -> None:
    rows = rows_of(
        engine,
        tmp_path,
        {"resourceTags/user:Project": "web", "resourceTags/aws:createdBy": "Root:1"},
        {"resourceTags/user:Project": "", "resourceTags/aws:createdBy": ""},
    )
    assert dict(rows["Tags"][0]) == {"Project": "web", "aws:createdBy": "Root:1"}
    assert rows["Tags"][1] is None


def test_tags_that_differ_in_case_only_stay_apart(engine: Engine, tmp_path: Path) -> None:
    rows = rows_of(engine, tmp_path, {"resourceTags/user:env": "a", "resourceTags/user:Env": "b"})
    assert dict(rows["Tags"][0]) == {"env": "a", "Env": "b"}


@pytest.mark.parametrize(
    ("documented", "athena"),
    [
        ("lineItem/UnblendedCost", "line_item_unblended_cost"),
        ("pricing/publicOnDemandCost", "pricing_public_on_demand_cost"),
        ("reservation/ReservationARN", "reservation_reservation_a_r_n"),
        ("savingsPlan/SavingsPlanEffectiveCost", "savings_plan_savings_plan_effective_cost"),
        ("resourceTags/user:CostCenter", "resource_tags_user_cost_center"),
    ],
)
def test_athena_names_follow_the_documented_rule(documented: str, athena: str) -> None:
    assert athena_name(documented) == athena


def test_a_parquet_report_reads_the_same_as_its_csv(engine: Engine, tmp_path: Path) -> None:
    changes = [
        {"lineItem/LineItemType": kind, "resourceTags/user:Project": "web", **columns}
        for kind, columns, _ in CHARGES
    ]
    expected = rows_of(engine, tmp_path, *changes)
    rows = [
        {
            athena_name(name): float(value) if name == "lineItem/UnblendedCost" else value
            for name, value in cur_row(change).items()
        }
        for change in changes
    ]
    file = write_parquet(
        tmp_path / "report.parquet", rows, {"line_item_unblended_cost": pa.float64()}
    )
    found = engine.run(open_bill(engine, [file]))
    pd.testing.assert_frame_equal(found.drop(columns="Tags"), expected.drop(columns="Tags"))
    assert dict(found["Tags"][0]) == {"user_project": "web"}


@pytest.mark.parametrize(
    ("kind", "columns", "what"),
    [
        (
            "SavingsPlanCoveredUsage",
            {"savingsPlan/SavingsPlanEffectiveCost": "-7.2"},
            "column savingsPlan/SavingsPlanEffectiveCost holds a negative amount: '-7.2'",
        ),
        (
            "DiscountedUsage",
            {"reservation/EffectiveCost": "-0.6"},
            "column reservation/EffectiveCost holds a negative amount: '-0.6'",
        ),
        (
            "RIFee",
            {"reservation/UnusedRecurringFee": "-1"},
            "column reservation/UnusedRecurringFee holds a negative amount: '-1'",
        ),
        (
            "SavingsPlanRecurringFee",
            {"savingsPlan/TotalCommitmentToDate": "8", "savingsPlan/UsedCommitment": "9"},
            "column savingsPlan/UsedCommitment holds more than the commitment: '9'",
        ),
    ],
)
def test_a_commitment_costs_nothing_negative(
    engine: Engine, tmp_path: Path, kind: str, columns: dict[str, str], what: str
) -> None:
    with pytest.raises(TableError) as raised:
        rows_of(engine, tmp_path, {}, {"lineItem/LineItemType": kind, **columns})
    assert raised.value.what == what
    assert raised.value.where.endswith("report.csv")


def test_what_a_line_item_is_not_about_is_not_judged(engine: Engine, tmp_path: Path) -> None:
    columns = {
        "reservation/EffectiveCost": "-1",
        "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "-2",
        "reservation/UnusedRecurringFee": "-3",
        "savingsPlan/SavingsPlanEffectiveCost": "-4",
        "savingsPlan/UsedCommitment": "-5",
    }
    changes = [{"lineItem/LineItemType": kind, **columns} for kind in ("Refund", "Usage")]
    assert rows_of(engine, tmp_path, *changes)["EffectiveCost"].tolist() == [Decimal(2)] * 2


def test_a_commitment_may_be_overused_by_what_rounding_leaves(
    engine: Engine, tmp_path: Path
) -> None:
    columns = {"savingsPlan/TotalCommitmentToDate": "8", "savingsPlan/UsedCommitment": "8.000001"}
    rows = rows_of(engine, tmp_path, {"lineItem/LineItemType": "SavingsPlanRecurringFee"} | columns)
    assert rows["EffectiveCost"].tolist() == [Decimal("-0.000001")]
