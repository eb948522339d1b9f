"""The tables that figures of commitments can be traced to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pandas as pd

from opslib.analysis.savings.commitments.backtest import Backtest
from opslib.analysis.savings.commitments.cells import MONTH_HOURS
from opslib.analysis.savings.commitments.report import BacktestReport

__all__ = ["backtest_tables"]

POINTS, WIDEST = 101, 2.0
COLUMNS = (
    "ResourceId",
    "plan",
    "scope",
    "years",
    "payment",
    "to_buy",
    "level",
    "units",
    "on_demand",
    "saving",
    "low",
    "high",
    "older_level",
    "newer_saving",
    "fallen_saving",
    "utilisation",
    "upfront",
)


def backtest_tables(report: BacktestReport) -> Mapping[str, pd.DataFrame]:
    """Return ``tried_commitments`` and ``regret_curves``; amounts are a month, levels an hour."""
    rows = [_row(one, to_buy=place < report.bought) for place, one in enumerate(report.tried)]
    points = [point for one in report.tried if one.level > 0 for point in _points(one)]
    names = ["ResourceId", "level", "cost", "regret"]
    return {
        "tried_commitments": pd.DataFrame(rows, columns=list(COLUMNS)),
        "regret_curves": pd.DataFrame(points, columns=names),
    }


def _row(tried: Backtest, *, to_buy: bool) -> tuple[object, ...]:
    offer = tried.offer
    return (
        offer.id,
        offer.plan,
        offer.scope,
        offer.years,
        offer.payment,
        to_buy,
        tried.level,
        tried.units if offer.is_reservation else None,
        tried.eligible,
        tried.saving,
        tried.low,
        tried.high,
        tried.older_level,
        tried.newer_saving,
        tried.fallen_saving,
        tried.utilisation,
        tried.upfront,
    )


def _points(tried: Backtest) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Return the curve at even levels up to twice the best one."""
    levels = np.linspace(0, WIDEST * float(tried.level), POINTS)
    share = MONTH_HOURS / tried.curve.hours
    costs, regrets = tried.curve.cost(levels) * share, tried.curve.regret(levels) * share
    return [
        (tried.offer.id, _rounded(level), _rounded(cost), _rounded(regret))
        for level, cost, regret in zip(levels, costs, regrets, strict=True)
    ]


def _rounded(number: float) -> Decimal:
    return Decimal(repr(float(number))).quantize(Decimal("0.000001"))
