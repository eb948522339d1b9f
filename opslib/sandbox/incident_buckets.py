"""The buckets of an incident: CloudTrail's log files, and what people recorded.

Filled when somebody first looks into them, so that a sandbox starts at once.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.backends import get_backend
from moto.s3.models import FakeBucket

from opslib.sandbox.api_calls import ApiCall, record_of
from opslib.sandbox.cloudtrail import with_others
from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.incident_records import incident_files
from opslib.sandbox.scenario import Scenario
from opslib.sandbox.shop import REGION, SHOP_ACCOUNTS, hex_id

__all__ = ["INCIDENT_BUCKET", "OWNER", "TRAIL_BUCKET", "make_incident_buckets", "trail_files"]

TRAIL_BUCKET, INCIDENT_BUCKET = "acme-cloudtrail", "acme-incidents"
OWNER = "444444444444"
"""An account of its own, that no report reads: who may change production may not change its log."""
TRAIL_DAYS = 14
AGE = timedelta(days=400)
FILE_HOURS = 2
DELIVERY = timedelta(minutes=6)
LATE = timedelta(minutes=31)
"""How long after its last record the file of the incident's hours was delivered."""
File = tuple[str, bytes, datetime]


class _LazyBucket(FakeBucket):
    """A bucket that is filled when its keys are first asked for."""

    def __init__(self, name: str, fill: Callable[[], Iterator[File]], made: datetime) -> None:
        self._fill: Callable[[], Iterator[File]] | None = None
        super().__init__(name, OWNER, REGION)
        self._fill = fill
        self.creation_date = made

    @property
    def keys(self) -> Any:
        """Return what the bucket holds."""
        if self._fill is not None:
            fill, self._fill = self._fill, None
            buckets: Any = get_backend("s3")[OWNER]["aws"]
            for key, content, at in fill():
                made = buckets.put_object(self.name, key, content, disable_notification=True)
                made.last_modified = at.astimezone(UTC).replace(tzinfo=None)
        return self._keys

    @keys.setter
    def keys(self, held: Any) -> None:
        self._keys = held


def make_incident_buckets(scenario: Scenario) -> None:
    """Make both buckets; what they hold comes when it is asked for."""
    buckets: Any = get_backend("s3")[OWNER]["aws"]
    plan, made = scenario.incident, scenario.epoch - AGE
    others = scenario.cost_calls

    def records() -> Iterator[File]:
        for key, content in incident_files(plan).items():
            yield key, content, plan.epoch - timedelta(hours=3)

    for name, fill in (
        (TRAIL_BUCKET, lambda: trail_files(plan, others)),
        (INCIDENT_BUCKET, records),
    ):
        buckets.create_bucket(name, REGION)  # which tells moto whose it is
        # What is abstract is for CloudFormation only.
        buckets.buckets[name] = _LazyBucket(name, fill, made)  # type: ignore[abstract]


def trail_files(plan: IncidentPlan, others: Sequence[ApiCall] = ()) -> Iterator[File]:
    """Yield CloudTrail's log files of the last 14 days: key, content, and when delivered.

    Args:
        plan: the days of the shop.
        others: calls that are not the shop's; the trail is of its accounts and its region.
    """
    recorded = [call for call in others if call.region == REGION]
    midnight = plan.epoch.replace(hour=0, minute=0, second=0, microsecond=0)
    for account in SHOP_ACCOUNTS:
        for back in range(TRAIL_DAYS, -1, -1):
            yield from _files_of_day(plan, account, midnight - timedelta(days=back), recorded)


def _files_of_day(
    plan: IncidentPlan, account: str, midnight: datetime, others: Sequence[ApiCall]
) -> Iterator[File]:
    parts: dict[int, list[ApiCall]] = defaultdict(list)
    for call in with_others(plan, account, midnight, others):
        parts[call.at.hour // FILE_HOURS].append(call)
    for part, calls in sorted(parts.items()):
        ended = midnight + timedelta(hours=(part + 1) * FILE_HOURS)
        is_late = ended - timedelta(hours=FILE_HOURS) <= plan.moment < ended
        at = ended + (LATE if is_late else DELIVERY)
        if at >= plan.epoch:
            continue
        content = json.dumps({"Records": [record_of(call) for call in calls]}).encode()
        yield _key(account, at), gzip.compress(content, compresslevel=1, mtime=0), at


def _key(account: str, at: datetime) -> str:
    folder = f"AWSLogs/{account}/CloudTrail/{REGION}/{at:%Y/%m/%d}"
    unique = hex_id(f"{account} {at}", 16)
    return f"{folder}/{account}_CloudTrail_{REGION}_{at:%Y%m%dT%H%MZ}_{unique}.json.gz"
