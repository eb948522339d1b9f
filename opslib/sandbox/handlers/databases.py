"""RDS clusters and instances that have a server, and the secrets of their master users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from moto.backends import get_backend

from opslib.sandbox.backups import RDS_PITR_DAYS, RECOVERY_LAG
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.served_databases import (
    RESTORED_ALREADY,
    SECRET_PREFIX,
    databases_of,
    secret_arn,
)
from opslib.sandbox.source_databases import SOURCES

__all__ = [
    "delete_db_cluster",
    "delete_db_instance",
    "describe_db_clusters",
    "describe_db_instances",
    "get_secret_value",
]

ENGINE_VERSION = "18.3"
SOURCE_SETTINGS = {
    "subnet_group": "acme-data",
    "parameter_group": "acme-postgres18",
    "security_groups": ("sg-0data",),
}
DEFAULT_SETTINGS = {
    "subnet_group": "default",
    "parameter_group": "default.postgres18",
    "security_groups": ("sg-default",),
}


@op("rds", "DescribeDBClusters")
def describe_db_clusters(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer rds:DescribeDBClusters of a cluster that has a server; moto tells the others."""
    wanted = asked.get("DBClusterIdentifier")
    if wanted is None or caller.account != PRODUCTION:
        return None
    held = get_backend("rds")[caller.account][caller.region].clusters.get(wanted)
    told = _served(wanted, caller)
    if told is None or (held is None and wanted != RESTORED_ALREADY):
        return None
    cluster = {
        **told,
        "DBClusterIdentifier": wanted,
        "DBClusterArn": f"arn:aws:rds:{caller.region}:{PRODUCTION}:cluster:{wanted}",
        "Engine": "aurora-postgresql",
        "ReaderEndpoint": "127.0.0.1",
        "LatestRestorableTime": caller.scenario.epoch - RECOVERY_LAG,
        "DBClusterMembers": [
            _member(name, is_writer=not place)
            for place, name in enumerate(_members(wanted, caller))
        ],
    }
    settings = _settings(wanted, caller)
    cluster |= {
        "TagList": held.tags if held else [],
        "DBSubnetGroup": settings["subnet_group"],
        "DBClusterParameterGroup": settings["parameter_group"],
        "EarliestRestorableTime": caller.scenario.epoch - timedelta(days=RDS_PITR_DAYS),
    }
    return {"DBClusters": [cluster]}


def _settings(identifier: str, caller: Caller) -> Mapping[str, Any]:
    """Return how a database is configured: a restore as it was asked for, or as AWS does."""
    restore = databases_of(caller.scenario).restored(identifier)
    return SOURCE_SETTINGS if restore is None else {**DEFAULT_SETTINGS, **restore.settings}


def _served(identifier: str, caller: Caller) -> dict[str, Any] | None:
    """Return what clusters and instances with a server have in common."""
    served = databases_of(caller.scenario)
    restore = served.restored(identifier)
    server = served.server(identifier)
    if restore is None and server is None:
        return None
    return {
        "Endpoint": "127.0.0.1",
        "Port": server.port if server else 5432,
        "Status": restore.status if restore else "available",
        "EngineVersion": ENGINE_VERSION,
        "StorageEncrypted": True,
        "BackupRetentionPeriod": 35 if restore is None else 1,
        "DeletionProtection": restore is None,
        "VpcSecurityGroups": [
            {"VpcSecurityGroupId": group, "Status": "active"}
            for group in _settings(identifier, caller)["security_groups"]
        ],
        "MasterUserSecret": {"SecretArn": secret_arn(identifier), "SecretStatus": "active"},
    }


def _members(cluster: str, caller: Caller) -> list[str]:
    instances = get_backend("rds")[caller.account][caller.region].databases.values()
    return [i.db_instance_identifier for i in instances if i.db_cluster_identifier == cluster]


def _member(identifier: str, *, is_writer: bool) -> dict[str, Any]:
    return {"DBInstanceIdentifier": identifier, "IsClusterWriter": is_writer, "PromotionTier": 1}


@op("rds", "DescribeDBInstances")
def describe_db_instances(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer rds:DescribeDBInstances of an instance that has a server; moto tells the others."""
    wanted = asked.get("DBInstanceIdentifier")
    if wanted is None or caller.account != PRODUCTION:
        return None
    held = get_backend("rds")[caller.account][caller.region].databases.get(wanted)
    if held is None:
        return None
    told = _served(wanted, caller)
    if told is None:
        return None
    settings = _settings(wanted, caller)
    instance = {
        "DBInstanceIdentifier": wanted,
        "DBInstanceArn": f"arn:aws:rds:{caller.region}:{PRODUCTION}:db:{wanted}",
        "DBInstanceClass": held.db_instance_class,
        "Engine": held.engine,
        "EngineVersion": told["EngineVersion"],
        "DBInstanceStatus": told["Status"],
        "Endpoint": {"Address": told["Endpoint"], "Port": told["Port"]},
        "AllocatedStorage": held.allocated_storage,
        "StorageEncrypted": told["StorageEncrypted"],
        "MultiAZ": wanted in SOURCES,
        "DeletionProtection": told["DeletionProtection"],
        "BackupRetentionPeriod": told["BackupRetentionPeriod"],
        "LatestRestorableTime": caller.scenario.epoch - RECOVERY_LAG,
        "VpcSecurityGroups": told["VpcSecurityGroups"],
        "DBSubnetGroup": {"DBSubnetGroupName": settings["subnet_group"]},
        "DBParameterGroups": [
            {"DBParameterGroupName": settings["parameter_group"], "ParameterApplyStatus": "in-sync"}
        ],
        "TagList": held.tags,
    }
    return {"DBInstances": [instance]}


@op("rds", "DeleteDBCluster")
def delete_db_cluster(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer rds:DeleteDBCluster, and end the server of a restore.

    moto would keep the automated snapshots of the cluster, which AWS deletes with it.
    """
    identifier = asked["DBClusterIdentifier"]
    clusters: Any = get_backend("rds")[caller.account][caller.region]
    told = describe_db_clusters({"DBClusterIdentifier": identifier}, caller)
    if told is None or identifier in SOURCES:
        return None
    clusters.delete_db_cluster(identifier)
    for name, snapshot in list(clusters.cluster_snapshots.items()):
        of_it = snapshot.db_cluster_identifier == identifier
        if of_it and snapshot.snapshot_type == "automated":
            del clusters.cluster_snapshots[name]
    databases_of(caller.scenario).forget(identifier)
    return {"DBCluster": {**told["DBClusters"][0], "Status": "deleting"}}


@op("rds", "DeleteDBInstance")
def delete_db_instance(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer rds:DeleteDBInstance as moto does, and end the server of a restore."""
    identifier = asked["DBInstanceIdentifier"]
    instances: Any = get_backend("rds")[caller.account][caller.region]
    told = describe_db_instances({"DBInstanceIdentifier": identifier}, caller)
    if told is None or identifier in SOURCES:
        return None
    instances.delete_db_instance(identifier, skip_final_snapshot=True)
    databases_of(caller.scenario).forget(identifier)
    return {"DBInstance": {**told["DBInstances"][0], "DBInstanceStatus": "deleting"}}


@op("secretsmanager", "GetSecretValue")
def get_secret_value(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer secretsmanager:GetSecretValue of a database's master user; moto tells the others."""
    if SECRET_PREFIX not in asked["SecretId"]:
        return None
    identifier = asked["SecretId"].rpartition(SECRET_PREFIX)[2]
    text = databases_of(caller.scenario).secret(identifier)
    if text is None:
        raise AwsError(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
        )
    return {
        "ARN": secret_arn(identifier),
        "Name": f"{SECRET_PREFIX}{identifier}",
        "SecretString": text,
    }
