"""How far off the forecast of a month is, and how often its interval holds what the month costs.

    python -m benchmarks.cost_forecast [--seeds 0-19] [--accounts N] [--data ../shared/data]

The bills: those of the sandbox, whose month is known to its end; made-up accounts of twelve groups,
some with steps or bursts that befall groups by chance, after the forecast as before it; and, of
``--data``, days of a real series (``metrics-labelled/nyc_taxi.csv``), forecast from every week.
Each is asked on the 2nd, the 11th and the 21st of a month. Prints the mean and the largest error of
the month, relative, the share of 80% intervals that hold it, and their mean half width; beside it
the mean errors of two baselines: the mean of the last seven days carried on, and the means of the
weekdays of the month before. The forecast of the sandbox's own Cost Explorer is the truth less what
is not booked yet, and therefore no opponent; its error is printed as ``stand-in``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opslib.analysis.cost import plan_periods
from opslib.analysis.cost.month import forecast_month
from opslib.analysis.cost.periods import Periods
from opslib.parameters import CostParameters
from opslib.sandbox.cost_plan import plan_costs
from opslib.sandbox.scenario import ScenarioName

Floats = NDArray[np.float64]
Daily = Mapping[date, float]

ASKED = tuple(datetime(2026, 3, day, 6, tzinfo=UTC) for day in (2, 11, 21))
COLUMN, CONFIDENCE = "EffectiveCost", 0.8
GROUPS, WEEKDAYS, WEEK = 12, 5, 7


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What befalls the groups of a made-up account.

    Args:
        steps, bursts: mean number a group and year; a burst lasts 2 to 6 days.
        growth: of every group, a week.
        noise: standard deviation of a day, as a logarithm.
    """

    steps: float = 0.0
    bursts: float = 0.0
    growth: float = 0.0
    noise: float = 0.05


ACCOUNTS = {
    "quiet": Chance(),
    "noise of 20%": Chance(noise=0.2),
    "growth of 1% a week": Chance(growth=0.01),
    "a step a group and year": Chance(steps=1.0),
    "4 steps a group and year": Chance(steps=4.0),
    "4 bursts a group and year": Chance(bursts=4.0),
    "2 steps and 2 bursts": Chance(steps=2.0, bursts=2.0),
}


def draw_group(kind: Chance, days: list[date], chance: np.random.Generator) -> Floats:
    """Return the daily cost of one group: its size, weekend, noise, and what befalls it."""
    count = len(days)
    weekend = np.array([day.weekday() >= WEEKDAYS for day in days])
    costs = 100 * chance.lognormal(0, 1) * np.where(weekend, chance.uniform(0.4, 1), 1.0)
    costs *= (1 + kind.growth) ** (np.arange(count) / WEEK)
    for start in _moments(kind.steps, count, chance):
        costs[start:] *= chance.uniform(0.4, 2.5)
    for start in _moments(kind.bursts, count, chance):
        costs[start : start + int(chance.integers(2, 7))] *= chance.uniform(1.5, 4)
    drawn: Floats = costs * chance.lognormal(0, kind.noise, count)
    return drawn


def _moments(a_year: float, count: int, chance: np.random.Generator) -> list[int]:
    return [int(day) for day in chance.integers(count, size=chance.poisson(a_year * count / 365))]


@dataclass(frozen=True, kw_only=True)
class Bill:
    """A bill, and what its month comes to.

    Args:
        costs: rows a day and group, as far as is known.
        periods: of the report.
        truth: the month's cost in the end.
        stand_in: the sandbox's own forecast of it.
    """

    costs: pd.DataFrame
    periods: Periods
    truth: float
    stand_in: float = float("nan")


def _periods(as_of: datetime) -> Periods:
    return plan_periods(CostParameters.parse({"as_of": as_of.isoformat()}))


def sandbox_bills(scenario: str, seeds: range, as_of: datetime) -> Iterator[Bill]:
    """Yield the sandbox's bills of one moment."""
    periods, number = _periods(as_of), list(ScenarioName).index(ScenarioName(scenario))
    for seed in seeds:
        plan = plan_costs(scenario, as_of, (seed, number), ())
        booked, whole = _grouped(plan.bill), _grouped(plan.forecast)
        month = whole["ChargePeriodStart"].map(lambda day: day >= periods.month)
        today = booked["ChargePeriodStart"].map(lambda day: periods.month <= day < as_of.date())
        ahead = whole["ChargePeriodStart"].map(lambda day: day >= as_of.date())
        yield Bill(
            costs=booked[booked["ChargePeriodStart"].isin(periods.days)],
            periods=periods,
            truth=float(whole.loc[month, COLUMN].sum()),
            stand_in=float(booked.loc[today, COLUMN].sum() + whole.loc[ahead, COLUMN].sum()),
        )


def _grouped(rows: pd.DataFrame) -> pd.DataFrame:
    named = rows.rename(
        columns={"day": "ChargePeriodStart", "service": "ServiceName", "effective": COLUMN}
    )
    keys = ["ChargePeriodStart", "ServiceName", "meter"]
    return named.groupby(keys, as_index=False)[[COLUMN]].sum()


def made_up_bills(kind: Chance, seeds: range, as_of: datetime) -> Iterator[Bill]:
    """Yield made-up accounts of one kind."""
    periods = _periods(as_of)
    days = [day for day in periods.settled_days if day < periods.month_end]
    days = [days[0] + timedelta(days=n) for n in range((periods.month_end - days[0]).days)]
    for seed in seeds:
        chance = np.random.default_rng([seed, as_of.day])
        groups = [draw_group(kind, days, chance) for _ in range(GROUPS)]
        yield bill_of(groups, days, periods)


def real_bills(path: Path, as_of: datetime) -> Iterator[Bill]:
    """Yield the days of a real series as a bill of one group, moved to the days of the report."""
    series = pd.read_csv(path, parse_dates=["timestamp"]).set_index("timestamp")["value"]
    values = series.resample("D").sum().to_numpy(dtype=float)[1:-1]
    periods = _periods(as_of)
    first = periods.settled_days[0]
    count = (periods.month_end - first).days
    days = [first + timedelta(days=n) for n in range(count)]
    for start in range(0, len(values) - count + 1, WEEK):
        yield bill_of([values[start : start + count]], days, periods)


def bill_of(groups: list[Floats], days: list[date], periods: Periods) -> Bill:
    """Return groups of daily costs as a bill that is known as far as it is settled."""
    rows = [
        (day, f"group {number}", Decimal(repr(round(float(cost), 4))))
        for number, costs in enumerate(groups)
        for day, cost in zip(days, costs, strict=True)
    ]
    whole = pd.DataFrame(rows, columns=["ChargePeriodStart", "ServiceName", COLUMN])
    month = whole["ChargePeriodStart"].map(lambda day: day >= periods.month)
    settled = whole["ChargePeriodStart"].isin(periods.settled_days)
    return Bill(costs=whole[settled], periods=periods, truth=float(whole.loc[month, COLUMN].sum()))


def by_last_week(daily: Daily, known: list[date], to_come: list[date]) -> float:
    """Return the days to come at the mean of the last seven."""
    return len(to_come) * float(np.mean([daily.get(day, 0.0) for day in known[-WEEK:]]))


def by_last_month(daily: Daily, known: list[date], to_come: list[date]) -> float:
    """Return the days to come at the mean of their weekday in the last whole month."""
    end = (known[-1] + timedelta(days=1)).replace(day=1)
    before = [day for day in known if (end - timedelta(days=1)).replace(day=1) <= day < end]
    return sum(
        float(np.mean([daily.get(one, 0.0) for one in before if one.weekday() == day.weekday()]))
        for day in to_come
    )


BASELINES: dict[str, Callable[[Daily, list[date], list[date]], float]] = {
    "last week": by_last_week,
    "last month": by_last_month,
}


def judge(bill: Bill) -> list[float]:
    """Return opslib's error, whether its interval holds, its half width; the others' errors."""
    outlook = forecast_month(bill.costs, bill.periods, COLUMN, CONFIDENCE, ())
    assert outlook.total is not None
    low, mid, high = (
        float(end) for end in (outlook.total.low, outlook.total.mid, outlook.total.high)
    )
    sums = bill.costs.groupby("ChargePeriodStart")[COLUMN].sum()
    daily = dict(zip(sums.index, map(float, sums), strict=True))
    periods = bill.periods
    known = [day for day in periods.settled_days if day < periods.month_end]
    month = [
        periods.month + timedelta(days=n) for n in range((periods.month_end - periods.month).days)
    ]
    to_come = [day for day in month if day > known[-1]]
    spent = sum(daily.get(day, 0.0) for day in month if day <= known[-1])
    others = [spent + baseline(daily, known, to_come) for baseline in BASELINES.values()]
    return [
        abs(mid / bill.truth - 1),
        low <= bill.truth <= high,
        (high - low) / 2 / bill.truth,
        *(abs(other / bill.truth - 1) for other in (*others, bill.stand_in)),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default="0-19", help="of the sandbox, first and last")
    parser.add_argument("--accounts", type=int, default=100, help="made-up ones of each kind")
    parser.add_argument("--data", type=Path, help="folder of real data")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    seeds, made_up = range(int(first), int(last or first) + 1), range(options.accounts)
    bills: dict[str, Callable[[datetime], Iterator[Bill]]] = {
        f"sandbox, {name}": partial(sandbox_bills, name, seeds) for name in ("steady", "troubled")
    }
    bills |= {
        f"made up, {name}": partial(made_up_bills, kind, made_up) for name, kind in ACCOUNTS.items()
    }
    if options.data:
        path = options.data / "metrics-labelled" / "nyc_taxi.csv"
        bills["real, nyc_taxi"] = partial(real_bills, path)
    columns = ("error", "worst", "held", "half", *BASELINES, "stand-in")
    print(f"{'bill':<36}{'on':>4}{'bills':>6}{''.join(f'{name:>11}' for name in columns)}")
    for name, of in bills.items():
        for as_of in ASKED:
            found = np.array([judge(bill) for bill in of(as_of)])
            mean = found.mean(axis=0)
            shown = (mean[0], found[:, 0].max(), *mean[1:])
            figures = "".join("          -" if np.isnan(one) else f"{one:>11.1%}" for one in shown)
            print(f"{name:<36}{as_of.day:>4}{len(found):>6}{figures}", flush=True)


if __name__ == "__main__":
    main()
