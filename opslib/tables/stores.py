"""What is read of DynamoDB tables, buckets and file systems: digests, settings and manifests."""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["ITEM_DIGESTS", "OBJECT_BYTES", "OBJECT_VERSIONS", "TABLE_SETTINGS", "TREE_ENTRIES"]

ITEM_DIGESTS = pa.DataFrameSchema(
    {"Unit": column(str), "Items": column(int), "Digest": column(str)},
)
"""One row an item, or one a bucket of items where a table is too large for that: the hash of the
item's key or its first four digits, the number of items, and the sum of their digests (see
`opslib.databases.item_digests`), all in hexadecimal. Units repeat only where a restored table has
another key than its source."""

TABLE_SETTINGS = pa.DataFrameSchema(
    {
        "Setting": column(str),
        "Name": column(str),
        "Value": column(str),
        "Problem": column(str),
    },
    unique=["Setting", "Name"],
)
"""One row a setting that is made, its value as JSON. Name tells those of one kind apart (the key of
a tag, the name of an index), '' where there is but one. A kind that could not be read has one row,
whose Problem says why."""

OBJECT_VERSIONS = pa.DataFrameSchema(
    {
        "Key": column(str),
        "VersionId": column(str),
        "IsLatest": column(bool),
        "IsDeleteMarker": column(bool),
        "ModifiedAt": column(datetime),
        "Size": column(int),
        "ETag": column(str),
        "IsLookedAt": column(bool),
        "Encryption": column(str),
        "Digests": column(str),
        "Metadata": column(str),
        "ReplicationStatus": column(str),
        "Problem": column(str),
    },
    unique=["Key", "VersionId"],
)
"""One row a version or delete marker. Key is a hash. What stands after IsLookedAt was asked version
by version and is '' where it was not, or is not there: server-side encryption; what is known of the
content, as JSON of algorithm to digest (``MD5``, ``SHA256``, ``CRC64NVME``; of a digest of digests
of parts the algorithm ends with their number, ``MD5-3``); hash of content type, user metadata and
the like; Problem says why a version could not be looked at."""

OBJECT_BYTES = pa.DataFrameSchema(
    {
        "Key": column(str),
        "VersionId": column(str),
        "Digests": column(str),
        "Problem": column(str),
    },
    unique=["Key", "VersionId"],
)
"""One row a version whose bytes were read: its digests, or why they could not be read."""

TREE_ENTRIES = pa.DataFrameSchema(
    {
        "Path": column(str),
        "Kind": column(str),
        "Size": column(int),
        "Mode": column(str),
        "Owner": column(str),
        "ModifiedSecond": column(int),
        "Content": column(str),
        "Problem": column(str),
    },
    unique=["Path"],
)
"""One row an entry of a tree. Path is a hash of the path from the root. Kind is file, directory,
symlink, fifo, socket or device; Mode octal; Owner ``uid:gid``; Content the SHA-256 of a file's
bytes, or of a symlink's target; Problem says why an entry could not be read."""
