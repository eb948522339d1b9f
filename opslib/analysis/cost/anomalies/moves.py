"""How parts of a bill moved with an anomaly: before it, during it, and their part of its money."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.daily import sum_by
from opslib.money import EXACT, ZERO, divide

__all__ = ["Move", "moves_by"]

BEFORE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How one part moved.

    Args:
        name: of the part.
        before: mean cost a day in the week before the anomaly.
        after: mean cost a day in the anomaly.
        share: its part of the anomaly's impact, 1 for all; negative where it went the other way.
    """

    name: str
    before: Decimal
    after: Decimal
    share: float


def moves_by(rows: pd.DataFrame, anomaly: CostAnomaly, key: str, column: str) -> Iterator[Move]:
    """Yield how each part of ``rows`` moved, in order of name; nothing of an anomaly without money.

    The week before is compared with the episode, so that both hold all weekdays where it lasts.

    Args:
        rows: of the anomaly's service, by day.
        anomaly: that they are part of.
        key: column that names the parts.
        column: the cost in question.
    """
    during = [day.day for day in anomaly.episode]
    past = [
        day.day for day in anomaly.days if anomaly.first_day - BEFORE <= day.day < anomaly.first_day
    ]
    before, after = (_daily_means(rows, days, key, column) for days in (past, during))
    for name in sorted({*before, *after}) if anomaly.impact.mid else ():
        change = EXACT.subtract(after.get(name, ZERO), before.get(name, ZERO))
        whole = EXACT.multiply(change, Decimal(len(during)))
        yield Move(
            name=name,
            before=before.get(name, ZERO),
            after=after.get(name, ZERO),
            share=float(divide(whole, anomaly.impact.mid)),
        )


def _daily_means(
    rows: pd.DataFrame, days: Collection[date], key: str, column: str
) -> dict[str, Decimal]:
    if not days:
        return {}
    sums = sum_by(rows[rows["ChargePeriodStart"].isin(days)], [key], column)
    return {str(name): divide(cost, Decimal(len(days))) for (name,), cost in sums.items()}
