"""A made bill written in each layout that bills are exported in, with the types of AWS."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from opslib.tables.cur import athena_name
from tests.tables.made_bill import Charge

__all__ = ["FOCUS_VERSIONS", "LAYOUTS", "focus_rows", "line_item", "write_layout"]

COMMITMENT_COLUMNS = (
    "reservation/ReservationARN",
    "reservation/EffectiveCost",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/UnusedRecurringFee",
    "savingsPlan/SavingsPlanEffectiveCost",
    "savingsPlan/TotalCommitmentToDate",
    "savingsPlan/UsedCommitment",
)
CUR_MONEY = ("Cost", "Fee", "BillingPeriod", "Commitment", "CommitmentToDate", "UsageAmount")
FOCUS_MONEY = ("Cost", "Quantity", "UnitPrice")

COLUMNS_OF_1_0 = (
    "AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingCurrency "
    "BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass ChargeDescription "
    "ChargeFrequency ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory "
    "CommitmentDiscountId CommitmentDiscountName CommitmentDiscountStatus CommitmentDiscountType "
    "ConsumedQuantity ConsumedUnit ContractedCost ContractedUnitPrice EffectiveCost "
    "InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingQuantity PricingUnit "
    "ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType "
    "ServiceCategory ServiceName SkuId SkuPriceId SubAccountId SubAccountName Tags"
)
ADDED_IN_1_1 = (
    "CapacityReservationId CapacityReservationStatus CommitmentDiscountQuantity "
    "CommitmentDiscountUnit ServiceSubcategory SkuMeter SkuPriceDetails"
)
ADDED_IN_1_2 = (
    "BillingAccountType InvoiceId PricingCurrency PricingCurrencyContractedUnitPrice "
    "PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice SubAccountType"
)
AWS_ADDS_TO_1_0 = "x_CostCategories x_Discounts x_Operation x_ServiceCode x_UsageType"
AWS_ADDS_TO_1_2 = "x_Discounts x_Operation x_ServiceCode"
FOCUS_VERSIONS = {
    version: " ".join(columns).split(" ")
    for version, columns in {
        "FOCUS 1.0": (COLUMNS_OF_1_0, AWS_ADDS_TO_1_0),
        "FOCUS 1.1": (COLUMNS_OF_1_0, ADDED_IN_1_1),
        "FOCUS 1.2": (COLUMNS_OF_1_0, ADDED_IN_1_1, ADDED_IN_1_2, AWS_ADDS_TO_1_2),
    }.items()
}

LAYOUTS = ("CUR 1", "CUR 1 of Athena", "CUR 2.0", "CUR 2.0 as CSV", *FOCUS_VERSIONS)


def line_item(charge: Charge) -> dict[str, str]:
    """Return the charge as CUR 1 documents it, all columns."""
    return {
        "bill/PayerAccountId": "111111111111",
        "bill/BillingPeriodStartDate": "2026-03-01T00:00:00.000Z",
        "lineItem/UsageAccountId": charge.account,
        "lineItem/LineItemType": charge.kind,
        "lineItem/UsageStartDate": f"2026-03-{charge.day:02}T05:00:00.000Z",
        "lineItem/UsageEndDate": f"2026-03-{charge.day:02}T06:00:00.000Z",
        "lineItem/ProductCode": charge.service[1],
        "lineItem/CurrencyCode": "USD",
        "lineItem/UnblendedCost": charge.unblended,
        "lineItem/UsageType": charge.meter,
        "lineItem/UsageAmount": charge.quantity,
        "lineItem/LineItemDescription": f"{charge.kind} of {charge.service[0]}",
        "lineItem/ResourceId": charge.resource,
        "product/ProductName": charge.service[0],
        "product/region": charge.region,
        "product/sku": "",
        "pricing/unit": charge.unit,
        "resourceTags/user:Project": charge.project,
        **dict.fromkeys(COMMITMENT_COLUMNS, ""),
        **charge.commitment,
    }


def focus_rows(charge: Charge, version: str) -> list[dict[str, str]]:
    """Return the charge as FOCUS rows with all columns of ``version``."""
    rows = []
    for category, billed, effective, quantity, status in charge.focus:
        row = {
            "ProviderName": "AWS",
            "BillingAccountId": "111111111111",
            "SubAccountId": charge.account,
            "BillingCurrency": "USD",
            "BillingPeriodStart": "2026-03-01T00:00:00.000Z",
            "ChargePeriodStart": f"2026-03-{charge.day:02}T05:00:00.000Z",
            "ChargePeriodEnd": f"2026-03-{charge.day:02}T06:00:00.000Z",
            "ChargeCategory": category,
            "ChargeDescription": f"{charge.kind} of {charge.service[0]}",
            "ServiceName": charge.service[0],
            "RegionId": charge.region,
            "SkuMeter": charge.meter,
            "x_UsageType": charge.meter,
            "ResourceId": charge.resource,
            "PricingQuantity": quantity,
            "PricingUnit": charge.unit,
            "BilledCost": billed,
            "EffectiveCost": effective,
            "CommitmentDiscountStatus": status,
            "Tags": json.dumps({"Project": charge.project} if charge.project else {}),
        }
        rows.append({name: row.get(name, "") for name in FOCUS_VERSIONS[version]})
    return rows


def write_layout(folder: Path, charges: Sequence[Charge], layout: str) -> Path:
    """Write ``charges`` as one file of ``layout``, with the types that AWS gives its columns."""
    if layout in FOCUS_VERSIONS:
        rows = [row for charge in charges for row in focus_rows(charge, layout)]
        text = layout == "FOCUS 1.1"
        return _csv(folder, rows) if text else _parquet(folder, rows, FOCUS_MONEY, ("Tags",))
    rows = [line_item(charge) for charge in charges]
    if layout == "CUR 1":
        return _csv(folder, rows)
    rows = [{athena_name(name): value for name, value in row.items()} for row in rows]
    if layout == "CUR 1 of Athena":
        return _parquet(folder, rows, tuple(athena_name(name) for name in CUR_MONEY), ())
    rows = [_nested(row) for row in rows]
    if layout == "CUR 2.0 as CSV":
        return _csv(folder, rows)
    money = tuple(athena_name(name) for name in CUR_MONEY)
    return _parquet(folder, rows, money, ("product", "resource_tags", "cost_category", "discount"))


def _nested(row: Mapping[str, str]) -> dict[str, str]:
    """Return a line item as CUR 2.0 has it: tags and what a product is in maps, as JSON here."""
    gathered = {"product_product_name", "product_region", "resource_tags_user_project"}
    product = {"product_name": row["product_product_name"], "region": row["product_region"]}
    project = row["resource_tags_user_project"]
    return {name: value for name, value in row.items() if name not in gathered} | {
        "line_item_usage_account_name": f"account {row['line_item_usage_account_id']}",
        "product": json.dumps({key: value for key, value in product.items() if value}),
        "resource_tags": json.dumps({"user_project": project} if project else {}),
        "cost_category": "{}",
        "discount": "{}",
    }


def _csv(folder: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    file = folder / "bill.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def _parquet(
    folder: Path, rows: Sequence[Mapping[str, str]], money: tuple[str, ...], maps: tuple[str, ...]
) -> Path:
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if name in maps:
            columns[name] = _maps(values, pa.float64() if name == "discount" else pa.string())
        elif name.endswith(money):
            columns[name] = pa.array([float(value) if value else None for value in values])
        elif any(value.endswith("Z") and value[:2] == "20" for value in values):
            columns[name] = pa.array([_time(value) for value in values], pa.timestamp("ms"))
        else:
            columns[name] = pa.array([value or None for value in values], pa.string())
    file = folder / "bill.parquet"
    pq.write_table(pa.table(columns), file)
    return file


def _maps(values: Sequence[str], kind: Any) -> Any:
    return pa.array(
        [list(json.loads(value).items()) for value in values], pa.map_(pa.string(), kind)
    )


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)
