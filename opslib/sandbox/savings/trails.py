"""Trails: one that delivers everything, some that deliver it again, and some that do not.

Price: AWS CloudTrail pricing, https://aws.amazon.com/cloudtrail/pricing/, 2 USD for 100,000 further
copies of management events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from moto.backends import get_backend

from opslib.sandbox.estate import EAST, LAB
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, PlantedResource

__all__ = ["make_trail", "plan_trails"]

DUPLICATE = "duplicate_trail"
EVENT_USD = "0.00002"
ALL_EVENTS = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
DATA_EVENTS = [
    {
        "ReadWriteType": "WriteOnly",
        "IncludeManagementEvents": False,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::acme-lab-data/"]}],
    }
]
BUCKET = "acme-lab-trails"


def plan_trails(draw: Draw) -> Iterator[PlantedResource]:
    """Yield the account's trail, and further ones; one that duplicates it where there is waste.

    What only looks so: one of data events, one that is stopped, and one started lately.
    """
    yield _trail("all-regions", EAST, draw.old(), is_multi_region=True)
    if draw.wasteful:
        again = _trail("old-siem", draw.region(), draw.old())
        copies = _copies(again.region, draw.number(80, 900))
        yield replace(again, charges=(copies,), wasted=DUPLICATE, saving=copies.monthly)
    yield _trail("objects", draw.region(), draw.old(), selectors=DATA_EVENTS)
    yield _trail("stopped", draw.region(), draw.old(), is_logging=False)
    lately = _trail("new-siem", draw.region(), draw.young())
    charges = (_copies(lately.region, draw.number(20, 60)),)
    yield replace(lately, charges=charges, first_day=lately.created.date())


def _copies(region: str, thousands: int) -> FlatCharge:
    """Return what thousands of events a day cost once more."""
    return FlatCharge(
        service="AWS CloudTrail",
        meter=f"{'USE1' if region == EAST else 'EUW1'}-PaidEventsRecorded",
        unit="Events",
        price=EVENT_USD,
        daily=1000.0 * thousands,
    )


def _trail(
    name: str,
    region: str,
    created: datetime,
    *,
    selectors: list[dict[str, Any]] = ALL_EVENTS,
    is_multi_region: bool = False,
    is_logging: bool = True,
) -> PlantedResource:
    return PlantedResource(
        kind="trail",
        id=f"arn:aws:cloudtrail:{region}:{LAB}:trail/{name}",
        created=created,
        region=region,
        charges=(),
        details={
            "name": name,
            "selectors": selectors,
            "is_multi_region": is_multi_region,
            "is_logging": is_logging,
        },
    )


def make_trail(backend: Any, planted: PlantedResource) -> None:
    """Make a trail in moto's CloudTrail of its region; its bucket is another account's.

    moto asks that the bucket be there while the trail is made.
    """
    buckets: Any = get_backend("s3")[LAB]["aws"]
    buckets.create_bucket(BUCKET, EAST)
    told: Mapping[str, Any] = planted.details
    trail = backend.create_trail(
        name=told["name"],
        bucket_name=BUCKET,
        s3_key_prefix="",
        sns_topic_name="",
        is_global=told["is_multi_region"],
        is_multi_region=told["is_multi_region"],
        log_validation=True,
        is_org_trail=False,
        cw_log_group_arn="",
        cw_role_arn="",
        kms_key_id="",
        tags_list=[],
    )
    trail.put_event_selectors(told["selectors"], [])
    buckets.delete_bucket(BUCKET)
