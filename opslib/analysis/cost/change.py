"""One change of cost that matters, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from opslib.money import EXACT, divide

__all__ = ["FEWEST_DAYS", "Change", "ChangeKind", "monthly_cost"]

DAYS_A_MONTH = Decimal("30.4")
FEWEST_DAYS = 3


class ChangeKind(StrEnum):
    """What sort of change it is; the last part of a finding's kind."""

    PRICE = "price_change"
    QUANTITY = "quantity_change"
    NEW_RESOURCE = "new_resource"
    GONE_RESOURCE = "gone_resource"
    NEW_METER = "new_meter"
    GONE_METER = "gone_meter"
    CHARGE = "charge_change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change that matters.

    Args:
        kind: what sort.
        service, meter, unit: FOCUS ServiceName, SkuMeter and PricingUnit.
        resource, account: FOCUS ResourceId and SubAccountId; empty where not known.
        amount: its effect on the period's cost, signed.
        before, after: unit price for a price change, quantity for a quantity change, else cost;
            None where resources that came, went or differ in price are mixed into them.
        first_day: first day on which it shows; None where it cannot be told.
        lasts: whether it shows on every day since then, three at least.
        monthly: what it comes to in a month if it stays; None where it shows no lasting level.
    """

    kind: ChangeKind
    service: str
    meter: str
    unit: str
    amount: Decimal
    before: Decimal | None
    after: Decimal | None
    resource: str = ""
    account: str = ""
    first_day: date | None = None
    lasts: bool = True
    monthly: Decimal | None = None

    @property
    def meter_key(self) -> tuple[str, str, str]:
        """Return the meter that it belongs to."""
        return self.service, self.meter, self.unit

    @property
    def share(self) -> Decimal | None:
        """Return the relative change from before to after; None where they do not tell it."""
        if self.before is None or self.after is None or self.before <= 0:
            return None
        return divide(EXACT.subtract(self.after, self.before), self.before)


def monthly_cost(amount: Decimal, days: int) -> Decimal | None:
    """Return what ``amount`` over ``days`` comes to in a month; None for fewer than three days."""
    if days < FEWEST_DAYS:
        return None
    return divide(EXACT.multiply(amount, DAYS_A_MONTH), Decimal(days))
