"""What advice saved: by the bill, once, and never more than the bill fell by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.savings.credit import Credit, PastLine, credit_lines, make_daily_bill
from opslib.money import total
from tests.analysis.savings.estates import ACCOUNT, DAYS, Charged, spend_of

REPORTED = DAYS[9]
"""Twenty settled days are after it."""
OTHER: Charged = ("other", "m", "1", "1", DAYS)
"""Somebody is charged on every day, so that the bill tells all of them."""


def past(meter: str, cost: str, *, acted: bool = True) -> PastLine:
    return PastLine(account=ACCOUNT, resource="v", meter=meter, cost=Decimal(cost), acted=acted)


def credited(
    lines: Iterable[PastLine], *charged: Charged, reported: date = REPORTED
) -> Credit | None:
    held = list(lines)
    bill = make_daily_bill(spend_of([OTHER, *charged]), held)
    assert bill is not None
    return credit_lines(held, bill, reported)


def test_what_is_gone_saves_what_it_cost() -> None:
    credit = credited([past("gp3", "60")], ("v", "gp3", "1", "2", DAYS[:15]))
    assert credit is not None
    assert (credit.monthly, credit.since, credit.ended) == (Decimal(60), DAYS[15], True)
    assert credit.so_far == 15 * Decimal(2)  # of 20 days since, 5 were charged


def test_what_was_gone_before_the_first_day_read_saves_what_it_cost() -> None:
    credit = credited([past("gp3", "60")], reported=date(2026, 1, 1))
    assert credit is not None
    assert (credit.monthly, credit.so_far) == (Decimal(60), Decimal(60))


def test_what_costs_what_it_did_saves_nothing() -> None:
    credit = credited([past("gp3", "60")], ("v", "gp3", "1", "2", DAYS))
    assert credit is not None
    assert (credit.monthly, credit.so_far, credit.ended) == (Decimal(0), Decimal(0), False)


def test_what_costs_more_saves_nothing() -> None:
    credit = credited([past("gp3", "60")], ("v", "gp3", "1", "3", DAYS))
    assert credit is not None
    assert (credit.monthly, credit.so_far) == (Decimal(0), Decimal(0))


def test_what_takes_its_place_is_taken_off() -> None:
    old: Charged = ("v", "gp2", "1", "2", DAYS[:20])
    new: Charged = ("v", "gp3", "1", "1.5", DAYS[20:])
    credit = credited([past("gp2", "60")], old, new)
    assert credit is not None
    assert (credit.monthly, credit.so_far) == (Decimal(15), Decimal(5))


def test_what_it_was_charged_beside_is_not_taken_off() -> None:
    beside: Charged = ("v", "iops", "1", "1", DAYS)
    lines = [past("gp3", "60"), past("iops", "30", acted=False)]
    credit = credited(lines, ("v", "gp3", "1", "2", DAYS[:12]), beside)
    assert credit is not None
    assert credit.monthly == 60


def test_the_last_week_tells_what_is_charged_still() -> None:
    lower: Charged = ("v", "gp3", "1", "1", DAYS[20:])
    credit = credited([past("gp3", "60")], ("v", "gp3", "1", "2", DAYS[:20]), lower)
    assert credit is not None
    assert (credit.monthly, credit.so_far, credit.since) == (Decimal(30), Decimal(10), DAYS[23])


def test_too_few_settled_days_tell_nothing() -> None:
    assert credited([past("gp3", "60")], reported=DAYS[23]) is None
    assert credited([past("gp3", "60")], reported=DAYS[22]) is not None
    assert credited([past("gp3", "60")], ("v", "gp3", "1", "2", DAYS[:24])) is None


def test_an_account_that_the_bill_does_not_tell_gives_no_credit() -> None:
    line = PastLine(account="999999999999", resource="v", meter="gp3", cost=Decimal(60))
    assert credited([line]) is None


@given(
    st.lists(st.integers(0, 500), min_size=20, max_size=20),
    st.lists(st.integers(0, 500), min_size=20, max_size=20),
    st.integers(1, 15_000),
)
def test_it_is_never_more_than_the_bill_fell_by(old: list[int], new: list[int], cents: int) -> None:
    charged: list[Charged] = [
        ("v", meter, str(units), "0.01", [day])
        for meter, costs in (("a", old), ("b", new))
        for day, units in zip(DAYS[10:], costs, strict=True)
        if units
    ]
    before = Decimal(cents) / 100
    credit = credited([past("a", str(before))], *charged)
    if credit is None:
        return
    spent = total(Decimal(units) / 100 for units in (*old, *new))
    assert 0 <= credit.monthly <= before
    assert credit.so_far <= max(before * 20 / 30 - spent, Decimal(0))
    after = DAYS[10:].index(credit.since)
    now = total(Decimal(a + b) / 100 for a, b in zip(old[after:], new[after:], strict=True))
    assert credit.monthly <= max(before - now * 30 / (20 - after), Decimal(0)) + Decimal("1e-9")
