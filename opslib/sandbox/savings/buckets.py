"""Buckets without lifecycle rules that nobody reads, and some that only look like it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from opslib.sandbox.estate import EAST, S3
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, LabMetric, PlantedResource

__all__ = ["WATCHED", "make_bucket", "plan_buckets"]

WATCHED = "EntireBucket"
"""Id of the configuration that counts a bucket's requests."""
PRICE, GIB, MEAN_BYTES = "0.023", 1024**3, 4 * 1024**2
HOURS_KEPT = 30 * 24
CHEAPER = 1 - Decimal("0.0125") / Decimal("0.023")
MONITORING = Decimal("0.0000025")
RULE = {"ID": "away", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": "90"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bucket:
    """A bucket: its GiB and objects, and what is asked of it in an hour.

    Args:
        name: of the bucket.
        gib: in storage class Standard.
        objects: how many.
        reads: GET requests an hour; None where requests are not counted.
        uploaded: bytes an hour.
        has_rule: whether a lifecycle rule deletes what is old.
    """

    name: str
    gib: int
    objects: int
    reads: int | None = 0
    uploaded: int = 0
    has_rule: bool = False


def plan_buckets(draw: Draw) -> Iterator[PlantedResource]:
    """Yield buckets that nobody reads where waste is planted, and what only looks like it.

    The latter: read, with a lifecycle rule, of small objects, uncounted, and too young.
    """
    mark = draw.number(1000, 9999)

    def bucket(what: str, *, grain: int = MEAN_BYTES, **known: Any) -> _Bucket:
        gib = draw.number(800, 6000)
        return _Bucket(name=f"acme-lab-{what}-{mark}", gib=gib, objects=gib * GIB // grain, **known)

    if draw.wasteful:
        yield _plant(draw, bucket("old-exports"), wasted=True)
        yield _plant(draw, bucket("archive", uploaded=draw.number(1, 200) * 1024**2), wasted=True)
    yield _plant(draw, bucket("assets", reads=draw.number(1, 4000)))
    yield _plant(draw, bucket("tidied", has_rule=True))
    yield _plant(draw, bucket("thumbnails", grain=20_000))
    yield _plant(draw, bucket("uncounted", reads=None))
    yield _plant(draw, bucket("fresh"), is_young=True)


def _plant(
    draw: Draw, bucket: _Bucket, *, wasted: bool = False, is_young: bool = False
) -> PlantedResource:
    charge = FlatCharge(
        service=S3,
        meter="TimedStorage-ByteHrs",
        unit="GB-Mo",
        price=PRICE,
        daily=round(bucket.gib / 30, 6),
    )
    return PlantedResource(
        kind="bucket",
        id=bucket.name,
        created=draw.young() if is_young else draw.old(),
        region=EAST,
        charges=() if is_young else (charge,),
        metrics=tuple(_metrics(bucket)),
        tags=draw.tags(bucket.name),
        details={"is_counted": bucket.reads is not None, "has_rule": bucket.has_rule},
        wasted="bucket_without_lifecycle" if wasted else "",
        saving=_saving(bucket, charge.monthly) if wasted else None,
    )


def _saving(bucket: _Bucket, cost: Decimal) -> Decimal:
    """Return what the tier saves of what was there thirty days ago, without its fee."""
    young = Decimal(bucket.uploaded * HOURS_KEPT) / (bucket.gib * GIB)
    return cost * (1 - young) * CHEAPER - bucket.objects * MONITORING


def _metrics(bucket: _Bucket) -> Iterator[LabMetric]:
    name = ("BucketName", bucket.name)
    stored = {
        "BucketSizeBytes": ("StandardStorage", bucket.gib * GIB, "Bytes"),
        "NumberOfObjects": ("AllStorageTypes", bucket.objects, "Count"),
    }
    for metric, (kind, value, unit) in stored.items():
        dimensions = (name, ("StorageType", kind))
        yield _metric(metric, dimensions, value, unit)
    if bucket.reads is None:
        return
    counted = {"AllRequests": bucket.reads + 1}
    counted |= {"GetRequests": bucket.reads} if bucket.reads else {}
    counted |= {"BytesUploaded": bucket.uploaded} if bucket.uploaded else {}
    for metric, value in counted.items():
        unit = "Bytes" if metric == "BytesUploaded" else "Count"
        yield _metric(metric, (name, ("FilterId", WATCHED)), value, unit)


def _metric(
    name: str, dimensions: tuple[tuple[str, str], ...], hourly: int, unit: str
) -> LabMetric:
    return LabMetric(
        namespace="AWS/S3", name=name, dimensions=dimensions, hourly=float(hourly), unit=unit
    )


def make_bucket(backend: Any, planted: PlantedResource) -> None:
    """Make a bucket in moto's S3, with its rule and tags."""
    backend.create_bucket(planted.id, planted.region).creation_date = planted.created
    backend.put_bucket_tagging(planted.id, dict(planted.tags))
    if planted.details["has_rule"]:
        backend.put_bucket_lifecycle(planted.id, [dict(RULE)])
