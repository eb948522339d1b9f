"""Small hourly exports, made by hand, for the tests of commitments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd

from opslib.tables.savings_hours import (
    BILLIONTH,
    COMMITMENT_RATES,
    HOURLY_USAGE,
    BacktestTables,
)

__all__ = ["ACCOUNT", "EC2", "FIRST", "METER", "rates_of", "tables_of", "used"]

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
EC2, METER, ACCOUNT = "Amazon Elastic Compute Cloud", "BoxUsage:m6i.large", "222222222222"
Row = tuple[object, ...]


def used(
    hours: Iterable[int],
    cost: float = 1.0,
    *,
    meter: str = METER,
    service: str = EC2,
    covered: bool = False,
    operation: str = "RunInstances",
) -> list[Row]:
    """Return one instance-hour in each of some hours."""
    return [
        (
            pd.Timestamp(FIRST + timedelta(hours=hour)),
            ACCOUNT,
            "us-east-1",
            service,
            meter,
            operation,
            covered,
            BILLIONTH,
            round(cost * BILLIONTH),
        )
        for hour in hours
    ]


def rates_of(
    *rates: tuple[str, str, str, str],
    operation: str = "RunInstances",
    years: int = 1,
    payment: str = "no_upfront",
    upfront: str = "0",
) -> pd.DataFrame:
    """Return rates: plan, scope, usage type and price of each."""
    rows = [
        (plan, scope, meter, operation, years, payment, Decimal(price), Decimal(upfront))
        for plan, scope, meter, price in rates
    ]
    return pd.DataFrame(rows, columns=list(COMMITMENT_RATES.columns))


def tables_of(
    rows: list[Row],
    rates: pd.DataFrame,
    *,
    days: int = 60,
    lacking: Iterable[int] = (),
    missing: tuple[str, ...] = (),
) -> BacktestTables:
    """Return what was read of a window of ``days``, with charges in every hour but some."""
    hours = [
        pd.Timestamp(FIRST + timedelta(hours=hour))
        for hour in range(days * 24)
        if hour not in set(lacking)
    ]
    return BacktestTables(
        first=FIRST,
        end=FIRST + timedelta(days=days),
        usage=pd.DataFrame(rows, columns=list(HOURLY_USAGE.columns)),
        hours=pd.DataFrame({"Hour": hours}),
        rates=rates,
        currency="USD",
        missing=missing,
    )
