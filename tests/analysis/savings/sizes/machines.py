"""Instances and databases of the tests of sizes, and their use by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging
from opslib.analysis.savings.sizes import Sized, judge_sizes
from tests.analysis.savings.estates import AS_OF, DAYS, judging_of, thing

__all__ = [
    "GIB",
    "INSTANCE",
    "TYPES",
    "WINDOW",
    "database",
    "instance",
    "judge",
    "month_of",
    "of_days",
]

GIB = 2**30
INSTANCE = "i-1"
WINDOW = tuple(AS_OF.date() - timedelta(days=back) for back in range(30, 0, -1))
TYPES = pd.DataFrame(
    [
        ("m6i.large", 2.0, 8.0, 0.78, 650.0),
        ("m6i.xlarge", 4.0, 16.0, 1.56, 1250.0),
        ("m6i.2xlarge", 8.0, 32.0, 3.125, 2500.0),
        ("m6i.4xlarge", 16.0, 64.0, 6.25, 5000.0),
    ],
    columns=["InstanceType", "Vcpus", "MemoryGib", "NetworkGbps", "EbsMbps"],
)
Use = Mapping[str, Mapping[date, float]]


def of_days(value: float, *, but: Mapping[int, float] | None = None) -> dict[date, float]:
    """Return a value a day; others some days before the report's moment."""
    other = but or {}
    return {day: other.get((AS_OF.date() - day).days, value) for day in WINDOW}


def instance(size: str = "m6i.2xlarge", **facts: Any) -> Thing:
    return thing("instance", INSTANCE, **{"state": "running", "type": size, **facts})


def database(size: str = "db.m6i.2xlarge", **facts: Any) -> Thing:
    settings = {"state": "available", "class": size, "engine": "postgres", **facts}
    return thing("database", "arn:aws:rds:us-east-1:555555555555:db:ledger", **settings)


def judge(
    machine: Thing, use: Use, *, hourly: str = "0.384", more: tuple[Any, ...] = (), **values: Any
) -> tuple[Sized, Judging]:
    """Return what becomes of a machine that is charged all day, and what that was judged by."""
    size = machine.settings.get("type") or machine.settings["class"].replace("xlarge", "xl")
    meter = "BoxUsage" if machine.kind == "instance" else "InstanceUsage"
    charged = [(machine.id, f"{meter}:{size}", "24", hourly, DAYS), *more]
    told = {(machine.id, measure): daily for measure, daily in use.items()}
    judging = judging_of([machine], charged, told, **values)
    (sized,) = judge_sizes(judging, TYPES)
    return sized, judging


def month_of(hourly: str) -> Decimal:
    return Decimal(hourly) * 24 * 30
