"""Terraform's state in S3: the buckets and the objects, never what is in them.

Every moment is UTC; null is what was not told. Source of names: Amazon S3 API Reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["STATE_BUCKETS", "STATE_OBJECTS", "TerraformTables"]

STATE_BUCKETS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Bucket": column(str),
        "Versioning": column(str),
        "Replication": column(str),
        "Encryption": column(str),
        "IsPublicBlocked": column(bool, nullable=True),
    },
    unique=["Account", "Bucket"],
)
"""One row a bucket that holds state.

Versioning is Enabled, Suspended or Disabled. Replication is JSON text of the enabled rules, each a
prefix and the bucket that it copies to; a rule by tags is left out. Encryption is the algorithm
that new objects get, None for none. '' is what was not read. IsPublicBlocked tells whether all four
kinds of public access are blocked on the bucket itself.
"""

STATE_OBJECTS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Bucket": column(str),
        "Key": column(str),
        "Environment": column(str),
        "Layer": column(str),
        "IsExpected": column(bool),
        "Exists": column(bool),
        "ModifiedAt": column(datetime, nullable=True),
        "SizeBytes": column(float, nullable=True),
        "OldVersions": column(float, nullable=True),
        "OldestVersionAt": column(datetime, nullable=True),
        "DeletedAt": column(datetime, nullable=True),
        "LockedSince": column(datetime, nullable=True),
        "IsLockSeen": column(bool, nullable=True),
    },
    unique=["Bucket", "Key"],
)
"""One row a state, or a pattern that nothing matches.

IsExpected tells that the parameters name this one object. OldVersions counts the versions before
the newest, OldestVersionAt dates the oldest of them all, DeletedAt the deletion of a state whose
versions are still kept; null where versions were not read. LockedSince tells since when a run has
held the lock, null for none; IsLockSeen whether a lock was ever seen to be taken, null where that
could not be told.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformTables:
    """What was read of Terraform's state.

    Args:
        buckets: columns of `STATE_BUCKETS`.
        states: columns of `STATE_OBJECTS`.
    """

    buckets: pd.DataFrame
    states: pd.DataFrame
