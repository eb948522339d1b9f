"""RDS clusters and the secrets of their master users."""

from __future__ import annotations

from typing import Any

from opslib.databases.heartbeat_schema import HEARTBEAT_ROLE
from opslib.sandbox.clusters import (
    HEARTBEAT_SECRET,
    SECRET_PREFIX,
    SERVED,
    Cluster,
    clusters_of,
)
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError

__all__ = ["describe_db_clusters", "get_secret_value"]

ENGINE_VERSION = "18.3"
SECRET_ARN = f"arn:aws:secretsmanager:us-east-1:{PRODUCTION}:secret:"


@op("rds", "DescribeDBClusters")
def describe_db_clusters(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer rds:DescribeDBClusters of a cluster that has a server; moto tells the others."""
    wanted = asked.get("DBClusterIdentifier")
    if wanted not in SERVED:
        return None
    known = clusters_of(caller.scenario)
    if wanted not in known:
        raise AwsError("DBClusterNotFoundFault", f"DBCluster {wanted} not found.")
    return {"DBClusters": [_as_aws(known[wanted])]}


def _as_aws(cluster: Cluster) -> dict[str, Any]:
    return {
        "DBClusterIdentifier": cluster.identifier,
        "DBClusterArn": f"arn:aws:rds:us-east-1:{PRODUCTION}:cluster:{cluster.identifier}",
        "Engine": "aurora-postgresql",
        "EngineVersion": ENGINE_VERSION,
        "Endpoint": "127.0.0.1",
        "ReaderEndpoint": "127.0.0.1",
        "Port": cluster.server.port,
        "Status": "available",
        "StorageEncrypted": True,
        "DeletionProtection": cluster.identifier == "orders",
        "BackupRetentionPeriod": 35,
        "MasterUserSecret": {"SecretArn": cluster.secret_arn, "SecretStatus": "active"},
    }


@op("secretsmanager", "GetSecretValue")
def get_secret_value(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer secretsmanager:GetSecretValue of the clusters' roles; moto tells the others."""
    if SECRET_PREFIX not in asked["SecretId"]:
        return None
    name = asked["SecretId"].rpartition(":")[2]
    known = clusters_of(caller.scenario)
    secrets = {f"{SECRET_PREFIX}{cluster}": known[cluster].secret for cluster in known}
    if "orders" in known:
        secrets[HEARTBEAT_SECRET] = known["orders"].secret_of(HEARTBEAT_ROLE)
    arn = f"{SECRET_ARN}{name}"
    if name in secrets and asked["SecretId"] in {name, arn}:
        return {"ARN": arn, "Name": name, "SecretString": secrets[name]}
    raise AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
