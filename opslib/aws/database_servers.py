"""RDS instances and Aurora clusters: where they answer, and what they are.

Source: Amazon RDS API Reference, DescribeDBClusters and DescribeDBInstances.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.errors import NotFound, ParameterError
from opslib.tables.database_servers import DATABASE_SERVERS

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["conninfo_of", "describe_server", "read_database_server"]


def read_database_server(
    reads: Reads, account: Account | None, kind: str, identifier: str, label: str
) -> pd.DataFrame:
    """Read one server; columns of `DATABASE_SERVERS`, empty where it could not be read.

    Args:
        reads: the run's context.
        account: the account that it lies in.
        kind: ``cluster`` or ``instance``.
        identifier: RDS's name of it.
        label: what coverage and evidence call it, such as ``source``.
    """
    name = account.label if account else ""
    region = reads.parameters.region
    request = ReadRequest(
        table=f"{label}: {kind}",
        asked=f"DB {kind} {identifier}",
        schema=DATABASE_SERVERS,
        account=name,
        region=region,
        arguments={"label": label},
    )

    def fetch() -> Fetched:
        client = reads.connection.client("rds", account=account)
        row = describe_server(client, kind, identifier, name)
        return Fetched(frame=pd.DataFrame([row], columns=list(DATABASE_SERVERS.columns)))

    return reads.read(request, fetch).frame


def describe_server(client: Any, kind: str, identifier: str, account: str) -> dict[str, Any]:
    """Return one server as a row of `DATABASE_SERVERS`.

    Raises:
        NotFound: there is none.
        ReadError: AWS refuses.
    """
    if kind == "cluster":
        return _cluster_row(client, identifier, account)
    return _instance_row(_described(client, "DBInstance", identifier, account))


def _described(client: Any, kind: str, identifier: str, account: str) -> dict[str, Any]:
    operation = f"Describe{kind}s"
    where = f"{account} rds:{operation} {identifier}".strip()
    ask = client.describe_db_clusters if kind == "DBCluster" else client.describe_db_instances
    with aws_faults(where):
        found: list[dict[str, Any]] = ask(**{f"{kind}Identifier": identifier})[f"{kind}s"]
    if not found:
        raise NotFound(f"there is no {kind} {identifier}", where=where)
    return found[0]


def _cluster_row(client: Any, identifier: str, account: str) -> dict[str, Any]:
    cluster = _described(client, "DBCluster", identifier, account)
    writers = [m for m in cluster.get("DBClusterMembers", []) if m.get("IsClusterWriter")]
    instance = (
        _described(client, "DBInstance", writers[0]["DBInstanceIdentifier"], account)
        if writers
        else {}
    )
    return {
        **_common(cluster),
        "Identifier": cluster["DBClusterIdentifier"],
        "Kind": "cluster",
        "Arn": cluster["DBClusterArn"],
        "InstanceClass": instance.get("DBInstanceClass", ""),
        "Endpoint": cluster.get("Endpoint", ""),
        "ReaderEndpoint": cluster.get("ReaderEndpoint") or cluster.get("Endpoint", ""),
        "Port": int(cluster.get("Port") or 0),
        "Status": _status(cluster["Status"], instance.get("DBInstanceStatus")),
        "StorageGib": None,
        "ParameterGroup": cluster.get("DBClusterParameterGroup", ""),
        "SubnetGroup": cluster.get("DBSubnetGroup", ""),
    }


def _status(cluster: str, instance: str | None) -> str:
    """Return the state of a cluster: nothing answers before its writer is available."""
    return instance if cluster == "available" and instance else cluster


def _instance_row(instance: dict[str, Any]) -> dict[str, Any]:
    endpoint = instance.get("Endpoint", {})
    groups = instance.get("DBParameterGroups") or [{}]
    return {
        **_common(instance),
        "Identifier": instance["DBInstanceIdentifier"],
        "Kind": "instance",
        "Arn": instance["DBInstanceArn"],
        "InstanceClass": instance.get("DBInstanceClass", ""),
        "Endpoint": endpoint.get("Address", ""),
        "ReaderEndpoint": endpoint.get("Address", ""),
        "Port": int(endpoint.get("Port") or 0),
        "Status": instance["DBInstanceStatus"],
        "StorageGib": float(instance.get("AllocatedStorage") or 0),
        "ParameterGroup": groups[0].get("DBParameterGroupName", ""),
        "SubnetGroup": instance.get("DBSubnetGroup", {}).get("DBSubnetGroupName", ""),
    }


def _common(described: dict[str, Any]) -> dict[str, Any]:
    groups = sorted(g["VpcSecurityGroupId"] for g in described.get("VpcSecurityGroups", []))
    return {
        "Engine": described["Engine"],
        "EngineVersion": described["EngineVersion"],
        "SecurityGroups": ",".join(groups),
        "IsMultiAz": bool(described.get("MultiAZ", False)),
        "IsEncrypted": bool(described.get("StorageEncrypted", False)),
        "IsProtected": bool(described.get("DeletionProtection", False)),
        "BackupRetentionDays": int(described.get("BackupRetentionPeriod", 0)),
        "IamAuthentication": bool(described.get("IAMDatabaseAuthenticationEnabled", False)),
    }


def conninfo_of(
    reads: Reads,
    account: Account | None,
    server: pd.DataFrame,
    secret: str,
    database: str,
    *,
    reader: bool,
) -> str:
    """Return libpq's connection string of a server; the password never leaves it.

    Args:
        reads: the run's context, which resolves the secret.
        account: the account that it lies in.
        server: from `read_database_server`.
        secret: reference to JSON with ``username`` and ``password``.
        database: name of the database.
        reader: ask the reader endpoint.

    Raises:
        NotFound: the server could not be read.
        ParameterError: the secret is not such JSON.
    """
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415  only where a database is read

    if server.empty:
        raise NotFound("the database server could not be read")
    facts = server.iloc[0]
    try:
        known = json.loads(reads.connection.secret(secret, account))
        user, password = known["username"], known["password"]
    except (ValueError, KeyError, TypeError):
        raise ParameterError(
            "the secret is not JSON with username and password", where=secret
        ) from None
    return make_conninfo(
        host=facts["ReaderEndpoint" if reader else "Endpoint"],
        port=int(facts["Port"]),
        dbname=database,
        user=user,
        password=password,
    )
