"""What could be bought for the usage: one offer a plan, scope and term, with its rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from opslib.analysis.savings.commitments.cells import Cells, Meter
from opslib.analysis.savings.commitments.usage import EligibleUsage, Floats

__all__ = [
    "COMPUTE",
    "EC2_INSTANCE",
    "PLAN_STEP",
    "Offer",
    "covered_meters",
    "list_offers",
    "unpriced_meters",
]

COMPUTE, EC2_INSTANCE = "compute-savings-plan", "ec2-instance-savings-plan"
SAVINGS_PLANS = (COMPUTE, EC2_INSTANCE)
PLAN_STEP = Decimal("0.001")
"""Savings Plans are bought in tenths of a cent an hour. Source: AWS Savings Plans API Reference,
CreateSavingsPlan, commitment: from 0.001 on, with three decimals."""
NO_RATE = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing to buy.

    Args:
        plan: such as ``compute-savings-plan``.
        scope: what it applies to, such as ``m6i us-east-1``; empty for everything.
        years: its term.
        payment: such as ``no_upfront``.
        upfront: share of its cost that is paid upfront.
        step: what one unit costs an hour: a reserved unit, or the step of a Savings Plan.
        rates: meter to its price of a pricing unit.
    """

    plan: str
    scope: str
    years: int
    payment: str
    upfront: Decimal
    step: Decimal
    rates: Mapping[Meter, Decimal]

    @property
    def id(self) -> str:
        """Return its identity over the history of runs."""
        return " ".join([self.plan, *self.scope.split(), f"{self.years}y"])

    @property
    def is_reservation(self) -> bool:
        """Say whether units are bought, and not an amount an hour."""
        return self.plan not in SAVINGS_PLANS

    def usage(self, cells: Cells) -> EligibleUsage:
        """Return the usage that it applies to and makes cheaper."""
        return EligibleUsage.ordered(
            cells.hours, cells.hour, cells.quantity * self._by_cell(cells), cells.cost
        )

    def left(self, cells: Cells, level: float) -> Cells:
        """Return the usage that a commitment of ``level`` an hour leaves on demand."""
        usage = self.usage(cells)
        share = np.ones(len(cells.cost))
        share[usage.cell] -= usage.covered(level)
        return Cells(
            meters=cells.meters,
            hours=cells.hours,
            hour=cells.hour,
            meter=cells.meter,
            quantity=cells.quantity * share,
            cost=cells.cost * share,
            covered=cells.covered,
        )

    def _by_cell(self, cells: Cells) -> Floats:
        rates = np.array([float(self.rates.get(meter, NO_RATE)) for meter in cells.meters])
        return rates[cells.meter] if len(rates) else np.empty(0)


def list_offers(meters: Sequence[Meter], rates: pd.DataFrame) -> tuple[Offer, ...]:
    """Return every offer that has a rate for some meter, by plan, scope and term.

    A rate belongs to a usage type and an operation. Where the export does not tell operations, the
    rate counts only if all operations of the usage type have the same.

    Args:
        meters: what is used.
        rates: columns of `opslib.tables.savings_hours.COMMITMENT_RATES`.
    """
    groups = rates.groupby(["Plan", "Scope", "Years", "Payment"], sort=True)
    return tuple(_offers(meters, groups))


def _offers(meters: Sequence[Meter], groups: Any) -> Iterator[Offer]:
    for (plan, scope, years, payment), rows in groups:
        found = {meter: rate for meter in meters if (rate := _rate(meter, scope, rows)) is not None}
        if found:
            yield Offer(
                plan=plan,
                scope=scope,
                years=int(years),
                payment=payment,
                upfront=rows["Upfront"].iloc[0],
                step=PLAN_STEP if plan in SAVINGS_PLANS else next(iter(found.values())),
                rates=found,
            )


def _rate(meter: Meter, scope: str, rows: pd.DataFrame) -> Decimal | None:
    """Return the one rate of a meter; None where there is none, or several fit."""
    if scope and meter.region not in scope.split():
        return None
    told = rows[rows["SkuMeter"] == meter.name]
    if meter.operation:
        told = told[told["Operation"].isin([meter.operation, ""])]
    prices = set(told["Rate"])
    return next(iter(prices)) if len(prices) == 1 else None


def unpriced_meters(cells: Cells, offers: Sequence[Offer]) -> tuple[Meter, ...]:
    """Return the meters used on demand that no offer has a rate for."""
    priced = {meter for offer in offers for meter in offer.rates}
    left = cells.paid
    return tuple(
        meter
        for meter, cost in zip(cells.meters, left, strict=True)
        if meter not in priced and cost > 0
    )


def covered_meters(cells: Cells) -> tuple[Meter, ...]:
    """Return the meters that commitments which are held pay for whole."""
    return tuple(
        meter
        for meter, cost in zip(cells.meters, cells.paid, strict=True)
        if cost <= 0 < cells.covered.get(meter, 0)
    )
