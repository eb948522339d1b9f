"""Whole savings reports on a few unattached volumes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from opslib.analysis.savings import SavingsReport, analyse_savings
from opslib.coverage import Coverage
from opslib.tables.past_advice import PastAdvice
from opslib.tables.savings import DAILY_USE, SAVINGS_RESOURCES, SUCCESSORS, SavingsTables
from opslib.tables.savings_hours import BacktestTables
from tests.analysis.savings.estates import ACCOUNT, DAYS, REGION, Charged, parameters, spend_of

__all__ = ["report_on"]


def report_on(
    volumes: Mapping[str, Mapping[str, str]],
    *charged: Charged,
    past: PastAdvice | None = None,
    backtest: BacktestTables | None = None,
    coverage: tuple[Coverage, ...] = (),
    **values: Any,
) -> SavingsReport:
    """Return the report on volumes that nothing uses, of 30 USD a month each.

    Args:
        volumes: name to tags.
        charged: what else is on the bill.
        past: earlier advice.
        backtest: hours and rates.
        coverage: of all reads.
        values: parameters.
    """
    settings = json.dumps({"state": "available", "type": "gp3", "gib": 100, "instances": []})
    created = pd.Timestamp("2025-01-01T00:00Z")
    place = (ACCOUNT, "lab", REGION, created)
    rows = [
        ("volume", name, name, *place, json.dumps(tags), settings) for name, tags in volumes.items()
    ]
    bill: list[Charged] = [(name, "EBS:VolumeUsage.gp3", "1", "1", DAYS) for name in volumes]
    tables = SavingsTables(
        spend=spend_of([*bill, ("other", "m", "1", "1", DAYS), *charged]),
        resources=pd.DataFrame(rows, columns=list(SAVINGS_RESOURCES.columns)),
        use=pd.DataFrame(columns=list(DAILY_USE.columns)),
        successors=pd.DataFrame(columns=list(SUCCESSORS.columns)),
        past=past or PastAdvice(),
        backtest=backtest or BacktestTables(),
    )
    return analyse_savings(parameters(**values), tables, coverage)
