from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.cost.variance import Effect, Variance, explain_change, measure_use
from opslib.money import total
from opslib.timewindow import TimeWindow
from tests.analysis.cost.bills import Charge, make_bill, steady

BEFORE = TimeWindow.of_days(date(2026, 2, 13), date(2026, 2, 19))
AFTER = TimeWindow.of_days(date(2026, 2, 20), date(2026, 2, 26))
EARLIER_DAY, LATER_DAY = date(2026, 2, 14), date(2026, 2, 21)


def variance_of(*charges: Charge) -> Variance:
    bill = make_bill(charges)
    before, after = measure_use(bill.meters, [BEFORE, AFTER], "EffectiveCost")
    return explain_change(before, after)


def charge(day: date, meter: str, quantity: str, cost: str) -> Charge:
    return Charge(day=day, meter=meter, quantity=Decimal(quantity), cost=Decimal(cost))


def test_a_dearer_unit_is_a_price_effect() -> None:
    variance = variance_of(
        charge(EARLIER_DAY, "a", "100", "10"), charge(LATER_DAY, "a", "100", "12")
    )
    assert variance.effect(Effect.PRICE) == 2
    assert variance.effect(Effect.QUANTITY) == 0


def test_more_use_at_the_same_price_is_a_quantity_effect() -> None:
    variance = variance_of(
        charge(EARLIER_DAY, "a", "100", "10"), charge(LATER_DAY, "a", "150", "15")
    )
    assert variance.effect(Effect.QUANTITY) == 5
    assert variance.effect(Effect.PRICE) == 0


def test_a_shift_to_a_dearer_meter_is_mix_and_not_quantity() -> None:
    variance = variance_of(
        charge(EARLIER_DAY, "small", "50", "5"),
        charge(EARLIER_DAY, "large", "50", "50"),
        charge(LATER_DAY, "small", "40", "4"),
        charge(LATER_DAY, "large", "60", "60"),
    )
    assert variance.effect(Effect.QUANTITY) == 0
    assert variance.effect(Effect.MIX) == 9
    assert variance.effect(Effect.PRICE) == 0


def test_meters_in_one_period_only_are_new_and_gone() -> None:
    variance = variance_of(
        charge(EARLIER_DAY, "old", "10", "7"), charge(LATER_DAY, "young", "10", "4")
    )
    assert variance.effect(Effect.NEW) == 4
    assert variance.effect(Effect.GONE) == -7


def test_charges_without_a_quantity_are_other() -> None:
    tax = Charge(day=LATER_DAY, cost=Decimal(3), category="Tax", meter="Tax", unit="")
    assert variance_of(tax).effect(Effect.OTHER) == 3


def test_the_end_of_a_free_tier_is_a_price_effect() -> None:
    variance = variance_of(charge(EARLIER_DAY, "a", "10", "0"), charge(LATER_DAY, "a", "10", "5"))
    assert variance.effect(Effect.PRICE) == 5


amounts = st.decimals(-10_000, 10_000, places=10, allow_nan=False)
quantities = st.one_of(st.none(), st.decimals(0, 1_000_000, places=6, allow_nan=False))
charges = st.builds(
    Charge,
    day=st.sampled_from([EARLIER_DAY, LATER_DAY]),
    cost=amounts,
    quantity=quantities,
    service=st.sampled_from(["Amazon EC2", "Amazon S3"]),
    meter=st.sampled_from(["a", "b", "c", "d"]),
    unit=st.sampled_from(["Hrs", "GB", ""]),
)


@given(st.lists(charges, max_size=30))
def test_the_parts_sum_to_the_change_to_the_last_digit(lines: list[Charge]) -> None:
    variance = variance_of(*lines)
    before = total(line.cost for line in lines if line.day == EARLIER_DAY)
    after = total(line.cost for line in lines if line.day == LATER_DAY)
    assert total(variance.effect(effect) for effect in Effect) == after - before
    assert variance.change == after - before
    for meter in variance.meters:
        assert total(meter.effects.values()) == meter.change


def test_a_longer_month_is_calendar_and_not_use() -> None:
    february = TimeWindow.of_days(date(2026, 2, 1), date(2026, 2, 28))
    march = TimeWindow.of_days(date(2026, 3, 1), date(2026, 3, 31))
    hours = steady(date(2026, 2, 1), date(2026, 3, 31))
    stored = [charge(day, "storage", "100", "10") for day in (date(2026, 2, 28), date(2026, 3, 31))]
    stored = [replace(line, unit="GB-Mo") for line in stored]
    bill = make_bill([*hours, *stored])
    before, after = measure_use(bill.meters, [february, march], "EffectiveCost")
    variance = explain_change(before, after)
    assert variance.effect(Effect.CALENDAR) == 3 * 24
    assert variance.effect(Effect.QUANTITY) == 0
    assert variance.change == 3 * 24
    assert Effect.CALENDAR in variance.parts


def test_weeks_have_no_calendar_part() -> None:
    variance = variance_of(charge(EARLIER_DAY, "a", "100", "10"))
    assert Effect.CALENDAR not in variance.parts
