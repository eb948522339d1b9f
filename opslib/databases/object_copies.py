"""Reading a bucket and a copy of it for a validation, and baselines of buckets."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from opslib.aws.places import Place
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.databases.objects import ObjectLimits, read_bucket, read_object_bytes
from opslib.databases.recorded_stores import Recorder
from opslib.errors import ParameterError
from opslib.tables.baseline import write_baseline
from opslib.tables.object_versions import (
    ObjectVersion,
    are_same,
    current_objects,
    list_versions,
)
from opslib.tables.store_states import BucketState, ObjectCopyStates
from opslib.tables.stores import OBJECT_BYTES

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["capture_bucket_baseline", "read_object_validation"]

Pairs = set[tuple[str, str]]


def capture_bucket_baseline(
    reads: Reads,
    account: Account | None,
    region: str,
    bucket: str,
    folder: Path,
    *,
    prefix: str = "",
    limits: ObjectLimits | None = None,
) -> BucketState:
    """Read a bucket as it is now and keep it, to hold later restores against.

    Args:
        reads: where calls are counted.
        account: where it is; None for the account that the credentials belong to.
        region: where it is.
        bucket: its name.
        folder: that it is written to; must not exist. It may be copied to S3 as it is.
        prefix: of the keys that are read.
        limits: of what is read.

    Raises:
        ReadError: it cannot be listed; nothing is written then.
        ParameterError: the folder exists.
    """
    if folder.exists():
        raise ParameterError("there is something already", where=str(folder))
    place = Place(reads, account, region)
    state = read_bucket(place, bucket, limits or ObjectLimits(), prefix=prefix)
    write_baseline(state, folder, of=bucket)
    return state


def read_object_validation(  # noqa: PLR0913  two buckets, their places and their moment
    reads: Reads,
    account: Account | None,
    region: str,
    source_bucket: str,
    copy_bucket: str,
    baseline: str = "",
    *,
    copy_region: str = "",
    moment: datetime | None = None,
    prefix: str = "",
    limits: ObjectLimits | None = None,
) -> ObjectCopyStates:
    """Read a bucket's baseline, the bucket restored from it or its replica, and it as it is now.

    Where nothing that S3 keeps proves whether an object and its copy are the same, the bytes of
    both are read, as far as the limits go.

    Args:
        reads: the run's context; what it recorded is not read again.
        account: where both are; None for the account that the credentials belong to.
        region: of the source.
        source_bucket: name of the one that was backed up, or is replicated.
        copy_bucket: name of the one that was restored, or of the replica.
        baseline: folder or ``s3://bucket/prefix`` that `capture_bucket_baseline` wrote; '' where
            the source's own versions are to tell how it was.
        copy_region: of the copy, where it is another one.
        moment: that the copy was restored to.
        prefix: of the keys that are compared.
        limits: of what is read of each.
    """
    chosen = limits or ObjectLimits()
    here, there = Place(reads, account, region), Place(reads, account, copy_region or region)
    own, other = (
        Recorder(here, f"bucket {source_bucket}"),
        Recorder(there, f"bucket {copy_bucket}"),
    )
    before = own.recall(baseline, "baseline", "", BucketState) if baseline else None
    since = before.captured_at if before else None

    def read_copy() -> tuple[BucketState, tuple[()]]:
        return read_bucket(there, copy_bucket, chosen, prefix=prefix), ()

    def read_source() -> tuple[BucketState, tuple[()]]:
        found = read_bucket(here, source_bucket, chosen, prefix=prefix, moment=moment, since=since)
        return found, ()

    copy = other.record("copy", BucketState, read_copy, prefix=prefix)
    now = own.record(
        "source", BucketState, read_source, prefix=prefix, moment=str(moment), since=str(since)
    )
    if copy and now:
        of_source, of_copy = _undecided(before, copy, now, moment)
        now = _with_bytes(here, now, of_source, chosen)
        copy = _with_bytes(there, copy, of_copy, chosen)
    return ObjectCopyStates(
        source_bucket=source_bucket,
        copy_bucket=copy_bucket,
        moment=moment,
        has_baseline=bool(baseline),
        baseline=before,
        copy=copy,
        source=now,
        unread=(*own.unread, *other.unread),
    )


def _undecided(
    before: BucketState | None, copy: BucketState, now: BucketState, moment: datetime | None
) -> tuple[Pairs, Pairs]:
    """Return the versions of source and copy whose bytes must be read to compare them."""
    versions = list_versions(now.versions)
    wanted = [current_objects(versions)]
    wanted += [current_objects(versions, moment)] if moment else []
    kept = current_objects(list_versions(before.versions)) if before else {}
    of_source: Pairs = set()
    of_copy: Pairs = set()
    for key, found in current_objects(list_versions(copy.versions)).items():
        sources = [objects[key] for objects in wanted if key in objects]
        references = [*sources, *([kept[key]] if key in kept else [])]
        if not _is_open(found, references):
            continue
        of_copy.add((key, found.version))
        of_source |= {(key, one.version) for one in sources if are_same(one, found) is None}
    return of_source, of_copy


def _is_open(found: ObjectVersion, references: list[ObjectVersion]) -> bool:
    verdicts = {are_same(one, found) for one in references}
    return None in verdicts and True not in verdicts


def _with_bytes(
    place: Place, state: BucketState, wanted: Pairs, limits: ObjectLimits
) -> BucketState:
    """Return the state with what the bytes of some versions tell."""
    if not wanted:
        return state
    request = ReadRequest(
        table=f"bucket {state.bucket}: bytes",
        asked=f"content of {len(wanted)} objects that nothing else proves",
        schema=OBJECT_BYTES,
        account=place.label,
        region=place.region,
        arguments={"versions": sorted(wanted)},
    )

    def fetch() -> Fetched:
        found = read_object_bytes(place, state.bucket, wanted, limits, state.prefix)
        return Fetched(frame=found)

    return replace(state, versions=_add(state.versions, place.reads.read(request, fetch).frame))


def _add(versions: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    read = {
        (key, version): (told, why) for key, version, told, why in found.itertuples(index=False)
    }
    rows = versions.to_dict("records")
    for row in rows:
        told, problem = read.get((row["Key"], row["VersionId"]), ("", ""))
        if told:
            row["Digests"] = json.dumps(json.loads(row["Digests"] or "{}") | json.loads(told))
        row["Problem"] = row["Problem"] or problem
    return pd.DataFrame(rows, columns=list(versions.columns))
