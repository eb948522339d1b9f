"""What moto holds of the capacity of databases and tables."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend

from opslib.sandbox.capacity_estate import SERVERLESS, TABLES, ZONES
from opslib.sandbox.capacity_load import Grid
from opslib.sandbox.capacity_loads import ACU_RANGE
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.capacity_store_metrics import provisioned_recipes
from opslib.sandbox.estate import PRODUCTION, STAGING
from opslib.sandbox.scenario import Scenario
from opslib.sandbox.shop import REGION

__all__ = ["PARAMETER_GROUPS", "provisioned_units", "set_capacity"]

PARAMETER_GROUPS = {"ledger": "acme-postgres18", "catalog": "acme-mysql8"}
"""Parameter groups of RDS instances that somebody owns."""
FAMILIES = {"ledger": "postgres16", "catalog": "mysql8.0"}
HOUR = 3600


def provisioned_units(plan: CapacityPlan, table: str) -> tuple[int, int] | None:
    """Return the read and write capacity units that are provisioned now; None on demand."""
    spec = next((each for each in TABLES if each.name == table and each.most_read), None)
    if spec is None or plan.is_empty:
        return None
    last = Grid(plan.epoch.timestamp(), -1.0, 0.0, HOUR)
    read, write = provisioned_recipes(plan, spec)
    return int(read(last)[-1]), int(write(last)[-1])


def set_capacity(scenario: Scenario) -> None:
    """Tell moto how the databases scale, and what limits their connections."""
    databases: Any = get_backend("rds")[PRODUCTION][REGION]
    for name, group in PARAMETER_GROUPS.items():
        if name in databases.databases:
            databases.create_db_parameter_group(
                {
                    "db_parameter_group_name": group,
                    "db_parameter_group_family": FAMILIES[name],
                    "description": f"of {name}",
                }
            )
            databases.databases[name].db_parameter_group_name = group
            databases.databases[name].multi_az = True
    staging: Any = get_backend("rds")[STAGING][REGION]
    for instance in staging.databases.values():
        instance.multi_az = True
    if "orders" in databases.clusters and not scenario.capacity.is_empty:
        least, most = ACU_RANGE
        scaling = {"MinCapacity": least, "MaxCapacity": most}
        databases.clusters["orders"].serverless_v2_scaling_configuration = scaling
        _add_serverless(databases)


def _add_serverless(databases: Any) -> None:
    """Give the cluster a serverless instance beside its provisioned one."""
    made = databases.create_db_instance(
        {
            "db_instance_identifier": SERVERLESS,
            "db_cluster_identifier": "orders",
            "db_instance_class": "db.serverless",
            "engine": "aurora-postgresql",
            "tags": [],
        }
    )
    writer = databases.databases["orders-1"]
    made.created = made.instance_create_time = writer.created
    writer.availability_zone, made.availability_zone = ZONES[:2]
