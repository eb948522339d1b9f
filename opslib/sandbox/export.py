"""The bill as AWS's own export writes it: FOCUS 1.0 in Parquet, in the layout of Data Exports.

One folder a billing period, and beside it the manifest that lists the period's files.
Source: AWS Data Exports user guide, "Understanding export delivery".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from opslib.sandbox.estate import MEMBERS, PAYER

__all__ = [
    "BUCKET",
    "PREFIX",
    "ExportPeriod",
    "export_periods",
    "file_name",
    "focus_table",
    "lay_out",
    "parquet_file",
]

BUCKET, PREFIX, EXPORT = "acme-billing-export", "focus", "acme"
FILES_A_PERIOD = 3
CATEGORIES = {
    "Usage": "Usage",
    "SavingsPlanCoveredUsage": "Usage",
    "SavingsPlanRecurringFee": "Purchase",
    "Fee": "Purchase",
    "Tax": "Tax",
    "Credit": "Credit",
}
UTC_TIME = pa.timestamp("ms", tz="UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPeriod:
    """What the export holds of a billing period.

    Args:
        month: its first day.
        files: name to content of each file.
    """

    month: date
    files: Mapping[str, bytes]


def export_periods(bill: pd.DataFrame) -> tuple[ExportPeriod, ...]:
    """Return what the export holds of each billing period, cut into files of like size."""
    month_of = [day.replace(day=1) for day in bill["day"]]
    months = sorted(set(month_of))
    periods = []
    for month in months:
        rows = bill[[one == month for one in month_of]]
        parts = [rows.iloc[place::FILES_A_PERIOD] for place in range(FILES_A_PERIOD)]
        files = {
            file_name(number): parquet_file(focus_table(part, month))
            for number, part in enumerate(parts, start=1)
            if len(part)
        }
        periods.append(ExportPeriod(month=month, files=files))
    return tuple(periods)


def lay_out(
    periods: Iterable[ExportPeriod],
    prefix: str,
    promised: Mapping[date, Iterable[str]] | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield key and content of each file under ``prefix`` as AWS Data Exports lays them out.

    Args:
        periods: what is there.
        prefix: of all keys.
        promised: names of the files that the manifest of a month lists, where they are others.
    """
    for period in periods:
        partition = f"BILLING_PERIOD={period.month:%Y-%m}"
        data = f"{prefix}/{EXPORT}/data/{partition}"
        for name, content in period.files.items():
            yield f"{data}/{name}", content
        names = (promised or {}).get(period.month, period.files)
        manifest = {
            "exportName": EXPORT,
            "billingPeriod": {"start": f"{period.month}T00:00:00.000Z"},
            "dataFiles": [f"s3://{BUCKET}/{data}/{name}" for name in names],
        }
        key = f"{prefix}/{EXPORT}/metadata/{partition}/{EXPORT}-Manifest.json"
        yield key, json.dumps(manifest, indent=1).encode()


def file_name(number: int) -> str:
    """Return the name of a file of a period by its number, from 1 on."""
    return f"{EXPORT}-{number:05}.snappy.parquet"


def parquet_file(table: pa.Table) -> bytes:
    """Return the content of a Parquet file."""
    content = BytesIO()
    pq.write_table(table, content)
    return content.getvalue()


def focus_table(rows: pd.DataFrame, month: date) -> pa.Table:
    """Return charges in the columns of FOCUS 1.0, those of AWS's own too."""
    next_month = (month + timedelta(days=32)).replace(day=1)
    size = len(rows)
    starts = [_midnight(day) for day in rows["day"]]
    prices = [_double(price) for price in rows["price"]]
    quantities = [_double(quantity) for quantity in rows["quantity"]]
    billed = [float(cost) for cost in rows["billed"]]
    columns = {
        "BilledCost": billed,
        "BillingAccountId": [PAYER] * size,
        "BillingAccountName": [MEMBERS[PAYER]] * size,
        "BillingCurrency": ["USD"] * size,
        "BillingPeriodEnd": pa.array([_midnight(next_month)] * size, UTC_TIME),
        "BillingPeriodStart": pa.array([_midnight(month)] * size, UTC_TIME),
        "ChargeCategory": [CATEGORIES[record] for record in rows["record_type"].tolist()],
        "ChargeClass": pa.nulls(size, pa.string()),
        "ChargeDescription": [
            f"{m} of {s}"
            for s, m in zip(rows["service"].tolist(), rows["meter"].tolist(), strict=True)
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
        "ServiceName": rows["service"].tolist(),
        "SubAccountId": rows["account"].tolist(),
        "SubAccountName": [MEMBERS[account] for account in rows["account"].tolist()],
        "Tags": _tags(rows),
        "x_UsageType": rows["meter"].tolist(),
    }
    return pa.table(columns)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _double(number: object) -> float | None:
    return None if number is None else float(str(number))


def _texts(column: pd.Series) -> pa.Array:
    return pa.array([text or None for text in column.tolist()], pa.string())


def _tags(rows: pd.DataFrame) -> pa.Array:
    tags = [
        [(key, value) for key, value in (("Environment", e), ("Project", p)) if value]
        for e, p in zip(rows["environment"].tolist(), rows["project"].tolist(), strict=True)
    ]
    return pa.array(tags, pa.map_(pa.string(), pa.string()))
