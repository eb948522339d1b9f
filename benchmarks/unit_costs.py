"""How often the analysis of unit costs errs, on made-up traffic whose truth is known.

    python -m benchmarks.unit_costs

Each account has daily traffic with quiet weekends and daily noise, and a cost of which a share
follows the traffic of the day. Prints, by kind of account: how often a rise is named where there is
none; how often a rise of spend by 30% in the last week is named; how often the 80% intervals of the
comparison, of the growth and of the elasticity hold the truth.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd

from opslib.analysis.cost import plan_periods
from opslib.analysis.cost.periods import Periods
from opslib.analysis.cost.unit_costs import NEAREST, UnitCostTrend, measure_unit_costs
from opslib.estimate import Estimate
from opslib.parameters import CostParameters
from opslib.tables.bill_controls import CURRENCIES, DUPLICATES, EXPORT_FILES, BillControls
from opslib.tables.cost_tables import CostTables
from opslib.tables.costs import AMOUNTS, Bill
from opslib.tables.unit_counts import UNIT_COUNTS

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
WEEKEND, WEEK = 5, 7
PLANTED = 1.3
MIDDLE = (NEAREST + 1) / 2
"""Weeks between this one and the middle of those that it is held against."""
NOTHING = pd.DataFrame()


@dataclass(frozen=True, kw_only=True)
class Account:
    """A kind of account.

    Args:
        name: what the table calls it.
        following: share of the cost that follows the day's traffic.
        traffic: standard deviation of a week's traffic, as a logarithm.
        noise: of a day's cost, the same.
        growth: of traffic a week.
        monthly: charged on the first of a month, in days' costs.
    """

    name: str
    following: float
    traffic: float = 0.05
    noise: float = 0.03
    growth: float = 0.0
    monthly: float = 0.0


ACCOUNTS = (
    Account(name="all follows the traffic", following=1),
    Account(name="half follows", following=0.5),
    Account(name="all fixed", following=0),
    Account(name="all fixed, traffic of 20%", following=0, traffic=0.2),
    Account(name="half follows, noise of 15%", following=0.5, noise=0.15),
    Account(name="all fixed, traffic grows 1%", following=0, growth=0.01),
    Account(name="half follows, monthly fee", following=0.5, monthly=1.5),
)


def draw(
    account: Account, periods: Periods, chance: np.random.Generator
) -> tuple[list[float], list[float]]:
    """Return the count and the cost of each day."""
    weeks = len(periods.days) // WEEK + 2
    busy = chance.lognormal(0, account.traffic, weeks)
    counts, costs = [], []
    for place, day in enumerate(periods.days):
        week = (place - periods.days.index(periods.current.days[0])) // WEEK + weeks - 2
        usual = 0.5 if day.weekday() >= WEEKEND else 1.0
        load = usual * busy[week] * np.exp(account.growth * place / WEEK)
        load *= chance.lognormal(0, 0.02)
        cost = load**account.following * chance.lognormal(0, account.noise)
        costs.append(float(100 * cost + (100 * account.monthly if day.day == 1 else 0)))
        counts.append(float(round(1e6 * load)))
    return counts, costs


def measure(
    parameters: CostParameters,
    periods: Periods,
    counts: Sequence[float],
    costs: Sequence[float],
) -> UnitCostTrend:
    """Return what the analysis says of an account's days."""
    exact = [Decimal(repr(cost)) for cost in costs]
    amounts = dict.fromkeys(AMOUNTS, exact)
    charges = pd.DataFrame({"ChargePeriodStart": list(periods.days), **amounts})
    units = pd.DataFrame(
        {"Unit": "request", "Day": list(periods.days), "Count": counts, "HoursSeen": 24.0},
        columns=list(UNIT_COUNTS.columns),
    )
    (trend,) = measure_unit_costs(parameters, periods, _tables(charges, units, periods), (), ())
    return trend


def _tables(charges: pd.DataFrame, units: pd.DataFrame, periods: Periods) -> CostTables:
    bill = Bill(
        source="export",
        currency="USD",
        meters=charges,
        accounts=NOTHING,
        regions=NOTHING,
        places=None,
        providers=None,
        tags={},
        resources=None,
        untagged={},
        account_names={},
        billing_accounts=(),
        days=periods.days,
        first_day=periods.days[0],
        last_day=periods.days[-1],
    )
    files, twice, money = (
        pd.DataFrame(columns=list(schema.columns))
        for schema in (EXPORT_FILES, DUPLICATES, CURRENCIES)
    )
    return CostTables(
        bill=bill,
        controls=BillControls(files=files, duplicates=twice, currencies=money, tie_out=None),
        budgets=NOTHING,
        notifications=NOTHING,
        forecast=NOTHING,
        aws_anomalies=NOTHING,
        commitments=NOTHING,
        units=units,
    )


def holds(interval: Estimate | None, truth: float) -> bool:
    """Say whether an interval holds the truth; what is not told holds nothing."""
    return interval is not None and float(interval.low) <= truth <= float(interval.high)


def examine(account: Account, number: int, seed: int) -> list[float]:
    """Return the shares that the table shows of one kind of account."""
    parameters = CostParameters.parse({"as_of": AS_OF.isoformat()})
    periods, chance = plan_periods(parameters), np.random.default_rng(seed)
    now = set(periods.current.days)
    drift = account.growth * (account.following - 1)
    growth, apart = (float(np.expm1(drift * weeks)) for weeks in (1, MIDDLE))
    told = np.zeros((number, 5))
    for place in range(number):
        counts, costs = draw(account, periods, chance)
        trend = measure(parameters, periods, counts, costs)
        risen = [
            cost * (PLANTED if day in now else 1)
            for day, cost in zip(periods.days, costs, strict=True)
        ]
        told[place] = (
            trend.is_unusual,
            measure(parameters, periods, counts, risen).is_unusual,
            holds(trend.against, apart),
            holds(trend.growth, growth),
            holds(trend.elasticity, account.following),
        )
    return [float(share) for share in told.mean(axis=0)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    columns = ("false rise", "rise found", "comparison", "growth", "elasticity")
    print(f"{'account':<30}{''.join(f'{name:>12}' for name in columns)}")
    for account in ACCOUNTS:
        shares = examine(account, options.accounts, options.seed)
        print(f"{account.name:<30}{''.join(f'{share:>12.1%}' for share in shares)}")


if __name__ == "__main__":
    main()
