"""RDS clusters and the secrets of their master users."""

from __future__ import annotations

from typing import Any

from opslib.sandbox.clusters import SECRET_PREFIX, SERVED, Cluster, clusters_of
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError

__all__ = ["describe_db_clusters", "get_secret_value"]

ENGINE_VERSION = "18.3"


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
    """Answer secretsmanager:GetSecretValue of a cluster's master user; moto tells the others."""
    if SECRET_PREFIX not in asked["SecretId"]:
        return None
    for cluster in clusters_of(caller.scenario).values():
        if asked["SecretId"] in {cluster.secret_arn, cluster.secret_arn.rpartition(":")[2]}:
            return {
                "ARN": cluster.secret_arn,
                "Name": cluster.secret_arn.rpartition(":")[2],
                "SecretString": cluster.secret,
            }
    raise AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
