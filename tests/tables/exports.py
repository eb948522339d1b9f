"""Small exports, written by hand, for the tests of their reader."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["cur_row", "focus_row", "write_csv", "write_parquet"]

FOCUS_ROW = {
    "ProviderName": "AWS",
    "BillingAccountId": "111111111111",
    "SubAccountId": "222222222222",
    "SubAccountName": "production",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-03-01T00:00:00Z",
    "ChargePeriodStart": "2026-03-02T05:00:00Z",
    "ChargePeriodEnd": "2026-03-02T06:00:00Z",
    "ChargeCategory": "Usage",
    "ServiceName": "Amazon EC2",
    "RegionId": "eu-west-1",
    "SkuMeter": "EU-BoxUsage:m5.large",
    "ResourceId": "i-1",
    "PricingQuantity": "2",
    "PricingUnit": "Hrs",
    "ListCost": "3",
    "BilledCost": "2",
    "EffectiveCost": "1",
    "Tags": '{"Project": "web"}',
}

CUR_ROW = {
    "bill/PayerAccountId": "111111111111",
    "bill/BillingPeriodStartDate": "2026-03-01T00:00:00.000Z",
    "lineItem/UsageAccountId": "222222222222",
    "lineItem/LineItemType": "Usage",
    "lineItem/UsageStartDate": "2026-03-02T05:00:00.000Z",
    "lineItem/UsageEndDate": "2026-03-02T06:00:00.000Z",
    "lineItem/ProductCode": "AmazonEC2",
    "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "2",
    "lineItem/UsageType": "EU-BoxUsage:m5.large",
    "lineItem/UsageAmount": "4",
    "lineItem/LineItemDescription": "half a dollar an hour",
    "lineItem/ResourceId": "i-1",
    "product/ProductName": "Amazon Elastic Compute Cloud",
    "product/regionCode": "eu-west-1",
    "product/sku": "SKU1",
    "pricing/unit": "Hrs",
    "pricing/publicOnDemandCost": "3",
    "reservation/ReservationARN": "",
    "reservation/EffectiveCost": "",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "",
    "reservation/UnusedRecurringFee": "",
    "savingsPlan/SavingsPlanEffectiveCost": "",
    "savingsPlan/TotalCommitmentToDate": "",
    "savingsPlan/UsedCommitment": "",
}


def focus_row(**changed: str) -> dict[str, str]:
    """Return one charge of a FOCUS export, as text."""
    return {**FOCUS_ROW, **changed}


def cur_row(changed: Mapping[str, str]) -> dict[str, str]:
    """Return one line item of a CUR export, as text."""
    return {**CUR_ROW, **changed}


def write_csv(file: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write ``rows``, all with the columns of the first."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def write_parquet(
    file: Path,
    rows: Sequence[Mapping[str, object]],
    types: Mapping[str, pa.DataType] | None = None,
) -> Path:
    """Write ``rows`` as text, but for the columns that ``types`` names."""
    columns = {
        name: pa.array([row[name] for row in rows], type=(types or {}).get(name, pa.string()))
        for name in rows[0]
    }
    pq.write_table(pa.table(columns), file)
    return file
