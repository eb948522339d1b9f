"""Terraform's state in S3: how it is kept. What is in it holds secrets and is never read.

Source: Amazon S3 API Reference, ListObjectsV2, ListObjectVersions, GetBucketVersioning,
GetBucketReplication, GetBucketEncryption, GetPublicAccessBlock. HeadObject is not asked: it needs
the right to read the object. Locks: Terraform's documentation, Backend Type: s3 (``use_lockfile``
writes ``<key>.tflock``; a table of locks has items by LockID).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.details import Details
from opslib.aws.places import Place, join_parts, redacted_json, utc
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.aws.terraform_locks import read_lock
from opslib.parameters.state_patterns import StatePattern
from opslib.tables.terraform import STATE_BUCKETS, STATE_OBJECTS, TerraformTables
from opslib.wording import printable

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_terraform_states"]

LOCK = ".tflock"
ABSENT_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"
ABSENT_BLOCK = "NoSuchPublicAccessBlockConfiguration"
ABSENT_REPLICATION = "ReplicationConfigurationNotFoundError"
KINDS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

Answer = dict[str, Any]


@dataclass(slots=True)
class _History:
    """The versions of one key, as they are listed."""

    versions: list[datetime] = field(default_factory=list)
    deleted: datetime | None = None
    is_there: bool = False


def read_terraform_states(
    reads: Reads,
    account: Account | None,
    patterns: Sequence[StatePattern],
    lock_table: str = "",
) -> TerraformTables:
    """Read how the state that ``patterns`` name is kept, one bucket after the other.

    Args:
        reads: the run's context.
        account: the account whose rights are used.
        patterns: from `opslib.parameters.state_patterns.expand_patterns`; none reads nothing.
        lock_table: DynamoDB table of locks; '' where locks are files beside the state.
    """
    place = Place(reads, account, reads.parameters.region)
    by_bucket: dict[str, list[StatePattern]] = defaultdict(list)
    for pattern in patterns:
        by_bucket[pattern.bucket].append(pattern)
    names = sorted(by_bucket)
    buckets = [_read_bucket(place, name) for name in names]
    states = [_read_states(place, name, by_bucket[name], lock_table) for name in names]
    return TerraformTables(
        buckets=join_parts(buckets, STATE_BUCKETS), states=join_parts(states, STATE_OBJECTS)
    )


def _read_bucket(place: Place, name: str) -> pd.DataFrame:
    request = ReadRequest(
        table="state buckets",
        asked=f"how bucket {printable(name)} is kept",
        schema=STATE_BUCKETS,
        account=place.label,
        arguments={"bucket": name},
    )

    def fetch() -> Fetched:
        details = Details()
        return details.fetched([_bucket_row(place, name, details)], STATE_BUCKETS)

    return place.reads.read(request, fetch).frame


def _bucket_row(place: Place, name: str, details: Details) -> Answer:
    def ask(operation: str, absent: str = "") -> Answer | None:
        answer: Answer | None = details.ask(
            lambda: place.call("s3", operation, absent=absent, Bucket=name)
        )
        return answer

    versioning = ask("GetBucketVersioning")
    replication = ask("GetBucketReplication", ABSENT_REPLICATION)
    encryption = ask("GetBucketEncryption", ABSENT_ENCRYPTION)
    block = ask("GetPublicAccessBlock", ABSENT_BLOCK)
    blocked = (block or {}).get("PublicAccessBlockConfiguration", {})
    return {
        "Account": place.label,
        "Bucket": name,
        "Versioning": "" if versioning is None else versioning.get("Status", "Disabled"),
        "Replication": "" if replication is None else redacted_json(_copies(replication)),
        "Encryption": "" if encryption is None else _algorithm(encryption),
        "IsPublicBlocked": None if block is None else all(blocked.get(kind) for kind in KINDS),
    }


def _copies(replication: Answer) -> list[list[str]]:
    """Return prefix and destination of the enabled rules that ask for no tag."""
    rules = replication.get("ReplicationConfiguration", {}).get("Rules", [])
    return sorted(
        [_prefix(rule), rule["Destination"]["Bucket"]]
        for rule in rules
        if rule.get("Status") == "Enabled" and not {"Tag", "And"} & set(rule.get("Filter", {}))
    )


def _prefix(rule: Answer) -> str:
    prefix: str = rule.get("Filter", {}).get("Prefix") or rule.get("Prefix") or ""
    return prefix


def _algorithm(encryption: Answer) -> str:
    rules = encryption.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    named = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    return next((one["SSEAlgorithm"] for one in named if one.get("SSEAlgorithm")), "None")


def _read_states(
    place: Place, bucket: str, patterns: Sequence[StatePattern], lock_table: str
) -> pd.DataFrame:
    request = ReadRequest(
        table="terraform states",
        asked=f"{len(patterns)} patterns in bucket {printable(bucket)}",
        schema=STATE_OBJECTS,
        account=place.label,
        arguments={
            "bucket": bucket,
            "patterns": [[p.key, p.environment, p.layer] for p in patterns],
            "lock_table": lock_table,
        },
    )

    def fetch() -> Fetched:
        details = Details()
        prefixes = _roots([pattern.prefix for pattern in patterns])
        present = {
            item["Key"]: item
            for prefix in prefixes
            for item in place.items("s3", "ListObjectsV2", "Contents", Bucket=bucket, Prefix=prefix)
        }
        histories = details.ask(lambda: _list_versions(place, bucket, prefixes))
        rows = [
            {**row, **_told(row["Key"], present, histories)}
            for row in _match(place.label, bucket, patterns, {*present, *(histories or {})})
        ]
        if lock_table:
            rows = [{**row, **read_lock(place, lock_table, row, details)} for row in rows]
        return details.fetched(rows, STATE_OBJECTS)

    return place.reads.read(request, fetch).frame


def _roots(prefixes: Iterable[str]) -> list[str]:
    """Return the prefixes without those that another one covers."""
    roots: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not roots or not prefix.startswith(roots[-1]):
            roots.append(prefix)
    return roots


def _list_versions(place: Place, bucket: str, prefixes: Sequence[str]) -> dict[str, _History]:
    histories: dict[str, _History] = defaultdict(_History)
    for prefix in prefixes:
        asked = {"Bucket": bucket, "Prefix": prefix}
        for page in place.pages("s3", "ListObjectVersions", **asked):
            for version in page.get("Versions", []):
                history = histories[version["Key"]]
                history.versions.append(_utc(version["LastModified"]))
                history.is_there = history.is_there or bool(version.get("IsLatest"))
            for marker in page.get("DeleteMarkers", []):
                if marker.get("IsLatest"):
                    histories[marker["Key"]].deleted = _utc(marker["LastModified"])
    return dict(histories)


def _match(
    account: str, bucket: str, patterns: Sequence[StatePattern], keys: Iterable[str]
) -> list[Answer]:
    """Return a row for each state, the first pattern's where several match; and for no match."""
    states = sorted(key for key in keys if not key.endswith(LOCK))
    rows: dict[str, Answer] = {}
    for pattern in patterns:
        named = {key: found for key in states if (found := pattern.match(key)) is not None}
        for key, (environment, layer) in (
            named or {pattern.key: (pattern.environment, pattern.layer)}
        ).items():
            row = {
                "Account": account,
                "Bucket": bucket,
                "Key": key,
                "Environment": environment,
                "Layer": layer,
                "IsExpected": pattern.is_one or not named,
            }
            rows.setdefault(key, row)
    return list(rows.values())


def _told(
    key: str, present: Mapping[str, Answer], histories: Mapping[str, _History] | None
) -> Answer:
    item = present.get(key)
    history = None if histories is None else histories.get(key, _History())
    lock = present.get(f"{key}{LOCK}")
    old = [] if history is None else history.versions
    return {
        "Exists": item is not None,
        "ModifiedAt": None if item is None else _utc(item["LastModified"]),
        "SizeBytes": None if item is None else float(item["Size"]),
        "OldVersions": None if history is None else float(len(old) - history.is_there),
        "OldestVersionAt": min(old, default=None),
        "DeletedAt": None if history is None else history.deleted,
        "LockedSince": None if lock is None else _utc(lock["LastModified"]),
        "IsLockSeen": None if histories is None else f"{key}{LOCK}" in histories,
    }


def _utc(moment: datetime) -> datetime:
    told = utc(moment)
    assert told is not None
    return told
