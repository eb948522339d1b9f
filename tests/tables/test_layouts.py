"""One bill is one bill, in whatever layout it was exported."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.tables.aggregation import tag_value
from opslib.tables.bill import aggregate_bill
from opslib.tables.costs import AMOUNTS, Bill
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from opslib.tables.line_items import LINE_ITEMS
from tests.tables.layouts import LAYOUTS, line_item, write_layout
from tests.tables.made_bill import CHARGES, Charge

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
Rows = list[tuple[Any, ...]]
Sums = Mapping[tuple[date, str], Decimal]


Read = Callable[[str], Bill]


@pytest.fixture(scope="module")
def read_layout(tmp_path_factory: pytest.TempPathFactory) -> Read:
    @cache
    def read(layout: str) -> Bill:
        file = write_layout(tmp_path_factory.mktemp("bill"), CHARGES, layout)
        with Engine(memory_limit="500MB", threads=1) as engine:
            relation = open_bill(engine, [file])
            return aggregate_bill(engine, relation, days=MARCH, tag_keys=("Project",))

    return read


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
    costs = bill.accounts
    for day, service, cost in zip(
        costs["ChargePeriodStart"], costs["ServiceName"], costs[column], strict=True
    ):
        sums[day, service] += cost
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

    match row["lineItem/LineItemType"]:
        case "SavingsPlanCoveredUsage":
            cost = amount("savingsPlan/SavingsPlanEffectiveCost")
        case "SavingsPlanRecurringFee":
            committed = amount("savingsPlan/TotalCommitmentToDate")
            cost = committed - amount("savingsPlan/UsedCommitment")
        case "SavingsPlanNegation" | "SavingsPlanUpfrontFee":
            cost = Decimal(0)
        case "DiscountedUsage":
            cost = amount("reservation/EffectiveCost")
        case "RIFee":
            upfront = amount("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod")
            cost = upfront + amount("reservation/UnusedRecurringFee")
        case "Fee" if row["reservation/ReservationARN"]:
            cost = Decimal(0)
        case _:
            cost = amount("lineItem/UnblendedCost")
    return cost


def test_the_made_bill_has_every_kind_of_charge() -> None:
    assert {charge.kind for charge in CHARGES} == set(LINE_ITEMS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_billed_is_what_cost_explorer_shows_as_unblended(layout: str, read_layout: Read) -> None:
    unblended = by_day_and_service(lambda row: Decimal(row["lineItem/UnblendedCost"]))
    assert sums_of(read_layout(layout), "BilledCost") == unblended


@pytest.mark.parametrize("layout", LAYOUTS)
def test_effective_is_what_cost_explorer_shows_as_amortized(layout: str, read_layout: Read) -> None:
    amortized = by_day_and_service(amortized_cost)
    assert sum(amortized.values()) != sum(Decimal(charge.unblended) for charge in CHARGES)
    assert sums_of(read_layout(layout), "EffectiveCost") == amortized


@pytest.mark.parametrize("layout", LAYOUTS[1:])
def test_a_bill_has_the_same_breakdowns_in_every_layout(layout: str, read_layout: Read) -> None:
    expected = breakdowns(read_layout(LAYOUTS[0]))
    assert all(expected.values())
    assert breakdowns(read_layout(layout)) == expected


COMPARED = ("CUR 1 of Athena", "CUR 2.0", "FOCUS 1.2")
GROUP = ("ChargePeriodStart", "ChargeCategory", "ServiceName", "SubAccountId", "RegionId")
NAMES = (*GROUP, "SkuMeter", "PricingUnit", "ResourceId")


def groups_of(engine: Engine, folder: Path, charges: Sequence[Charge], layout: str) -> set[Any]:
    """Return what the bill holds, by everything that both layouts name alike."""
    bill = open_bill(engine, [write_layout(folder, charges, layout)])
    groups = bill.group_by(*NAMES, project=tag_value(bill, "Project")).aggregate(
        **{name: bill[name].sum() for name in AMOUNTS}
    )
    rows = engine.run(groups.mutate(**{name: groups[name].fill_null("") for name in NAMES[1:]}))
    amounts = rows[list(AMOUNTS)].itertuples(index=False)
    counted = [any(amount) for amount in amounts]
    return {tuple(row) for row in rows[counted].fillna("").itertuples(index=False)}


@st.composite
def charges(draw: st.DrawFn) -> list[Charge]:
    """Draw charges of any kind, day, account and tag; a commitment as large as it is."""
    drawn = [CHARGES[0], *draw(st.lists(st.sampled_from(CHARGES), max_size=12))]
    return [
        replace(
            charge,
            day=draw(st.integers(1, 28)),
            account=draw(st.sampled_from(("222222222222", "333333333333"))),
            project=draw(st.sampled_from(("", "web", 'Größe "1"'))),
        )
        for charge in drawn
    ]


@settings(max_examples=10, deadline=None)
@given(charges=charges())
def test_any_bill_is_the_same_in_both_generations_and_in_focus(charges: list[Charge]) -> None:
    with Engine(memory_limit="500MB", threads=1) as engine, tempfile.TemporaryDirectory() as folder:
        found = [groups_of(engine, Path(folder), charges, layout) for layout in COMPARED]
    assert found[0] == found[1] == found[2]
