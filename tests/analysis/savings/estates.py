"""Small estates and bills for the tests of savings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.savings.charges import make_charges
from opslib.analysis.savings.estate import Estate, Thing
from opslib.analysis.savings.options import Judging
from opslib.parameters.savings import SavingsParameters
from opslib.tables.costs import Breakdown, costs_schema
from opslib.tables.savings import Spend

__all__ = ["ACCOUNT", "AS_OF", "DAYS", "REGION", "judging_of", "parameters", "spend_of", "thing"]

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
ACCOUNT, REGION = "555555555555", "us-east-1"
DAYS = tuple(date(2026, 1, 28) + timedelta(days=n) for n in range(30))

Charged = tuple[str, str, str, str, Iterable[date]]
"""ResourceId, usage type, units a day and USD per unit as text, days."""


def parameters(**values: Any) -> SavingsParameters:
    return SavingsParameters.parse({"as_of": AS_OF.isoformat(), **values})


def thing(kind: str, identity: str, *, days_old: int | None = 400, **settings: Any) -> Thing:
    created = None if days_old is None else AS_OF - timedelta(days=days_old)
    return Thing(
        kind=kind,
        id=identity,
        name=identity,
        account_id=ACCOUNT,
        account="lab",
        region=REGION,
        created=created,
        settings=settings,
    )


def spend_of(charged: Iterable[Charged], *, knows_resources: bool = True) -> Spend:
    rows = [
        (day, "Service", meter, "Unit", ACCOUNT, resource, Decimal(units), cost, cost)
        for resource, meter, units, price, days in charged
        for day in days
        for cost in (Decimal(units) * Decimal(price),)
    ]
    names = list(costs_schema(Breakdown.RESOURCE).columns)
    costs = pd.DataFrame(
        rows,
        columns=[
            "ChargePeriodStart",
            "ServiceName",
            "SkuMeter",
            "PricingUnit",
            "SubAccountId",
            "ResourceId",
            "PricingQuantity",
            "BilledCost",
            "EffectiveCost",
        ],
    )[names]
    return Spend(
        meters=costs.drop(columns=["SubAccountId", "ResourceId"]),
        resources=costs if knows_resources else None,
        currency="USD",
        days=DAYS,
    )


def judging_of(
    things: Iterable[Thing],
    charged: Iterable[Charged],
    use: Mapping[tuple[str, str], Mapping[date, float]] | None = None,
    *,
    knows_resources: bool = True,
    **values: Any,
) -> Judging:
    """Return what checks look at.

    Args:
        things: the estate.
        charged: the bill.
        use: resource and measure to values by day.
        knows_resources: whether the bill tells costs by resource.
        values: parameters.
    """
    held = tuple(things)
    told = {(ACCOUNT, REGION, *key): values for key, values in (use or {}).items()}
    return Judging(
        estate=Estate(things=held, use=told),
        charges=make_charges(spend_of(charged, knows_resources=knows_resources), held),
        parameters=parameters(**values),
    )
