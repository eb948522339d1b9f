"""Commitments that bought nothing: days on which more of them was unused than is usual.

The unused money of Savings Plans and of reservations is a daily amount as any other, and judged by
the same detector. A commitment that was never used whole is no surprise, and shown beside.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from opslib.analysis.anomaly.daily import FEWEST_DAYS, find_daily_episodes
from opslib.analysis.cost.daily import daily_totals
from opslib.analysis.cost.periods import Periods
from opslib.coverage import Coverage, gaps
from opslib.money import EXACT, divide, total

__all__ = [
    "COMMITMENT_TABLE",
    "COMMITMENT_WORDS",
    "CommitmentUse",
    "commitment_gaps",
    "judge_commitments",
]

COMMITMENT_TABLE = "commitment use"
COMMITMENT_WORDS = {"savings_plans": "Savings Plans", "reservations": "Reservations"}
LEAST_SCALE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentUse:
    """How one kind of commitment was used in the period.

    Args:
        commitment: ``savings_plans`` or ``reservations``.
        used_share: mean share of the period's days, 0 to 1; None where no day is known.
        unused: money of the period that bought nothing.
        usual_unused: mean of the same over as many days before it.
        first_day: first day of a drop in use; None where there is none.
        dropped: unused money beyond the usual since then, within the period.
        judged: whether enough days were seen to know what is usual.
        currency: of the amounts.
    """

    commitment: str
    used_share: float | None
    unused: Decimal
    usual_unused: Decimal
    first_day: date | None
    dropped: Decimal
    judged: bool
    currency: str


def judge_commitments(
    use: pd.DataFrame, periods: Periods, floor: Decimal, confidence: float
) -> tuple[CommitmentUse, ...]:
    """Return how each kind of commitment that is owned was used.

    Args:
        use: columns of `opslib.tables.cost_anomalies.COMMITMENT_USE`.
        periods: the report's days.
        floor: smallest amount worth a finding.
        confidence: of intervals.
    """
    return tuple(
        _judged(str(name), rows, periods, floor, confidence)
        for name, rows in use.groupby("Commitment", sort=True)
    )


def _judged(
    commitment: str, rows: pd.DataFrame, periods: Periods, floor: Decimal, confidence: float
) -> CommitmentUse:
    period = periods.current.days
    known = set(rows["ChargePeriodStart"])
    unused = daily_totals(rows, known, "Unused")
    now = rows[rows["ChargePeriodStart"].isin(period)]
    before = [day for day in periods.settled_days if day in known and day < period[0]]
    usual = divide(total(unused[day] for day in before), Decimal(len(before) or 1))
    expected = EXACT.multiply(usual, Decimal(len(now)))
    first, dropped = _drop(unused, periods, known, floor, confidence)
    return CommitmentUse(
        commitment=commitment,
        used_share=float(now["UsedShare"].mean()) if len(now) else None,
        unused=total(now["Unused"]),
        usual_unused=expected,
        first_day=first,
        dropped=dropped,
        judged=len(before) >= FEWEST_DAYS and len(now) == len(period),
        currency=str(rows["Currency"].iloc[0]),
    )


def _drop(
    unused: dict[date, Decimal],
    periods: Periods,
    known: Collection[date],
    floor: Decimal,
    confidence: float,
) -> tuple[date | None, Decimal]:
    """Return when unused money rose beyond the usual within the period, and by how much."""
    days: Sequence[date] = [
        day for day in periods.settled_days if min(known) <= day <= periods.current.last_day
    ]
    amounts = np.array([float(unused[day]) if day in known else np.nan for day in days])
    scale = float(floor) or LEAST_SCALE
    shown = find_daily_episodes(days, amounts, scale=scale, confidence=confidence)
    start = periods.current.start.date()
    for episode in shown.episodes:
        if not episode.rises or days[episode.last] < start:
            continue
        places = [n for n in range(episode.first, episode.last + 1) if days[n] >= start]
        expected = Decimal(repr(round(sum(float(shown.expected[n]) for n in places), 6)))
        beyond = EXACT.subtract(total(unused.get(days[n]) for n in places), expected)
        if beyond >= floor and days[episode.first] >= start:
            return days[episode.first], beyond
    return None, Decimal(0)


def commitment_gaps(coverage: Sequence[Coverage]) -> tuple[str, ...]:
    """Return what of the use of commitments could not be read."""
    if not any(line.table == COMMITMENT_TABLE for line in coverage):
        return (f"{COMMITMENT_TABLE}: not asked",)
    return tuple(
        f"{line.table}, {line.asked.partition(',')[0]}: {line.status.value}"
        for line in gaps(coverage, COMMITMENT_TABLE)
    )
