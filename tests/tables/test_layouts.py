"""One bill is one bill, in whatever layout it was exported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opslib.tables.bill import aggregate_bill
from opslib.tables.costs import Bill
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from opslib.tables.line_items import LINE_ITEMS
from tests.tables.made_bill import CHARGES, LAYOUTS, Charge, line_item, write_layout

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
Rows = list[tuple[Any, ...]]
Sums = Mapping[tuple[date, str], Decimal]


def read_layout(folder: Path, layout: str, charges: tuple[Charge, ...] = CHARGES) -> Bill:
    with Engine(memory_limit="500MB", threads=1) as engine:
        relation = open_bill(engine, [write_layout(folder, charges, layout)])
        return aggregate_bill(engine, relation, days=MARCH, tag_keys=("Project",))


def breakdowns(bill: Bill) -> dict[str, Rows]:
    """Return every breakdown's rows, but for those that count nothing.

    AWS's negation of usage under a Savings Plan is a line item that FOCUS does not have.
    """
    frames = {
        "meters": bill.meters,
        "accounts": bill.accounts,
        "regions": bill.regions,
        "places": bill.places,
        "providers": bill.providers,
        "tags": bill.tags["Project"],
        "untagged": bill.untagged["Project"],
        "resources": bill.resources,
    }
    return {
        name: [
            tuple(row)
            for row in frame.itertuples(index=False)
            if row.PricingQuantity or row.BilledCost or row.EffectiveCost
        ]
        for name, frame in frames.items()
        if frame is not None
    }


def sums_of(bill: Bill, column: str) -> Sums:
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for row in bill.accounts.itertuples():
        sums[row.ChargePeriodStart, str(row.ServiceName)] += getattr(row, column)
    return sums


def by_day_and_service(cost: Callable[[Mapping[str, str]], Decimal]) -> Sums:
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for charge in CHARGES:
        row = line_item(charge)
        day = date.fromisoformat(row["lineItem/UsageStartDate"][:10])
        sums[day, row["product/ProductName"]] += cost(row)
    return sums


def amortized_cost(row: Mapping[str, str]) -> Decimal:
    """Return what Cost Explorer shows as amortized, by the rule that AWS publishes.

    Source: AWS Well-Architected Labs, CUR query library, amortized_cost_by_charge_type.
    """

    def amount(name: str) -> Decimal:
        return Decimal(row[name] or 0)

    kind = row["lineItem/LineItemType"]
    if kind == "SavingsPlanCoveredUsage":
        return amount("savingsPlan/SavingsPlanEffectiveCost")
    if kind == "SavingsPlanRecurringFee":
        return amount("savingsPlan/TotalCommitmentToDate") - amount("savingsPlan/UsedCommitment")
    if kind in ("SavingsPlanNegation", "SavingsPlanUpfrontFee"):
        return Decimal(0)
    if kind == "DiscountedUsage":
        return amount("reservation/EffectiveCost")
    if kind == "RIFee":
        return amount("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod") + amount(
            "reservation/UnusedRecurringFee"
        )
    if kind == "Fee" and row["reservation/ReservationARN"]:
        return Decimal(0)
    return amount("lineItem/UnblendedCost")


def test_the_made_bill_has_every_kind_of_charge() -> None:
    assert {charge.kind for charge in CHARGES} == set(LINE_ITEMS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_billed_is_what_cost_explorer_shows_as_unblended(layout: str, tmp_path: Path) -> None:
    unblended = by_day_and_service(lambda row: Decimal(row["lineItem/UnblendedCost"]))
    assert sums_of(read_layout(tmp_path, layout), "BilledCost") == unblended


@pytest.mark.parametrize("layout", LAYOUTS)
def test_effective_is_what_cost_explorer_shows_as_amortized(layout: str, tmp_path: Path) -> None:
    amortized = by_day_and_service(amortized_cost)
    assert sum(amortized.values()) != sum(
        Decimal(charge.unblended) for charge in CHARGES
    )
    assert sums_of(read_layout(tmp_path, layout), "EffectiveCost") == amortized


@pytest.mark.parametrize("layout", LAYOUTS[1:])
def test_a_bill_has_the_same_breakdowns_in_every_layout(layout: str, tmp_path: Path) -> None:
    expected = breakdowns(read_layout(tmp_path, LAYOUTS[0]))
    assert all(expected.values())
    assert breakdowns(read_layout(tmp_path, layout)) == expected
