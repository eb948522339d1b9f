"""RDS and Aurora clusters: where they answer, and what they are.

Source: Amazon RDS API Reference, DescribeDBClusters.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.errors import NotFound, ParameterError
from opslib.tables.clusters import CLUSTERS

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["conninfo_of", "read_cluster"]


def read_cluster(reads: Reads, account: Account | None, identifier: str) -> pd.DataFrame:
    """Read one cluster; columns of `CLUSTERS`, empty where it could not be read."""
    label = account.label if account else ""
    request = ReadRequest(
        table=f"cluster {identifier}",
        asked=f"DB cluster {identifier}",
        schema=CLUSTERS,
        account=label,
        region=reads.parameters.region,
        arguments={"cluster": identifier},
    )

    def fetch() -> Fetched:
        client = reads.connection.client("rds", account=account)
        where = f"{label} rds:DescribeDBClusters {identifier}".strip()
        with aws_faults(where):
            found = client.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
        if not found:
            raise NotFound(f"there is no cluster {identifier}", where=where)
        row = _cluster_row(found[0])
        return Fetched(frame=pd.DataFrame([row], columns=list(CLUSTERS.columns)))

    return reads.read(request, fetch).frame


def _cluster_row(cluster: dict[str, Any]) -> tuple[Any, ...]:
    return (
        cluster["DBClusterIdentifier"],
        cluster["Engine"],
        cluster["EngineVersion"],
        cluster["Endpoint"],
        cluster.get("ReaderEndpoint") or cluster["Endpoint"],
        int(cluster["Port"]),
        cluster["Status"],
        bool(cluster.get("StorageEncrypted", False)),
        bool(cluster.get("DeletionProtection", False)),
        int(cluster.get("BackupRetentionPeriod", 0)),
    )


def conninfo_of(
    reads: Reads,
    account: Account | None,
    cluster: pd.DataFrame,
    secret: str,
    database: str,
    *,
    reader: bool,
) -> str:
    """Return libpq's connection string of a cluster; the password never leaves it.

    Args:
        reads: the run's context, which resolves the secret.
        account: the account that it lies in.
        cluster: from `read_cluster`.
        secret: reference to JSON with ``username`` and ``password``.
        database: name of the database.
        reader: ask the reader endpoint.

    Raises:
        NotFound: the cluster could not be read.
        ParameterError: the secret is not such JSON.
    """
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415  only where a database is read

    if cluster.empty:
        raise NotFound("the cluster could not be read")
    facts = cluster.iloc[0]
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
