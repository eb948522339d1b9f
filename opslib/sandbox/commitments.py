"""A Savings Plan that is bought for usage that others cover already.

Source: AWS Savings Plans user guide, "Understanding how Savings Plans apply to your usage" and
"Monitoring your Savings Plans": what is committed is paid whether it is used or not; Cost
Explorer's amortised cost of the fee is what was not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from opslib.sandbox.estate import PAYER
from opslib.sandbox.shop import make_uuid

__all__ = ["FEE", "HOURS", "METER", "SERVICE", "Purchase", "plan_purchase", "purchase_rows"]

SERVICE = "Savings Plans for AWS Compute usage"
METER = "ComputeSP:1yrNoUpfront"
FEE = "SavingsPlanRecurringFee"
HOURS = 24
LEAST_USED, MOST_USED = 0.5, 0.7
"""What is left of the utilisation once the plan is bought."""
COMMITTED = Decimal("0.001")
"""Commitments are made to a tenth of a cent an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A commitment that nothing uses.

    Args:
        first: day from which on it is paid.
        hourly: USD an hour.
    """

    first: date
    hourly: Decimal

    @property
    def arn(self) -> str:
        """Return the plan's ARN."""
        return f"arn:aws:savingsplans::{PAYER}:savingsplan/{make_uuid(f'plan {self.first}')}"


def plan_purchase(bill: pd.DataFrame, day: date, chance: np.random.Generator) -> Purchase:
    """Return a commitment that takes the utilisation of a bill's plans down.

    Args:
        bill: whose plans are used whole, columns of `opslib.sandbox.billing.COLUMNS`.
        day: from which on it is paid.
        chance: draws how much is left of the utilisation.
    """
    fees = bill[bill["record_type"] == FEE]
    used = float(sum(fees["billed"])) / fees["day"].nunique()
    left = float(chance.uniform(LEAST_USED, MOST_USED))
    hourly = Decimal(repr(used * (1 / left - 1) / HOURS)).quantize(COMMITTED)
    return Purchase(first=day, hourly=hourly)


def purchase_rows(
    purchase: Purchase, days: Sequence[date], booked: Mapping[date, float]
) -> Iterator[tuple[object, ...]]:
    """Yield the fee of each day, all of it unused; columns of `opslib.sandbox.billing.COLUMNS`.

    Args:
        purchase: what is paid.
        days: of the bill.
        booked: day to the share of it that AWS has booked so far.
    """
    names = (SERVICE, METER, "Hrs", PAYER, "", purchase.arn, "shared", "platform", FEE)
    for day in days:
        if day < purchase.first:
            continue
        hours = Decimal(str(round(HOURS * booked.get(day, 1.0), 4)))
        cost = hours * purchase.hourly
        yield (day, *names, hours, purchase.hourly, cost, cost)
