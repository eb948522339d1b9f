"""What moto holds of the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.backends import get_backend

from opslib.sandbox.estate import LAB
from opslib.sandbox.savings.balancers import make_classic_balancer
from opslib.sandbox.savings.buckets import make_bucket
from opslib.sandbox.savings.databases import make_cluster, make_database
from opslib.sandbox.savings.dynamodb import make_table
from opslib.sandbox.savings.planted import LabPlan, PlantedResource
from opslib.sandbox.savings.trails import make_trail

__all__ = ["make_lab"]

Maker = Callable[[Any, PlantedResource], None]
MAKERS: dict[str, tuple[str, Maker]] = {
    "classic_balancer": ("elb", make_classic_balancer),
    "trail": ("cloudtrail", make_trail),
    "database_cluster": ("rds", make_cluster),
    "database": ("rds", make_database),
    "bucket": ("s3", make_bucket),
    "table": ("dynamodb", make_table),
}
"""Kind to moto's name of the service, and what makes it there."""

GLOBAL = frozenset({"s3"})
"""Services of which moto holds all regions in one."""


def make_lab(plan: LabPlan) -> None:
    """Make every resource that has a maker; metrics and charges are served from the plan."""
    for planted in plan.resources:
        if planted.kind in MAKERS:
            service, make = MAKERS[planted.kind]
            where = "aws" if service in GLOBAL else planted.region
            make(get_backend(service)[LAB][where], planted)  # type: ignore[call-overload]
