from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from opslib.analysis.cost.change import Change, ChangeKind
from opslib.analysis.cost.changes import find_changes
from opslib.analysis.cost.presence import find_gone, follow_presence
from opslib.timewindow import TimeWindow
from tests.analysis.cost.bills import DAY, LAST_SETTLED, Charge, compared, make_bill, steady

FIRST = date(2025, 11, 21)
WEEK_START = date(2026, 2, 20)


def changes_in(charges: list[Charge], floor: int = 20) -> tuple[Change, ...]:
    bill = make_bill(charges)
    periods = compared(bill)
    return find_changes(bill, periods, (), "EffectiveCost", Decimal(floor)).found


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
    periods = compared(bare)
    (change,) = find_changes(bare, periods, (), "EffectiveCost", Decimal(20)).found
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


def fee(day: date, cost: str, resource: str) -> Charge:
    return Charge(
        day=day,
        cost=Decimal(cost),
        category="Purchase",
        meter="HeavyUsage",
        unit="",
        resource=resource,
    )


def test_a_fee_of_a_new_resource_is_named_once() -> None:
    (change,) = changes_in([*steady(FIRST, LAST_SETTLED), fee(WEEK_START, "500", "ri-1")])
    assert (change.kind, change.resource) == (ChangeKind.NEW_RESOURCE, "ri-1")
    assert change.monthly is None, "a fee of one day is no rate"


def test_what_lasts_is_told_by_the_month_and_a_spike_is_not() -> None:
    new = steady(date(2026, 2, 21), LAST_SETTLED, resource="i-new")
    (change,) = changes_in([*steady(FIRST, LAST_SETTLED), *new])
    assert change.monthly == 24 * Decimal("30.4")
    spike = [
        Charge(day=date(2026, 2, 22), cost=Decimal(200), quantity=Decimal(200), resource="i-1")
        if c.day == date(2026, 2, 22)
        else c
        for c in steady(FIRST, LAST_SETTLED)
    ]
    (change,) = changes_in(spike)
    assert change.kind is ChangeKind.QUANTITY
    assert change.monthly is None


def test_what_is_gone_saves_what_it_cost_a_day() -> None:
    gone = steady(FIRST, date(2026, 2, 23), resource="i-gone")
    (change,) = changes_in([*steady(FIRST, LAST_SETTLED), *gone], floor=20)
    assert change.monthly == -24 * Decimal("30.4")


def test_what_is_charged_on_an_unsettled_day_is_not_gone() -> None:
    paused = steady(FIRST, date(2026, 2, 22), resource="i-paused")
    back = steady(date(2026, 2, 28), date(2026, 3, 1), resource="i-paused")
    base = steady(FIRST, date(2026, 3, 1))
    kinds = {change.kind for change in changes_in([*base, *paused, *back])}
    assert ChangeKind.GONE_RESOURCE not in kinds


def test_a_price_that_rose_beside_a_cheap_new_resource_is_said_to_rise() -> None:
    """The average price of the meter falls: a new resource is charged at a tenth of it."""
    quiet = steady(FIRST, date(2026, 2, 19))
    dear = steady(WEEK_START, LAST_SETTLED, cost="36")
    cheap = steady(WEEK_START, LAST_SETTLED, cost="24", quantity=Decimal(240), resource="i-new")
    found = {change.kind: change for change in changes_in([*quiet, *dear, *cheap])}
    price = found[ChangeKind.PRICE]
    assert price.amount == 7 * 12
    assert (price.before, price.after, price.share) == (None, None, None)
    assert found[ChangeKind.NEW_RESOURCE].amount == 7 * 24
    assert ChangeKind.QUANTITY not in found


def test_days_that_are_not_known_are_no_pause() -> None:
    weeks = [WEEK_START, WEEK_START - 7 * DAY, WEEK_START - 70 * DAY]
    windows = [TimeWindow.of_days(first, first + 6 * DAY) for first in weeks]
    resources = make_bill(steady(weeks[-1], WEEK_START + 2 * DAY)).resources
    assert resources is not None
    (thing,) = follow_presence(resources, ["ResourceId"], windows, "EffectiveCost")
    assert thing.longest_pause == timedelta(days=1)
    assert [found.identity for found in find_gone([thing], windows, Decimal(1))] == [("i-1",)]
