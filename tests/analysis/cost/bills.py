"""Small bills, made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.cost.completeness import covered_periods, missing_days
from opslib.analysis.cost.periods import plan_periods
from opslib.parameters import CostParameters
from opslib.tables.costs import AMOUNTS, TAG_VALUE, Bill, Breakdown, check_costs
from opslib.timewindow import TimeWindow

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
LAST_SETTLED = date(2026, 2, 26)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One line of a bill, as tests write it."""

    day: date
    cost: Decimal
    quantity: Decimal | None = None
    service: str = "Amazon EC2"
    meter: str = "BoxUsage:m5.large"
    unit: str = "Hrs"
    account: str = "111111111111"
    region: str = "us-east-1"
    category: str = "Usage"
    resource: str = "i-1"
    tags: tuple[tuple[str, str], ...] = (("Environment", "prod"), ("Project", "shop"))


def steady(first: date, last: date, *, cost: str = "24", **facts: Any) -> list[Charge]:
    """Return one charge a day of 24 units at a price that makes ``cost``."""
    span = (last - first).days + 1
    facts = {"quantity": Decimal(24), **facts}
    return [Charge(day=first + DAY * n, cost=Decimal(cost), **facts) for n in range(span)]


def make_bill(charges: Iterable[Charge], *, days: tuple[date, ...] | None = None) -> Bill:
    """Aggregate charges as the readers do."""
    lines = list(charges)
    charged = sorted({line.day for line in lines})
    usage = [line for line in lines if line.category == "Usage"]
    keys = ("Environment", "Project")
    return Bill(
        source="export",
        currency="USD" if lines else "",
        meters=_frame(lines, Breakdown.METER, lambda c: (c.service, c.meter, c.unit)),
        accounts=_frame(lines, Breakdown.ACCOUNT, lambda c: (c.account, c.service)),
        regions=_frame(lines, Breakdown.REGION, lambda c: (c.region, c.category)),
        places=_frame(lines, Breakdown.PLACE, lambda c: (c.service, c.account, c.region)),
        providers=_frame(lines, Breakdown.PROVIDER, lambda c: ("AWS", c.service)),
        tags={
            key: _frame(usage, Breakdown.TAG, lambda c, k=key: (dict(c.tags).get(k, ""), c.service))
            for key in keys
        },
        resources=_frame(
            [line for line in lines if line.resource],
            Breakdown.RESOURCE,
            lambda c: (c.service, c.meter, c.unit, c.account, c.resource),
        ),
        untagged={
            key: _frame(
                [line for line in usage if key not in dict(line.tags)],
                Breakdown.UNTAGGED,
                lambda c: (c.service, c.account, c.resource),
            )
            for key in keys
        },
        account_names={"111111111111": "payer"},
        billing_accounts=("111111111111",),
        days=days or tuple(charged),
        first_day=charged[0] if charged else None,
        last_day=charged[-1] if charged else None,
    )


def _frame(lines: Iterable[Charge], breakdown: Breakdown, names: Any) -> pd.DataFrame:
    sums: dict[tuple[Any, ...], list[Decimal | None]] = {}
    for line in lines:
        key = (line.day, *names(line))
        quantity, cost = sums.setdefault(key, [None, Decimal(0)])
        assert cost is not None
        if line.quantity is not None and "PricingUnit" in breakdown.columns:
            quantity = (quantity or Decimal(0)) + line.quantity
        sums[key] = [quantity, cost + line.cost]
    rows = [(*key, quantity, cost, cost) for key, (quantity, cost) in sums.items()]
    columns = ["ChargePeriodStart", *breakdown.columns, *AMOUNTS]
    assert TAG_VALUE in columns or breakdown is not Breakdown.TAG
    return check_costs(pd.DataFrame(rows, columns=columns), breakdown)


def parameters(**values: Any) -> CostParameters:
    """Return parameters as of the sandbox's epoch."""
    return CostParameters.parse({"as_of": AS_OF.isoformat(), **values})


def compared(bill: Bill) -> tuple[TimeWindow, ...]:
    """Return the weeks of ``bill`` that a report as of the epoch compares."""
    periods = plan_periods(parameters())
    return covered_periods(bill, periods, missing_days(bill, periods, "EffectiveCost"))
