"""Private discounts, as line items of their own and as columns that tell costs after them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from tests.tables.exports import cur_row, write_csv
from tests.tables.test_cur2 import cur2_row, parquet_of

NET = "lineItem/NetUnblendedCost"
# A commitment of 100 a month, of which 10% are given back; line item type, the columns that matter
# to it, and by hand: BilledCost and EffectiveCost.
CHARGES = [
    ("Usage", {"lineItem/UnblendedCost": "2", NET: "1.8"}, ("1.8", "1.8")),
    ("Usage", {"lineItem/UnblendedCost": "2", NET: "0"}, ("0", "0")),
    ("EdpDiscount", {"lineItem/UnblendedCost": "-0.2", NET: "0"}, ("0", "0")),
    (
        "SavingsPlanCoveredUsage",
        {
            "lineItem/UnblendedCost": "10",
            NET: "9",
            "savingsPlan/SavingsPlanEffectiveCost": "7",
            "savingsPlan/NetSavingsPlanEffectiveCost": "6.3",
        },
        ("0", "6.3"),
    ),
    ("SavingsPlanNegation", {"lineItem/UnblendedCost": "-10", NET: "-9"}, ("0", "0")),
    (
        "SavingsPlanRecurringFee",
        {
            "lineItem/UnblendedCost": "8",
            NET: "7.2",
            "savingsPlan/TotalCommitmentToDate": "8",
            "savingsPlan/UsedCommitment": "7",
            "savingsPlan/RecurringCommitmentForBillingPeriod": "100",
            "savingsPlan/NetRecurringCommitmentForBillingPeriod": "90",
        },
        ("7.2", "0.9"),
    ),
    (
        "SavingsPlanUpfrontFee",
        {"lineItem/UnblendedCost": "500", NET: "450"},
        ("450", "0"),
    ),
    (
        "DiscountedUsage",
        {
            "lineItem/UnblendedCost": "0",
            NET: "0",
            "reservation/EffectiveCost": "0.6",
            "reservation/NetEffectiveCost": "0.54",
        },
        ("0", "0.54"),
    ),
    (
        "RIFee",
        {
            "lineItem/UnblendedCost": "30",
            NET: "27",
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "1.5",
            "reservation/NetUnusedAmortizedUpfrontFeeForBillingPeriod": "1.35",
            "reservation/UnusedRecurringFee": "2.5",
            "reservation/NetUnusedRecurringFee": "2.25",
        },
        ("27", "3.6"),
    ),
    (
        "Fee",
        {"lineItem/UnblendedCost": "900", NET: "810", "reservation/ReservationARN": "arn:aws:x"},
        ("810", "0"),
    ),
]
COLUMNS = sorted({name for _, columns, _ in CHARGES for name in columns})


def costs_of(rows: pd.DataFrame) -> list[tuple[Decimal, Decimal]]:
    return list(zip(rows["BilledCost"], rows["EffectiveCost"], strict=True))


@pytest.mark.parametrize("generation", [1, 2])
def test_a_row_that_tells_its_cost_after_discounts_counts_that(
    engine: Engine, tmp_path: Path, generation: int
) -> None:
    changes = [
        dict.fromkeys(COLUMNS, "") | {"lineItem/LineItemType": kind, **columns}
        for kind, columns, _ in CHARGES
    ]
    if generation == 1:
        file = write_csv(tmp_path / "report.csv", [cur_row(change) for change in changes])
    else:
        file = parquet_of(tmp_path / "report.parquet", *(cur2_row(one) for one in changes))
    found = costs_of(engine.run(open_bill(engine, [file])))
    assert sorted(found) == sorted(
        (Decimal(billed), Decimal(effective)) for _, _, (billed, effective) in CHARGES
    )


@pytest.mark.parametrize("kind", ["Usage", "EdpDiscount", "Tax"])
def test_a_row_that_does_not_counts_what_stands(engine: Engine, tmp_path: Path, kind: str) -> None:
    row = cur_row({"lineItem/LineItemType": kind, "lineItem/UnblendedCost": "3", NET: ""})
    rows = engine.run(open_bill(engine, [write_csv(tmp_path / "report.csv", [row])]))
    assert costs_of(rows) == [(Decimal(3), Decimal(3))]


def test_discounts_told_twice_count_once(engine: Engine, tmp_path: Path) -> None:
    """By lines, by columns, or by both: what is billed is the same."""
    usage, discount = {"lineItem/UnblendedCost": "2"}, {"lineItem/LineItemType": "EdpDiscount"}
    gross = [cur_row(usage), cur_row({**discount, "lineItem/UnblendedCost": "-0.2"})]
    columns = [cur_row({**usage, NET: "1.8"})]
    both = [*columns, cur_row({**discount, "lineItem/UnblendedCost": "-0.2", NET: "0"})]
    for number, rows in enumerate((gross, columns, both)):
        told = engine.run(open_bill(engine, [write_csv(tmp_path / f"{number}.csv", rows)]))
        assert sum(told["BilledCost"]) == sum(told["EffectiveCost"]) == Decimal("1.8")


def test_an_unused_plan_is_discounted_as_its_fees_are(engine: Engine, tmp_path: Path) -> None:
    """Half upfront: 40 and 60 a month before discounts, 38 and 54 after them."""
    fees = {
        "savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod": "40",
        "savingsPlan/RecurringCommitmentForBillingPeriod": "60",
        "savingsPlan/NetAmortizedUpfrontCommitmentForBillingPeriod": "38",
        "savingsPlan/NetRecurringCommitmentForBillingPeriod": "54",
    }
    fee = {
        "lineItem/LineItemType": "SavingsPlanRecurringFee",
        "savingsPlan/TotalCommitmentToDate": "5",
        "savingsPlan/UsedCommitment": "3",
    }
    rows = [cur_row({**fee, **fees}), cur_row({**fee, **dict.fromkeys(fees, "")})]
    told = engine.run(open_bill(engine, [write_csv(tmp_path / "report.csv", rows)]))
    assert sorted(told["EffectiveCost"]) == [Decimal("1.84"), Decimal(2)]
