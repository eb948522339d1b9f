"""A FOCUS export of any size for the benchmark of the bill: the same rows on every machine.

Forty columns as AWS exports them, hourly rows of 92 days, a Parquet file a billing period: 60
services, 800 meters, 40 accounts, 12 regions and none, 200,000 resources of which a quarter of a
day's are new on that day, three tags of which a tenth of the resources have none. Costs are doubles
of ten decimals, as in AWS's files, or DECIMAL(38, 18).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["DAYS", "write_export"]

DAYS = tuple(date(2026, 1, 1) + timedelta(days=number) for number in range(92))
HOURS, RESOURCES, METERS, SERVICES, ACCOUNTS, REGIONS = 24, 200_000, 800, 60, 40, 12
NO_RESOURCE, TAX, CREDIT, PURCHASE = 790, 799, 798, 797
"""Meters from here on name no resource; three of them are no usage."""
COMMITTED = 17
MONEY = pa.decimal128(38, 18)
Codes = np.ndarray[tuple[int], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


def write_export(folder: Path, rows: int, *, exact: bool = False, computers: bool = False) -> None:
    """Write about ``rows`` charges below ``folder``, an equal number on each day.

    Args:
        folder: gets a folder ``BILLING_PERIOD=2026-01`` and so on.
        rows: how many.
        exact: write money as DECIMAL and not as doubles.
        computers: name one service of sixty EC2, so that commitments apply to its usage.
    """
    texts, tags = _texts() | (_computers() if computers else {}), _tags()
    writers: dict[str, pq.ParquetWriter] = {}
    for number, day in enumerate(DAYS):
        table = _day(number, rows // len(DAYS) // HOURS, texts, tags, exact=exact)
        period = f"{day:%Y-%m}"
        if period not in writers:
            place = folder / f"BILLING_PERIOD={period}"
            place.mkdir(parents=True)
            # Without Arrow's own schema, so that readers see text and no dictionaries.
            file = place / "export-00001.snappy.parquet"
            writers[period] = pq.ParquetWriter(file, table.schema, store_schema=False)
        writers[period].write_table(table)
    for writer in writers.values():
        writer.close()


def _texts() -> dict[str, pa.Array]:
    """Return the values of the columns of text, by what numbers them."""
    meters, accounts = range(METERS), range(ACCOUNTS)
    return {
        "meter": pa.array([f"Region{m % REGIONS}-Usage:type{m}" for m in meters]),
        "sku": pa.array([f"SKU{m:08d}" for m in meters]),
        "description": pa.array([f"{_price(m)} USD per unit of type{m}" for m in meters]),
        "unit": pa.array([f"unit{m % 7}" for m in meters]),
        "category": pa.array(
            [{TAX: "Tax", CREDIT: "Credit", PURCHASE: "Purchase"}.get(m, "Usage") for m in meters]
        ),
        "frequency": pa.array(["Recurring" if m == PURCHASE else "Usage-Based" for m in meters]),
        "service": pa.array([f"Amazon Service {m % SERVICES}" for m in meters]),
        "service category": pa.array([f"Category {m % SERVICES % 8}" for m in meters]),
        "commitment": pa.array(
            [None if m % COMMITTED else f"arn:aws:savingsplans::1:savingsplan/{m}" for m in meters]
        ),
        "account": pa.array([str(200_000_000_000 + a) for a in accounts]),
        "account name": pa.array([f"account {a}" for a in accounts]),
        "region": pa.array([*(f"eu-west-{r}" for r in range(REGIONS)), None]),
        "resource": pa.array(
            [f"arn:aws:ec2:{200_000_000_000 + r % ACCOUNTS}:instance/i-{r:017x}"
             for r in range(RESOURCES)]
        ),
    }  # fmt: skip


def _computers() -> dict[str, pa.Array]:
    """Return the names of meters and services of which some are computers'."""
    service, meter = [], []
    for m in range(METERS):
        is_computer = m % SERVICES == 0
        service.append(
            "Amazon Elastic Compute Cloud" if is_computer else f"Amazon Service {m % SERVICES}"
        )
        size = f"m{5 + m // SERVICES % 3}i.{2 + m // SERVICES}xlarge"
        meter.append(f"BoxUsage:{size}" if is_computer else f"Region{m % REGIONS}-Usage:type{m}")
    return {"service": pa.array(service), "meter": pa.array(meter)}


def _tags() -> pa.Array:
    told = [
        []
        if r % 10 == 0
        else [("Project", f"p{r % 50}")]
        if r % 10 == 1
        else [("Environment", f"e{r % 4}"), ("Project", f"p{r % 50}"), ("Owner", f"t{r % 30}")]
        for r in range(RESOURCES)
    ]
    return pa.array(told, pa.map_(pa.string(), pa.string()))


def _price(meter: int) -> float:
    return (1 + meter * 7919 % 9999) / 10_000


def _day(
    number: int, series: int, texts: dict[str, pa.Array], tags: pa.Array, *, exact: bool
) -> pa.Table:
    """Return one day's charges: 24 hours of each of ``series`` resources and meters."""
    one = np.arange(series, dtype=np.int64)
    fresh = one % 4 == 0
    resource = np.tile((one * 7_919 + np.where(fresh, number * 104_729, 0)) % RESOURCES, HOURS)
    meter = (resource * 31 + np.tile(one, HOURS) * 17) % METERS
    named = {
        **dict.fromkeys(
            ("meter", "sku", "description", "unit", "category", "frequency", "service",
             "service category", "commitment"), meter),
        **dict.fromkeys(("account", "account name"), resource % ACCOUNTS),
        "region": resource // ACCOUNTS % (REGIONS + 1),
    }  # fmt: skip
    told = {name: _chosen(codes, texts[name]) for name, codes in named.items()}
    of_resource = pa.array(resource, mask=meter >= NO_RESOURCE)
    told["resource"] = texts["resource"].take(of_resource)  # few of all: no dictionary of them
    hour = np.repeat(np.arange(HOURS, dtype=np.int64), series)
    return _focus(number, hour, meter, told, tags.take(pa.array(resource)), exact=exact)


def _chosen(codes: Codes, values: pa.Array, without: Mask | None = None) -> pa.Array:
    """Return the values that ``codes`` number; null where they are, and where told so."""
    absent = values.is_null().to_numpy(zero_copy_only=False)[codes]
    absent = absent if without is None else absent | without
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype("int32"), mask=absent), values.fill_null("")
    )


def _focus(
    number: int,
    hour: Codes,
    meter: Codes,
    told: dict[str, pa.Array],
    tags: pa.Array,
    *,
    exact: bool,
) -> pa.Table:
    size, day = len(hour), DAYS[number]
    random = np.random.default_rng(number)
    quantity = np.where(meter % 3 == 0, 1.0, random.integers(1, 100_000, size) / 1000)
    price = (1 + meter * 7919 % 9999) / 10_000
    cost = np.round(quantity * price, 10)
    effective = np.round(np.where(meter % COMMITTED, cost, cost * 0.72), 10)
    midnight = np.datetime64(day, "ms")
    start = midnight + hour * np.timedelta64(3_600_000, "ms")
    month = day.replace(day=1)
    next_month = (month + timedelta(days=32)).replace(day=1)

    def money(values: np.ndarray) -> pa.Array:
        # By fifteen digits, which every double of ten decimals has: Arrow rounds in binary.
        return (
            pa.array(values).cast(pa.decimal128(17, 10)).cast(MONEY) if exact else pa.array(values)
        )

    def same(text: str | None) -> pa.Array:
        return _chosen(np.zeros(size, np.int64), pa.array([text], pa.string()))

    def moment(at: date) -> pa.Array:
        return pa.array(np.full(size, np.datetime64(at, "ms"))).cast(pa.timestamp("ms", "UTC"))

    committed = meter % COMMITTED == 0

    def if_committed(text: str) -> pa.Array:
        return _chosen(np.zeros(size, np.int64), pa.array([text]), ~committed)

    return pa.table(
        {
            "BilledCost": money(cost),
            "BillingAccountId": same("100000000000"),
            "BillingAccountName": same("payer"),
            "BillingCurrency": same("USD"),
            "BillingPeriodEnd": moment(next_month),
            "BillingPeriodStart": moment(month),
            "ChargeCategory": told["category"],
            "ChargeClass": same(None),
            "ChargeDescription": told["description"],
            "ChargeFrequency": told["frequency"],
            "ChargePeriodEnd": pa.array(start + np.timedelta64(1, "h")).cast(
                pa.timestamp("ms", "UTC")
            ),
            "ChargePeriodStart": pa.array(start).cast(pa.timestamp("ms", "UTC")),
            "CommitmentDiscountCategory": if_committed("Spend"),
            "CommitmentDiscountId": told["commitment"],
            "CommitmentDiscountName": same(None),
            "CommitmentDiscountStatus": if_committed("Used"),
            "CommitmentDiscountType": if_committed("Compute Savings Plans"),
            "ConsumedQuantity": pa.array(quantity),
            "ConsumedUnit": told["unit"],
            "ContractedCost": money(cost),
            "ContractedUnitPrice": pa.array(price),
            "EffectiveCost": money(effective),
            "InvoiceIssuerName": same("Amazon Web Services, Inc."),
            "ListCost": money(cost),
            "ListUnitPrice": pa.array(price),
            "PricingCategory": same("Standard"),
            "PricingQuantity": pa.array(quantity),
            "PricingUnit": told["unit"],
            "ProviderName": same("AWS"),
            "PublisherName": same("Amazon Web Services, Inc."),
            "RegionId": told["region"],
            "RegionName": told["region"],
            "ResourceId": told["resource"],
            "ServiceCategory": told["service category"],
            "ServiceName": told["service"],
            "SkuId": told["sku"],
            "SubAccountId": told["account"],
            "SubAccountName": told["account name"],
            "Tags": tags,
            "x_UsageType": told["meter"],
        }
    )
