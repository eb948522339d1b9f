"""An export by the hour: what the shop uses of what commitments apply to.

It is the bill of the accounts that run the shop, each day of a meter spread over its hours: use of
computers follows the day by as much as the seed says, nodes of databases run through. A charge that
no commitment applies to stands beside, so that an hour without use is still an hour of the bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from opslib.sandbox.commitments import HOURS
from opslib.sandbox.estate import ACCOUNTS, EC2, ECS, PAYER, RDS, VPC, hash_text
from opslib.sandbox.export import ExportPeriod, file_name, parquet_file

__all__ = ["HOURLY_PREFIX", "hourly_periods", "hourly_rows"]

HOURLY_PREFIX = "hourly"
METERS: Mapping[str, tuple[str, ...]] = {
    EC2: ("BoxUsage:",),
    ECS: ("Fargate-",),
    "AWS Lambda": ("Lambda-GB-Second",),
    RDS: ("InstanceUsage:",),
    "Amazon ElastiCache": ("NodeUsage:",),
    "Amazon Redshift": ("Node:",),
    "Amazon OpenSearch Service": ("ESInstance:",),
    VPC: ("NatGateway-Hours",),
}
OPERATIONS = {EC2: "RunInstances", ECS: "FargateTask", "AWS Lambda": "Invoke"}
SWINGING = (EC2, "AWS Lambda")
MOST_SWING, BUSIEST_HOUR = 0.5, 14
QUANTITY_DECIMALS, COST_DECIMALS = 6, 10
KEPT_DAYS = 75
"""How long ago the export began."""
UTC_TIME = pa.timestamp("ms", tz="UTC")


def hourly_rows(bill: pd.DataFrame, seed: int, epoch: datetime) -> pd.DataFrame:
    """Return the usage of each hour of the export, by meter, account and region.

    Args:
        bill: columns of `opslib.sandbox.billing.COLUMNS`.
        seed: says how use follows the day.
        epoch: the moment that the account lives in.

    Returns:
        ``hour`` (naive UTC), ``service``, ``meter``, ``unit``, ``account``, ``region``,
        ``operation``, ``covered``, ``quantity``, ``cost`` (effective), doubles as a bill has them.
    """
    daily = _daily(bill, epoch.date() - timedelta(days=KEPT_DAYS))
    names = list(zip(daily["service"], daily["meter"], strict=True))
    shares = {name: _weights(*name, seed) for name in dict.fromkeys(names)}
    weights = np.array([shares[name] for name in names])
    quantity = np.round(daily["quantity"].to_numpy(float)[:, None] * weights, QUANTITY_DECIMALS)
    unit_cost = daily["effective"].to_numpy(float) / daily["quantity"].to_numpy(float)
    cost = np.round(quantity * unit_cost[:, None], COST_DECIMALS)
    rows = daily.loc[daily.index.repeat(HOURS)].reset_index(drop=True)
    hours = np.tile(np.arange(HOURS), len(daily))
    rows = rows.assign(
        hour=pd.to_datetime(rows["day"]) + pd.to_timedelta(hours, unit="h"),
        quantity=quantity.ravel(),
        cost=cost.ravel(),
        operation=[OPERATIONS.get(service, "") for service in rows["service"].tolist()],
    )
    past = rows["hour"] < pd.Timestamp(epoch).tz_localize(None)
    return rows[past].drop(columns=["day", "effective"]).reset_index(drop=True)


def _daily(bill: pd.DataFrame, first: date) -> pd.DataFrame:
    """Return the bill of each day, meter, account and region, as doubles."""
    metered = [
        day >= first
        and account in ACCOUNTS
        and record in {"Usage", "SavingsPlanCoveredUsage"}
        and any(part in meter for part in METERS.get(service, ()))
        for day, account, record, service, meter in zip(
            *(
                bill[name].tolist()
                for name in ("day", "account", "record_type", "service", "meter")
            ),
            strict=True,
        )
    ]
    used = bill[metered]
    used = used.assign(
        covered=used["record_type"] == "SavingsPlanCoveredUsage",
        quantity=used["quantity"].astype(float),
        effective=used["effective"].astype(float),
    )
    keys = ["day", "service", "meter", "unit", "account", "region", "covered"]
    summed = used.groupby(keys, sort=True)[["quantity", "effective"]].sum().reset_index()
    return summed[summed["quantity"] > 0].reset_index(drop=True)


def _weights(service: str, meter: str, seed: int) -> npt.NDArray[np.float64]:
    """Return the share of a day that each of its hours uses."""
    chance = np.random.default_rng([seed, hash_text(f"hours of {meter}")])
    swing = float(chance.uniform(0, MOST_SWING)) if service in SWINGING else 0.0
    turned = 2 * np.pi * (np.arange(HOURS) - BUSIEST_HOUR) / HOURS
    shares: npt.NDArray[np.float64] = (1 + swing * np.cos(turned)) / HOURS
    return shares


def hourly_periods(bill: pd.DataFrame, seed: int, epoch: datetime) -> tuple[ExportPeriod, ...]:
    """Return what the hourly export holds of each billing period; one file each."""
    if bill.empty:
        return ()
    rows = hourly_rows(bill, seed, epoch)
    months = rows["hour"].dt.to_period("M")
    return tuple(
        ExportPeriod(
            month=month.to_timestamp().date(),
            files={file_name(1): parquet_file(_focus(part, month.to_timestamp().date()))},
        )
        for month, part in rows.groupby(months)
    )


def _focus(rows: pd.DataFrame, month: date) -> pa.Table:
    """Return hours in the columns of FOCUS 1.0, those of AWS's own too."""
    size = len(rows)
    next_month = (month + timedelta(days=32)).replace(day=1)
    cost = rows["cost"].to_numpy(float)
    start = rows["hour"].to_numpy("datetime64[ms]")
    return pa.table(
        {
            "BilledCost": np.where(rows["covered"].to_numpy(bool), 0.0, cost),
            "BillingAccountId": _repeated(PAYER, size),
            "BillingCurrency": _repeated("USD", size),
            "BillingPeriodEnd": _time(np.full(size, np.datetime64(next_month, "ms"))),
            "BillingPeriodStart": _time(np.full(size, np.datetime64(month, "ms"))),
            "ChargeCategory": _repeated("Usage", size),
            "ChargePeriodEnd": _time(
                (rows["hour"] + pd.Timedelta(hours=1)).to_numpy("datetime64[ms]")
            ),
            "ChargePeriodStart": _time(start),
            "EffectiveCost": cost,
            "PricingQuantity": rows["quantity"].to_numpy(float),
            "PricingUnit": _texts(rows["unit"]),
            "ProviderName": _repeated("AWS", size),
            "RegionId": _texts(rows["region"]),
            "ServiceName": _texts(rows["service"]),
            "SubAccountId": _texts(rows["account"]),
            "x_Operation": _texts(rows["operation"]),
            "x_UsageType": _texts(rows["meter"]),
        }
    )


def _repeated(text: str, size: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), size)


def _texts(column: pd.Series) -> pa.Array:
    return pa.array([text or None for text in column.tolist()], pa.string())


def _time(moments: npt.NDArray[np.datetime64]) -> pa.Array:
    return pa.array(moments, pa.timestamp("ms")).cast(UTC_TIME)
