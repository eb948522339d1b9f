"""The bill as AWS's own export writes it: FOCUS 1.0 in Parquet, one folder a billing period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from opslib.sandbox.estate import ACCOUNTS, PAYER

__all__ = ["BUCKET", "PREFIX", "export_files"]

BUCKET, PREFIX = "acme-billing-export", "focus"
CATEGORIES = {
    "Usage": "Usage",
    "SavingsPlanCoveredUsage": "Usage",
    "SavingsPlanRecurringFee": "Purchase",
    "Fee": "Purchase",
    "Tax": "Tax",
    "Credit": "Credit",
}
UTC_TIME = pa.timestamp("ms", tz="UTC")


def export_files(bill: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    """Yield key and content of each file of the export.

    Args:
        bill: columns of `opslib.sandbox.billing.COLUMNS`.
    """
    months = sorted({day.replace(day=1) for day in bill["day"]})
    for month in months:
        rows = bill[[day.replace(day=1) == month for day in bill["day"]]]
        content = BytesIO()
        pq.write_table(_focus(rows, month), content)
        yield f"{PREFIX}/BILLING_PERIOD={month:%Y-%m}/acme-00001.snappy.parquet", content.getvalue()


def _focus(rows: pd.DataFrame, month: date) -> pa.Table:
    next_month = (month + timedelta(days=32)).replace(day=1)
    size = len(rows)
    starts = [_midnight(day) for day in rows["day"]]
    prices = [_double(price) for price in rows["price"]]
    quantities = [_double(quantity) for quantity in rows["quantity"]]
    billed = [float(cost) for cost in rows["billed"]]
    columns = {
        "BilledCost": billed,
        "BillingAccountId": [PAYER] * size,
        "BillingAccountName": [ACCOUNTS[PAYER]] * size,
        "BillingCurrency": ["USD"] * size,
        "BillingPeriodEnd": pa.array([_midnight(next_month)] * size, UTC_TIME),
        "BillingPeriodStart": pa.array([_midnight(month)] * size, UTC_TIME),
        "ChargeCategory": [CATEGORIES[record] for record in rows["record_type"]],
        "ChargeClass": pa.nulls(size, pa.string()),
        "ChargeDescription": [
            f"{m} of {s}" for s, m in zip(rows["service"], rows["meter"], strict=True)
        ],
        "ChargePeriodEnd": pa.array([start + timedelta(days=1) for start in starts], UTC_TIME),
        "ChargePeriodStart": pa.array(starts, UTC_TIME),
        "ConsumedQuantity": pa.array(quantities, pa.float64()),
        "ConsumedUnit": _texts(rows["unit"]),
        "ContractedCost": billed,
        "EffectiveCost": [float(cost) for cost in rows["effective"]],
        "InvoiceIssuerName": ["Amazon Web Services, Inc."] * size,
        "ListCost": billed,
        "ListUnitPrice": pa.array(prices, pa.float64()),
        "PricingQuantity": pa.array(quantities, pa.float64()),
        "PricingUnit": _texts(rows["unit"]),
        "ProviderName": ["AWS"] * size,
        "PublisherName": ["Amazon Web Services, Inc."] * size,
        "RegionId": _texts(rows["region"]),
        "ResourceId": _texts(rows["resource"]),
        "ServiceName": list(rows["service"]),
        "SubAccountId": list(rows["account"]),
        "SubAccountName": [ACCOUNTS[account] for account in rows["account"]],
        "Tags": _tags(rows),
        "x_UsageType": list(rows["meter"]),
    }
    return pa.table(columns)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _double(number: object) -> float | None:
    return None if number is None else float(str(number))


def _texts(column: pd.Series) -> pa.Array:
    return pa.array([text or None for text in column], pa.string())


def _tags(rows: pd.DataFrame) -> pa.Array:
    tags = [
        [(key, value) for key, value in (("Environment", e), ("Project", p)) if value]
        for e, p in zip(rows["environment"], rows["project"], strict=True)
    ]
    return pa.array(tags, pa.map_(pa.string(), pa.string()))
