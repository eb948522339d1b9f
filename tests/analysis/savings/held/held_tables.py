"""Small tables of commitments."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.coverage import Coverage, CoverageStatus
from opslib.tables.held_commitments import (
    COMMITMENT_ADVICE,
    COMMITMENT_TOTALS,
    COMMITMENTS,
    HELD_TABLES,
    TOTALS_TABLE,
    HeldTables,
)
from opslib.tables.schema import check_table
from tests.analysis.savings.estates import AS_OF

__all__ = ["PAYER", "READ", "advice", "plan", "tables", "use"]

PAYER = "111111111111"
READ = tuple(
    Coverage(table=table, asked="all", status=CoverageStatus.COMPLETE)
    for table in (*HELD_TABLES, TOTALS_TABLE)
)
"""Coverage of reads that all came back."""


def plan(identity: str, *, ends: datetime | None = None, **facts: Any) -> dict[str, Any]:
    """Return a plan of a dollar an hour that ends long after any report, and began long before."""
    end = ends or AS_OF + timedelta(days=300)
    return {
        "Kind": "savings_plan",
        "Service": "Compute",
        "CommitmentId": identity,
        "What": "Compute Savings Plan",
        "SubAccountId": PAYER,
        "Account": "payer",
        "RegionId": "",
        "Units": 1,
        "Payment": "No Upfront",
        "HourlyCost": Decimal(1),
        "Currency": "USD",
        "Start": pd.Timestamp(end - timedelta(days=365)),
        "End": pd.Timestamp(end),
        "State": "active",
        "ReturnableUntil": pd.NaT,
        **facts,
    }


def use(
    identity: str,
    *,
    cost: str = "720",
    unused: str = "0",
    on_demand: str = "1000",
    share: float = 1,
) -> dict[str, Any]:
    return {
        "Kind": "savings_plan",
        "CommitmentId": identity,
        "SubAccountId": PAYER,
        "UsedShare": float(share),
        "Cost": Decimal(cost),
        "Unused": Decimal(unused),
        "OnDemandEquivalent": Decimal(on_demand),
        "Currency": "USD",
    }


def advice(**facts: Any) -> dict[str, Any]:
    told = {
        "Plan": "compute-savings-plan",
        "What": "any compute",
        "RegionId": "",
        "TermYears": 1,
        "Payment": "no_upfront",
        "HourlyCommitment": Decimal(2),
        "Units": None,
        "Upfront": Decimal(0),
        "MonthlySaving": Decimal(300),
        "CostShare": 0.75,
        "UsedShare": 1.0,
        "BreakEvenMonths": None,
        "Currency": "USD",
    }
    return told | facts


def tables(
    held: list[dict[str, Any]], totals: list[dict[str, Any]], *advised: dict[str, Any]
) -> HeldTables:
    frames = [
        check_table(pd.DataFrame(rows, columns=list(schema.columns)), schema, "test")
        for rows, schema in (
            (held, COMMITMENTS),
            (totals, COMMITMENT_TOTALS),
            (list(advised), COMMITMENT_ADVICE),
        )
    ]
    return HeldTables(held=frames[0], totals=frames[1], advice=frames[2])
