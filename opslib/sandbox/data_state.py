"""What moto holds of the sandbox's data: databases, tables, file systems and buckets.

Dated from the epoch: creation long before it, point-in-time recovery up to five minutes before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.backends import get_backend
from moto.rds.models import DBCluster, DBInstance

from opslib.sandbox.backups import (
    COPY_REGION,
    RDS_PITR_DAYS,
    RECOVERY_LAG,
    TAG_KEY,
    TAG_VALUE,
    DataStore,
)
from opslib.sandbox.bucket_objects import fill_buckets
from opslib.sandbox.capacity_state import provisioned_units, set_capacity
from opslib.sandbox.scenario import Scenario
from opslib.sandbox.tables import make_table

__all__ = ["make_data_stores"]

VERSIONS = {"aurora-postgresql": "16.6", "postgres": "16.6", "mysql": "8.0.40"}
AGE = timedelta(days=400)


def make_data_stores(scenario: Scenario) -> None:
    """Fill moto with what holds data."""
    _date_recovery(scenario.epoch)
    for store in scenario.backups.stores:
        MAKERS[store.type](store, scenario)
        if store.type == "S3":
            fill_buckets(store, scenario)
    set_capacity(scenario)


def _date_recovery(epoch: datetime) -> None:
    """Let databases be recoverable up to the epoch: moto tells the real time."""
    latest = property(lambda _: _as_moto(epoch - RECOVERY_LAG))
    kind: Any
    for kind in (DBCluster, DBInstance):
        kind.latest_restorable_time = latest


def _tags(store: DataStore) -> list[dict[str, str]]:
    return [{"Key": TAG_KEY, "Value": TAG_VALUE}] if store.planned else []


def _make_cluster(store: DataStore, scenario: Scenario) -> None:
    epoch = scenario.epoch
    databases: Any = get_backend("rds")[store.account][store.region]
    cluster = databases.create_db_cluster(
        {
            "db_cluster_identifier": store.name,
            "engine": store.engine,
            "engine_version": VERSIONS[store.engine],
            "master_username": "owner",
            "master_user_password": "of-the-sandbox",
            "backup_retention_period": RDS_PITR_DAYS,
            "storage_encrypted": store.encrypted,
            "tags": _tags(store),
        }
    )
    cluster.status = "available"
    cluster.created = cluster.cluster_create_time = _as_moto(epoch - AGE)
    cluster.earliest_restorable_time = _as_moto(epoch - timedelta(days=RDS_PITR_DAYS))
    instance = databases.create_db_instance(
        {
            "db_instance_identifier": f"{store.name}-1",
            "db_cluster_identifier": store.name,
            "db_instance_class": "db.r6g.large",
            "engine": store.engine,
            "tags": [],
        }
    )
    instance.created = instance.instance_create_time = cluster.created


def _make_instance(store: DataStore, scenario: Scenario) -> None:
    epoch = scenario.epoch
    databases: Any = get_backend("rds")[store.account][store.region]
    instance = databases.create_db_instance(
        {
            "db_instance_identifier": store.name,
            "db_instance_class": "db.r6g.large",
            "engine": store.engine,
            "engine_version": VERSIONS[store.engine],
            "master_username": "owner",
            "master_user_password": "of-the-sandbox",
            "allocated_storage": 200,
            "backup_retention_period": RDS_PITR_DAYS,
            "storage_encrypted": store.encrypted,
            "tags": _tags(store),
        }
    )
    instance.created = instance.instance_create_time = _as_moto(epoch - AGE)


def _make_table(store: DataStore, scenario: Scenario) -> None:
    units = provisioned_units(scenario.capacity, store.name)
    make_table(store, scenario.epoch, _tags(store), units)


def _make_file_system(store: DataStore, scenario: Scenario) -> None:
    epoch = scenario.epoch
    systems: Any = get_backend("efs")[store.account][store.region]
    made = systems.create_file_system(
        creation_token=store.name,
        performance_mode="generalPurpose",
        encrypted=store.encrypted,
        kms_key_id="",
        throughput_mode="elastic",
        provisioned_throughput_in_mibps=0,
        availability_zone_name="",
        backup=False,
        tags=[],
    )
    # The id is drawn by moto, and the recovery points name it.
    del systems.file_systems_by_id[made.file_system_id]
    made.file_system_arn = store.arn
    made.file_system_id = store.name
    made.creation_time = (epoch - AGE).timestamp()
    systems.file_systems_by_id[store.name] = made
    systems.tagging_service.tag_resource(store.name, [*_tags(store)])


def _make_bucket(store: DataStore, scenario: Scenario) -> None:
    epoch = scenario.epoch
    buckets: Any = get_backend("s3")[store.account]["aws"]
    for name, region in ((store.name, store.region), (store.replica, COPY_REGION)):
        if name:
            buckets.create_bucket(name, region).creation_date = epoch - AGE
            buckets.put_bucket_versioning(name, "Enabled")
    if store.replica:
        destination = {"Bucket": f"arn:aws:s3:::{store.replica}"}
        rule = {"ID": "all", "Status": "Enabled", "Priority": 1, "Destination": destination}
        role = f"arn:aws:iam::{store.account}:role/replicate"
        buckets.put_bucket_replication(store.name, {"Role": role, "Rule": [rule]})


MAKERS: dict[str, Callable[[DataStore, Scenario], None]] = {
    "Aurora": _make_cluster,
    "RDS": _make_instance,
    "DynamoDB": _make_table,
    "EFS": _make_file_system,
    "S3": _make_bucket,
}


def _as_moto(moment: datetime) -> datetime:
    """Return a moment as moto keeps them: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
