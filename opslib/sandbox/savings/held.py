"""The Savings Plans of the payer, as the bill charges their fees.

Each fee of the bill is a plan's: one that is charged on every day was bought before the bill
begins. Some plans end soon: where waste is planted, and then nothing follows them; and one that is
renewed, since a plan of the same commitment is queued for its end. One ended long ago.

Source: Savings Plans API Reference, DescribeSavingsPlans; Savings Plans User Guide, "Queuing a
Savings Plan purchase".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_UP, Decimal

import numpy as np
import pandas as pd

from opslib.sandbox.commitments import COMMITTED, FEE, HOURS
from opslib.sandbox.estate import PAYER
from opslib.sandbox.savings.lab import PART
from opslib.sandbox.shop import make_uuid
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["COVERED", "HeldPlan", "plan_held", "plan_use"]

COVERED = "SavingsPlanCoveredUsage"
TERM = timedelta(days=365)
SETTLED_AFTER = timedelta(hours=72)
MONTH_DAYS = 30
RENEWED_IN, ENDING_IN, LASTING = (10, 45), (50, 86), (110, 200)
"""Days from the epoch to the end of plans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPlan:
    """A Compute Savings Plan without upfront payment.

    Args:
        billed_as: ResourceId of its fees; empty of one that the bill does not charge.
        arn: AWS's name of it.
        hourly: USD committed an hour.
        start, end: of its term.
        state: ``active``, ``queued`` or ``retired``.
    """

    billed_as: str
    arn: str
    hourly: Decimal
    start: datetime
    end: datetime
    state: str = "active"


def plan_held(
    name: str, bill: pd.DataFrame, epoch: datetime, entropy: Sequence[int]
) -> tuple[tuple[HeldPlan, ...], tuple[PlantedTruth, ...]]:
    """Return the plans whose fees a bill has, and what must be told of them.

    Args:
        name: of the scenario.
        bill: columns of `opslib.sandbox.billing.COLUMNS`.
        epoch: the moment that the account lives in.
        entropy: of the stream of chance.
    """
    if bill.empty:
        return (), ()
    chance = np.random.default_rng(list(entropy))
    fees = bill[bill["record_type"] == FEE]
    plans = [_plan(str(key), rows, bill, epoch, chance) for key, rows in fees.groupby("resource")]
    lasting = [n for n, one in enumerate(plans) if one.end > epoch + timedelta(days=LASTING[0] - 1)]
    old = [n for n in lasting if plans[n].start.date() < min(bill["day"])]
    chosen = [int(n) for n in chance.permutation(old)]
    renewed = plans[chosen[0]] = _ending(plans[chosen[0]], epoch, RENEWED_IN, chance)
    ending = chosen[1 : 1 + int(chance.integers(1, 3))] if name == "troubled" else []
    for number in ending:
        plans[number] = _ending(plans[number], epoch, ENDING_IN, chance)
    unused = [one for one in plans if one.billed_as == one.arn]
    truths = (
        *(_expiry(plans[number], bill, epoch) for number in ending),
        *(_unused(one) for one in unused),
    )
    return (*plans, _successor(renewed), _retired(renewed, epoch)), truths


def _plan(
    name: str, fees: pd.DataFrame, bill: pd.DataFrame, epoch: datetime, chance: np.random.Generator
) -> HeldPlan:
    first, last = min(fees["day"]), max(fees["day"])
    is_purchase = name.startswith("arn:")
    daily = sum(fees["billed"], Decimal(0)) / fees["day"].nunique()
    hourly = (daily / HOURS).quantize(COMMITTED, rounding=ROUND_UP)
    end = epoch + timedelta(days=int(chance.integers(*LASTING)))
    start = end - TERM
    if first > min(bill["day"]):
        start = datetime.combine(first, datetime.min.time(), UTC)
        end = start + TERM
    is_over = last < max(bill["day"])
    return HeldPlan(
        billed_as=name,
        arn=name if is_purchase else f"arn:aws:savingsplans::{PAYER}:savingsplan/{make_uuid(name)}",
        hourly=max(fees["price"]) if is_purchase else hourly,
        start=start,
        end=datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=1)
        if is_over
        else end,
        state="retired" if is_over else "active",
    )


def _ending(
    plan: HeldPlan, epoch: datetime, within: tuple[int, int], chance: np.random.Generator
) -> HeldPlan:
    end = epoch + timedelta(days=int(chance.integers(*within)), hours=int(chance.integers(24)))
    return replace(plan, end=end, start=end - TERM)


def _successor(plan: HeldPlan) -> HeldPlan:
    arn = f"arn:aws:savingsplans::{PAYER}:savingsplan/{make_uuid(f'after {plan.arn}')}"
    start = plan.end + timedelta(seconds=1)
    return replace(plan, billed_as="", arn=arn, start=start, end=start + TERM, state="queued")


def _retired(plan: HeldPlan, epoch: datetime) -> HeldPlan:
    arn = f"arn:aws:savingsplans::{PAYER}:savingsplan/{make_uuid(f'before {plan.arn}')}"
    end = epoch - timedelta(days=LASTING[1])
    return replace(plan, billed_as="", arn=arn, start=end - TERM, end=end, state="retired")


def plan_use(plan: HeldPlan, rows: pd.DataFrame) -> tuple[Decimal, Decimal, Decimal]:
    """Return what a plan's fees come to, what of that nothing used, and its usage on demand.

    Args:
        plan: whose.
        rows: of a bill, columns of `opslib.sandbox.billing.COLUMNS`.
    """
    nothing = Decimal(0)
    fees = rows[(rows["record_type"] == FEE) & (rows["resource"] == plan.billed_as)]
    used_by = plan.billed_as.removeprefix("savingsplan/")
    covered = rows[(rows["record_type"] == COVERED) & (rows["resource"] == used_by)]
    return (
        sum(fees["billed"], nothing),
        sum(fees["effective"], nothing),
        sum(covered["quantity"] * covered["price"], nothing),
    )


def _expiry(plan: HeldPlan, bill: pd.DataFrame, epoch: datetime) -> PlantedTruth:
    """Return that a plan ends, and what its usage costs more on demand."""
    days = set(_settled(epoch))
    fee, _, on_demand = plan_use(plan, bill[bill["day"].isin(days)])
    return PlantedTruth(
        name="expiring_commitment",
        part=PART,
        claim=Claim(kind="savings.expiring_commitment", subject=_subject(plan)),
        amount=on_demand - fee,
    )


def _settled(epoch: datetime) -> Iterator[date]:
    last = (epoch - SETTLED_AFTER).date() - timedelta(days=1)
    return (last - timedelta(days=back) for back in range(MONTH_DAYS))


def _unused(plan: HeldPlan) -> PlantedTruth:
    return PlantedTruth(
        name="underused_commitment",
        part=PART,
        claim=Claim(kind="savings.underused_commitment", subject=_subject(plan)),
        amount=plan.hourly * HOURS * MONTH_DAYS,
    )


def _subject(plan: HeldPlan) -> dict[str, str]:
    return {"ResourceId": plan.arn, "SubAccountId": PAYER, "RegionId": ""}
