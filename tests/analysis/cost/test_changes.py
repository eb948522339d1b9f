from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from opslib.analysis.cost.changes import Change, ChangeKind, find_changes
from opslib.analysis.cost.periods import plan_periods
from opslib.analysis.cost.totals import covered_periods
from tests.analysis.cost.bills import DAY, LAST_SETTLED, Charge, make_bill, parameters, steady

FIRST = date(2025, 11, 21)
WEEK_START = date(2026, 2, 20)


def changes_in(charges: list[Charge], floor: int = 20) -> tuple[Change, ...]:
    bill = make_bill(charges)
    periods = covered_periods(bill, plan_periods(parameters()))
    return find_changes(bill, periods, "EffectiveCost", Decimal(floor)).found


def noisy(service: str, seed: int, *, mean: float = 40, resource: str = "i-1") -> list[Charge]:
    """Return a meter whose daily use varies by some per cent and over the week."""
    chance = random.Random(seed)
    charges = []
    for number in range((LAST_SETTLED - FIRST).days + 1):
        day = FIRST + DAY * number
        weekday = 0.8 if day.weekday() >= 5 else 1.0
        quantity = Decimal(str(round(mean * weekday * chance.lognormvariate(0, 0.05), 4)))
        charges.append(
            Charge(
                day=day, quantity=quantity, cost=quantity * 2, service=service, resource=resource
            )
        )
    return charges


def test_nothing_is_named_when_nothing_but_noise_moves() -> None:
    charges = [line for n in range(12) for line in noisy(f"Service {n}", n, resource=f"r-{n}")]
    assert changes_in(charges, floor=5) == ()


def test_a_price_change_is_named_with_its_day_and_prices() -> None:
    quiet = steady(FIRST, date(2026, 2, 20))
    dear = steady(date(2026, 2, 21), LAST_SETTLED, cost="36")
    (change,) = changes_in([*quiet, *dear, *noisy("Other", 1)])
    assert change.kind is ChangeKind.PRICE
    assert (change.before, change.first_day) == (Decimal(1), date(2026, 2, 21))
    assert change.amount == 6 * 12


def test_more_use_of_the_same_resource_is_a_quantity_change() -> None:
    quiet = steady(FIRST, date(2026, 2, 19))
    busy = steady(WEEK_START, LAST_SETTLED, cost="48", quantity=Decimal(48))
    (change,) = changes_in([*quiet, *busy])
    assert change.kind is ChangeKind.QUANTITY
    assert change.amount == 7 * 24


def test_a_new_resource_is_named_once_and_not_as_quantity_too() -> None:
    new = steady(date(2026, 2, 21), LAST_SETTLED, resource="i-new")
    (change,) = changes_in([*steady(FIRST, LAST_SETTLED), *new])
    assert (change.kind, change.resource) == (ChangeKind.NEW_RESOURCE, "i-new")
    assert change.first_day == date(2026, 2, 21)


def test_a_resource_that_stops_within_the_week_is_named() -> None:
    gone = steady(FIRST, date(2026, 2, 21), resource="i-gone")
    (change,) = changes_in([*steady(FIRST, LAST_SETTLED), *gone])
    assert (change.kind, change.resource) == (ChangeKind.GONE_RESOURCE, "i-gone")
    assert change.first_day == date(2026, 2, 22)


def test_a_resource_that_pauses_at_weekends_is_not_gone() -> None:
    batch = [c for c in steady(FIRST, LAST_SETTLED, resource="i-batch") if c.day.weekday() < 2]
    assert changes_in([*steady(FIRST, LAST_SETTLED), *batch]) == ()


def test_instances_that_replace_each_other_daily_are_no_finding() -> None:
    churn = [
        Charge(day=FIRST + DAY * n, cost=Decimal(60), quantity=Decimal(60), resource=f"i-{n:04}")
        for n in range((LAST_SETTLED - FIRST).days + 1)
    ]
    assert changes_in(churn) == ()


def test_without_resources_a_new_meter_is_named() -> None:
    bill = make_bill(
        [*steady(FIRST, LAST_SETTLED), *steady(WEEK_START, LAST_SETTLED, meter="BoxUsage:p5")]
    )
    bare = type(bill)(
        **{name: getattr(bill, name) for name in bill.__slots__} | {"resources": None}
    )
    periods = covered_periods(bare, plan_periods(parameters()))
    (change,) = find_changes(bare, periods, "EffectiveCost", Decimal(20)).found
    assert (change.kind, change.meter) == (ChangeKind.NEW_METER, "BoxUsage:p5")


def test_a_change_below_the_floor_is_not_named() -> None:
    new = steady(date(2026, 2, 21), LAST_SETTLED, resource="i-new", cost="0.01")
    assert changes_in([*steady(FIRST, LAST_SETTLED), *new]) == ()


def test_a_monthly_charge_is_usual_and_a_first_one_is_not() -> None:
    def tax(day: date, cost: int) -> Charge:
        return Charge(
            day=day, cost=Decimal(cost), category="Tax", meter="Tax", unit="", resource=""
        )

    base = steady(FIRST, LAST_SETTLED)
    weekly = [tax(WEEK_START - timedelta(days=7 * n), 90) for n in range(0, 13, 2)]
    assert changes_in([*base, *weekly]) == ()
    (change,) = changes_in([*base, tax(WEEK_START, 90)])
    assert change.kind is ChangeKind.CHARGE
