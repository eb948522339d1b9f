"""RDS and Aurora clusters, as they are read."""

from __future__ import annotations

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CLUSTERS"]

CLUSTERS = pa.DataFrameSchema(
    {
        "Cluster": column(str),
        "Engine": column(str),
        "EngineVersion": column(str),
        "Endpoint": column(str),
        "ReaderEndpoint": column(str),
        "Port": column(int),
        "Status": column(str),
        "Encrypted": column(bool),
        "DeletionProtection": column(bool),
        "BackupRetentionDays": column(int),
    },
    unique=["Cluster"],
)
"""One row a cluster."""
