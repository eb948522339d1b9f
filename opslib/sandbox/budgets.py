"""The budgets of the sandbox's accounts, and the one that will not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from opslib.sandbox.estate import ACCOUNTS, PAYER, PRODUCTION, STAGING
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["Budget", "plan_budgets"]

ROOMY = 1.35
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A budget as AWS Budgets tells it.

    Args:
        account: the account that it belongs to.
        name: its name.
        type: COST or USAGE.
        limit: its limit for the month.
        unit: USD, or the unit of usage.
        filters: what it filters by, as CostFilters name it.
        by_expression: whether AWS tells the filters as a FilterExpression, as for newer budgets.
        amortised: whether it counts amortised cost.
        actual: spent this month so far.
        forecast: AWS's forecast of the month.
    """

    account: str
    name: str
    type: str
    limit: Decimal
    unit: str
    filters: dict[str, list[str]]
    by_expression: bool
    amortised: bool
    actual: Decimal
    forecast: Decimal


@dataclass(frozen=True, slots=True)
class _Draft:
    account: str
    name: str
    filters: dict[str, list[str]]
    amortised: bool
    counts: Callable[[pd.DataFrame], pd.Series]


DRAFTS = (
    _Draft(PAYER, "acme-all", {}, True, lambda bill: bill["day"].notna()),
    _Draft(
        PAYER,
        "acme-production",
        {"LinkedAccount": [PRODUCTION]},
        True,
        lambda bill: bill["account"] == PRODUCTION,
    ),
    _Draft(
        PAYER,
        "environment-prod",
        {"TagKeyValue": ["user:Environment$prod"]},
        True,
        lambda bill: (bill["environment"] == "prod") & bill["record_type"].str.endswith("Usage"),
    ),
    _Draft(STAGING, "staging", {}, False, lambda bill: bill["account"] == STAGING),
)


def plan_budgets(
    whole: pd.DataFrame,
    booked: pd.DataFrame,
    today: date,
    chance: np.random.Generator,
    *,
    overrun: bool,
) -> tuple[tuple[Budget, ...], tuple[PlantedTruth, ...]]:
    """Return the budgets, roomy but for one when ``overrun``, and what was planted.

    Args:
        whole: the bill to the end of the month, nothing restated.
        booked: the bill as it stands.
        today: day of the epoch.
        chance: draws which budget will not hold and by how much.
        overrun: whether one will not hold.
    """
    month = today.replace(day=1)
    tight = int(chance.integers(len(DRAFTS))) if overrun else None
    share = float(chance.uniform(0.7, 0.85))
    budgets = []
    for place, draft in enumerate(DRAFTS):
        expected = _spent(whole, draft, month)
        factor = share if place == tight else ROOMY
        budgets.append(
            Budget(
                account=draft.account,
                name=draft.name,
                type="COST",
                limit=(expected * Decimal(repr(factor))).quantize(CENT),
                unit="USD",
                filters=draft.filters,
                by_expression="TagKeyValue" in draft.filters,
                amortised=draft.amortised,
                actual=_spent(booked, draft, month).quantize(CENT),
                forecast=expected.quantize(CENT),
            )
        )
    budgets.append(_usage_budget())
    if tight is None:
        return tuple(budgets), ()
    return tuple(budgets), (_overrun_truth(DRAFTS[tight]),)


def _spent(bill: pd.DataFrame, draft: _Draft, month: date) -> Decimal:
    if bill.empty:
        return Decimal(0)
    rows = bill[(bill["day"] >= month) & draft.counts(bill)]
    return sum(rows["effective" if draft.amortised else "billed"], Decimal(0))


def _usage_budget() -> Budget:
    return Budget(
        account=PAYER,
        name="nat-gigabytes",
        type="USAGE",
        limit=Decimal(60_000),
        unit="GB",
        filters={"UsageType": ["NatGateway-Bytes"]},
        by_expression=False,
        amortised=False,
        actual=Decimal(3_000),
        forecast=Decimal(46_000),
    )


def _overrun_truth(draft: _Draft) -> PlantedTruth:
    subject = {"Account": ACCOUNTS[draft.account], "BudgetName": draft.name}
    claim = Claim(kind="cost.budget_overrun", subject=subject)
    return PlantedTruth(name="budget_overrun", by_export=claim, by_cost_explorer=(claim,))
