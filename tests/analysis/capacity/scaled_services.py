"""What scales, as tests of scaling settings make it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np

from opslib.analysis.capacity.demand.models import learn_demand
from opslib.analysis.capacity.scaling.proposals import ScalingProposal
from opslib.analysis.capacity.scaling.settings import propose_settings
from opslib.tables.capacity import CapacityTables
from tests.analysis.capacity.estates import parameters
from tests.analysis.capacity.scaled import (
    history,
    limit_row,
    resource_row,
    scaled_estate,
    series_row,
    target_row,
)

DAY = 288
FARGATE = [
    {"Region": "us-east-1", "SkuMeter": name, "Price": Decimal(price), "Unit": "hours"}
    for name, price in (
        ("USE1-Fargate-vCPU-Hours:perCPU", "0.04"),
        ("USE1-Fargate-GB-Hours", "0.004"),
        ("USE1-Fargate-ARM-vCPU-Hours:perCPU", "0.03"),
    )
]
TASK = json.dumps({"task_cpu": 0.5, "task_memory_mib": 1024, "launch_type": "FARGATE"})


def waves(days: int, low: float, high: float) -> np.ndarray:
    """Return load between two levels, one wave a day."""
    wave = (1 - np.cos(2 * np.pi * np.arange(days * DAY) / DAY)) / 2
    return low + (high - low) * wave


def api(load: np.ndarray, *, low: float = 2, high: float = 10, **more: Any) -> CapacityTables:
    """Return a service of ten running tasks that carries a load, in tasks."""
    ran = more.pop("ran", 10.0)
    return scaled_estate(
        resources=[resource_row("api", **{"Settings": TASK, **more.pop("resource", {})})],
        series=[series_row("api", "CPU"), series_row("api", "tasks", "units")],
        targets=[target_row("api", low, high, **more.pop("target", {}))],
        prices=more.pop("prices", FARGATE),
        usage={
            "api/CPU": history(np.minimum(load / ran * 100, 100)),
            "api/tasks": history(np.full_like(load, ran)),
        },
    )


def proposed(tables: CapacityTables, **chosen: Any) -> ScalingProposal:
    peaks = chosen.pop("peaks", {})
    asked = parameters(scaling_grid=chosen)
    (proposal,) = propose_settings(tables, asked, learn_demand(tables, asked), peaks)
    return proposal


def database(acus: np.ndarray, high: float = 8) -> CapacityTables:
    return scaled_estate(
        resources=[resource_row("orders", "aurora")],
        limits=[limit_row("orders", "ACU", "orders/ACU", high)],
        series=[series_row("orders", "ACU", Unit="ACU")],
        targets=[
            target_row("orders", 1, high, Dimension="rds:cluster:acu", Metric="", Target=None)
        ],
        usage={"orders/ACU": history(acus)},
    )


def table(consumed: np.ndarray, provisioned: float, throttles: np.ndarray) -> CapacityTables:
    return scaled_estate(
        resources=[resource_row("orders", "dynamodb")],
        limits=[limit_row("orders", "read capacity", "orders/read capacity", 100)],
        series=[
            series_row("orders", "read capacity", Unit="units/s", IsRate=True),
            series_row("orders", "provisioned read capacity", "units"),
            series_row("orders", "read throttles", "throttles"),
        ],
        targets=[
            target_row(
                "orders",
                10,
                100,
                Dimension="dynamodb:table:ReadCapacityUnits",
                Metric="DynamoDBReadCapacityUtilization",
                Target=70.0,
            )
        ],
        usage={
            "orders/read capacity": history(consumed),
            "orders/provisioned read capacity": history(np.full_like(consumed, provisioned)),
            "orders/read throttles": history(throttles),
        },
    )


def deployment(load: np.ndarray, pods: np.ndarray) -> CapacityTables:
    return scaled_estate(
        resources=[resource_row("main/shop/web", "eks")],
        series=[series_row("main/shop/web", "CPU"), series_row("main/shop/web", "pods", "units")],
        usage={
            "main/shop/web/CPU": history(load / pods * 100),
            "main/shop/web/pods": history(pods),
        },
    )
