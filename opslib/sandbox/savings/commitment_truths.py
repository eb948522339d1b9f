"""Which commitments would have cost least, found hour by hour from what was planted.

The way is another than that of the report: each hour's use is laid out whole, and the level with
the least cost is found by halving, since the cost is convex.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from opslib.sandbox.estate import EC2, ECS, PAYER, VPC
from opslib.sandbox.savings.hours import hourly_rows
from opslib.sandbox.savings.offers import family_of, rate_of, region_of
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["plan_commitment_truths"]

Hours = npt.NDArray[np.float64]
SETTLING, WINDOW_DAYS, MONTH_HOURS = timedelta(hours=72), 60, 720
PAYMENT, YEARS = "No Upfront", 1
STEP, NOISE = Decimal("0.001"), 1e-11
SAVINGS_PLAN_SERVICES = (EC2, ECS, "AWS Lambda")
RESERVED = {
    "Amazon ElastiCache": "reserved-cache-node",
    "Amazon Redshift": "reserved-redshift-node",
    "Amazon OpenSearch Service": "reserved-search-instance",
}
"""Those of which one price is offered; of databases two engines are, and the bill tells neither."""


class Use:
    """What each hour uses of some meters, those first that a plan saves the highest share of.

    Args:
        demand: what it costs on demand, one row an hour and one column a meter.
        plan: what it costs at the plan's rates.
    """

    def __init__(self, demand: Hours, plan: Hours) -> None:
        self._order = np.argsort(plan / np.where(demand > 0, demand, 1), axis=1, kind="stable")
        self._demand = np.take_along_axis(demand, self._order, axis=1)
        self._plan = np.take_along_axis(plan, self._order, axis=1)
        self._before = np.cumsum(self._plan, axis=1) - self._plan

    def _share(self, level: float) -> Hours:
        room: Hours = np.clip(level - self._before, 0, self._plan)
        share = np.divide(room, self._plan, out=np.zeros_like(room), where=self._plan > 0)
        return np.asarray(share, dtype=np.float64)

    def covered(self, level: float) -> Hours:
        """Return the share of each hour and meter that a commitment covers."""
        covered = np.empty_like(self._plan)
        np.put_along_axis(covered, self._order, self._share(level), axis=1)
        return covered

    def savings(self, level: float) -> Hours:
        """Return what a commitment saves in each hour."""
        spared = (self._share(level) * self._demand).sum(axis=1)
        return np.asarray(spared - level, dtype=np.float64)

    def half(self, *, newer: bool) -> Use:
        """Return the older or the newer half of the hours."""
        middle = len(self._plan) // 2
        part = slice(middle, None) if newer else slice(middle)
        return Use(self._demand[part], self._plan[part])

    def best(self, step: float) -> int:
        """Return the least number of steps that saves most."""
        nothing = NOISE * self._demand.sum()
        low, high = 0, int(self._plan.sum(axis=1).max() / step) + 1
        while low < high:
            middle = (low + high) // 2
            gain = self.savings((middle + 1) * step).sum() - self.savings(middle * step).sum()
            low, high = (middle + 1, high) if gain > nothing else (low, middle)
        return low


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A commitment that would have paid.

    Args:
        id: of the thing that the report names.
        level: an hour.
        saving: a month.
    """

    id: str
    level: Decimal
    saving: Decimal


def plan_commitment_truths(
    bill: pd.DataFrame,
    seed: int,
    epoch: datetime,
    saved: Mapping[tuple[str, str], Decimal],
    *,
    is_unfilled: bool,
) -> tuple[PlantedTruth, ...]:
    """Return what the report must recommend to commit to with the parameters' own defaults.

    Args:
        bill: columns of `opslib.sandbox.billing.COLUMNS`; nothing of an empty account.
        seed: of the scenario.
        epoch: the moment that the account lives in.
        saved: what other recommendations save a month, by account and meter.
        is_unfilled: whether a Savings Plan is held that nothing uses: no other is to be bought.
    """
    if bill.empty:
        return ()
    end = pd.Timestamp((epoch - SETTLING).date())
    first = end - pd.Timedelta(days=WINDOW_DAYS)
    hours = pd.date_range(first, end, freq="h", inclusive="left")
    recent = bill[[first.date() <= day < end.date() for day in bill["day"]]]
    rows = hourly_rows(recent, seed, epoch)
    rows = _left(rows[~rows["covered"] & (rows["service"] != VPC)], saved)
    return tuple(
        PlantedTruth(
            name="commitment",
            part="savings",
            claim=Claim(
                kind="savings.commitment", subject={"ResourceId": one.id, "SubAccountId": PAYER}
            ),
            amount=one.saving,
            level=one.level,
        )
        for one in (*([] if is_unfilled else _plans(rows, hours)), *_reservations(rows, hours))
    )


def _left(rows: pd.DataFrame, saved: Mapping[tuple[str, str], Decimal]) -> pd.DataFrame:
    """Return the hours without what is saved: its share of each hour of its meter."""
    share = pd.Series(1.0, index=rows.index)
    for (account, meter), amount in saved.items():
        of_it = (rows["account"] == account) & (rows["meter"] == meter)
        paid = rows.loc[of_it, "cost"].sum() * MONTH_HOURS / (WINDOW_DAYS * 24)
        share[of_it] = 1 - float(amount) / paid
    return rows.assign(quantity=rows["quantity"] * share, cost=rows["cost"] * share)


def _plans(rows: pd.DataFrame, hours: pd.DatetimeIndex) -> list[Bought]:
    """Return a Compute Savings Plan alone, or after those of families: what saves more."""
    rows = rows[rows["service"].isin(SAVINGS_PLAN_SERVICES)]
    demand, quantity = _table(rows, "cost", hours), _table(rows, "quantity", hours)
    names = list(demand.columns)
    places = {name: (family_of(name), region_of(name)) for name in names if family_of(name)}
    alone = _buy("compute-savings-plan 1y", demand, quantity, "Compute")
    narrow: list[Bought] = []
    left = pd.DataFrame(1.0, index=demand.index, columns=names)
    for family, region in sorted(set(places.values())):
        held = [name for name in names if places.get(name) == (family, region)]
        named = f"ec2-instance-savings-plan {family} {region} 1y"
        for one in _buy(named, demand[held], quantity[held], "EC2Instance"):
            use = _use(demand[held], quantity[held], "EC2Instance")
            left.loc[:, held] = 1 - use.covered(float(one.level))
            narrow.append(one)
    wide = _buy("compute-savings-plan 1y", demand * left, quantity * left, "Compute")
    return max([*narrow, *wide], alone, key=lambda plans: sum(one.saving for one in plans))


def _reservations(rows: pd.DataFrame, hours: pd.DatetimeIndex) -> Iterator[Bought]:
    for service, plan in RESERVED.items():
        used = rows[rows["service"] == service]
        demand, quantity = _table(used, "cost", hours), _table(used, "quantity", hours)
        for meter in demand.columns:
            name = f"{plan} {meter.partition(':')[2]} {region_of(meter)} 1y"
            rate = rate_of("reserved", meter, YEARS, PAYMENT)
            assert rate is not None
            yield from _buy(name, demand[[meter]], quantity[[meter]], "reserved", step=rate)


def _table(rows: pd.DataFrame, name: str, hours: pd.DatetimeIndex) -> pd.DataFrame:
    """Return one row an hour, used or not, and one column a meter."""
    table = rows.pivot_table(index="hour", columns="meter", values=name, aggfunc="sum")
    return table.reindex(hours).fillna(0.0)


def _use(demand: pd.DataFrame, quantity: pd.DataFrame, plan: str) -> Use:
    rates = [float(rate_of(plan, meter, YEARS, PAYMENT) or 0) for meter in demand.columns]
    return Use(demand.to_numpy(float), quantity.to_numpy(float) * np.array(rates))


def _buy(
    name: str,
    demand: pd.DataFrame,
    quantity: pd.DataFrame,
    plan: str,
    step: Decimal = STEP,
) -> list[Bought]:
    """Return the best level of a plan; nothing where it does not pay, or does not hold."""
    use = _use(demand, quantity, plan)
    level = step * use.best(float(step))
    hourly = use.savings(float(level))
    older = step * use.half(newer=False).best(float(step))
    held = use.half(newer=True).savings(float(older)).sum()
    worst = min(part.sum() for part in np.split(hourly, len(hourly) // MONTH_HOURS))
    saving = Decimal(repr(float(hourly.sum() * MONTH_HOURS / len(hourly))))
    if level == 0 or min(held, worst) <= 0 or saving < 1:
        return []
    return [Bought(id=name, level=level, saving=saving)]
