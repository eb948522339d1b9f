"""RDS instances and Aurora clusters, as they are read."""

from __future__ import annotations

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CONFIGURATION", "DATABASE_SERVERS"]

DATABASE_SERVERS = pa.DataFrameSchema(
    {
        "Identifier": column(str),
        "Kind": column(str),
        "Arn": column(str),
        "Engine": column(str),
        "EngineVersion": column(str),
        "InstanceClass": column(str),
        "Endpoint": column(str),
        "ReaderEndpoint": column(str),
        "Port": column(int),
        "Status": column(str),
        "StorageGib": column(float, nullable=True),
        "ParameterGroup": column(str),
        "SubnetGroup": column(str),
        "SecurityGroups": column(str),
        "IsMultiAz": column(bool),
        "IsEncrypted": column(bool),
        "IsProtected": column(bool),
        "BackupRetentionDays": column(int),
        "IamAuthentication": column(bool),
    },
    unique=["Identifier"],
)
"""One row a server. Kind is cluster or instance; InstanceClass is of the writer, '' for a cluster
without instances; SecurityGroups is sorted and joined by commas; IsProtected is deletion
protection. StorageGib is null where AWS does not tell it: Aurora's grows by itself."""

CONFIGURATION = pa.DataFrameSchema(
    {
        "Setting": column(str),
        "Source": column(str),
        "Restored": column(str),
        "Judgement": column(str),
    },
    unique=["Setting"],
)
"""One row a setting of the restored server. Judgement is ``as the source``, ``as asked``,
``left off`` (of no use to a copy that is torn down) or ``differs``."""
