"""Reading what a DynamoDB table holds: exact count and digests, by a parallel scan.

A scan is no snapshot: what is written while it runs may or may not be seen. Keys and values leave
it as hashes only.

Source: Amazon DynamoDB API Reference, Scan; Developer Guide, "Scanning tables".
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pandas as pd

from opslib.aws.places import Place
from opslib.databases.item_digests import DIGEST_MODULUS, digest_item, hash_key
from opslib.databases.read_budget import ReadBudget
from opslib.errors import CapReached, ReadError
from opslib.tables.schema import check_table
from opslib.tables.store_states import TableItems
from opslib.tables.stores import ITEM_DIGESTS

__all__ = ["ScanLimits", "answered_at", "digest_items", "read_table_items"]

BUCKET_DIGITS = 4
UNIT_BYTES = 4096
PAGE_UNITS = 256
"""A page is of 1 MB at most, and a unit reads 4 KB (half a unit where reads are not consistent)."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
CLOCK_STEP = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLimits:
    """How a table is scanned.

    Args:
        scan_segments: read at once.
        items_limit: items up to which the digest of each is kept.
        units_per_second: read capacity units that a scan may consume in a second, on average.
        units_limit: most of them in all; None for no limit.
        is_consistent: read what was written last, at twice the capacity. Otherwise a value that
            is out of date by some milliseconds may be taken for one that was not restored.
    """

    scan_segments: int = 4
    items_limit: int = 200_000
    units_per_second: float = 2_000
    units_limit: float | None = None
    is_consistent: bool = True


@dataclass(slots=True)
class _Tally:
    """What one segment holds."""

    items_limit: int
    items: int = 0
    sums: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    digests: list[tuple[str, int]] = field(default_factory=list)
    until: datetime = LONG_AGO

    def add(self, key: str, digest: int) -> None:
        self.items += 1
        held = self.sums[key[:BUCKET_DIGITS]]
        held[0] += 1
        held[1] += digest
        if self.items <= self.items_limit:
            self.digests.append((key, digest))


def read_table_items(
    place: Place, table: str, limits: ScanLimits, key: Sequence[str] | None = None
) -> TableItems:
    """Count and digest every item of a table.

    Args:
        place: account and region.
        table: its name.
        limits: of the scan.
        key: attributes that keys are made of; those of the table's own key schema where None.

    Raises:
        ReadError: the table is not there, is still being made, or a call is refused.
        CapReached: it would take, or took, more capacity than the limits allow.
    """
    described = place.call("dynamodb", "DescribeTable", TableName=table)
    about = described["Table"]
    _check_ready(about, place.label)
    names = tuple(key or (part["AttributeName"] for part in about["KeySchema"]))
    budget = _budget_of(about, limits)
    began = time.monotonic()

    def scan(segment: int) -> _Tally:
        return _scan_segment(place, table, names, limits, budget, segment)

    with ThreadPoolExecutor(limits.scan_segments) as pool:
        tallies = list(pool.map(scan, range(limits.scan_segments)))
    captured_at = answered_at(described)
    return _as_items(
        tallies,
        limits.items_limit,
        captured_at=captured_at,
        captured_until=max([captured_at, *(t.until for t in tallies)]) + CLOCK_STEP,
        key=names,
        read_units=budget.spent,
        seconds=time.monotonic() - began,
    )


def digest_items(
    items: Iterable[dict[str, Any]], key: Sequence[str], moment: datetime
) -> TableItems:
    """Return what a table of these items holds, as a scan at ``moment`` would.

    Args:
        items: as boto3's client hands them out.
        key: attributes that keys are made of.
        moment: of the items.
    """
    listed = list(items)
    tally = _Tally(len(listed))
    for item in listed:
        tally.add(hash_key(item, key), digest_item(item))
    return _as_items(
        [tally],
        len(listed),
        captured_at=moment,
        captured_until=moment,
        key=tuple(key),
        read_units=0.0,
        seconds=0.0,
    )


def answered_at(answer: dict[str, Any]) -> datetime:
    """Return when AWS answered, by its own clock.

    Raises:
        ReadError: it does not say.
    """
    stamp = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if not stamp:
        raise ReadError("an answer has no date", remedy="Look at what stands between: a proxy?")
    return parsedate_to_datetime(stamp).astimezone(UTC)


def _check_ready(about: dict[str, Any], account: str) -> None:
    if about["TableStatus"] not in {"ACTIVE", "UPDATING"}:
        raise ReadError(
            f"the table is {about['TableStatus']}",
            where=f"{account} {about['TableName']}".strip(),
            remedy="Wait until it is ACTIVE, and run again.",
        )


def _budget_of(about: dict[str, Any], limits: ScanLimits) -> ReadBudget:
    """Return the budget of a scan; DynamoDB renews the size that it tells every six hours."""
    units = about.get("TableSizeBytes", 0) / UNIT_BYTES / (1 if limits.is_consistent else 2)
    if limits.units_limit is not None and units > limits.units_limit:
        raise CapReached(
            f"a scan takes about {units:,.0f} read units of {limits.units_limit:,.0f}",
            where=about["TableName"],
            remedy="Raise the limit, or validate a smaller table.",
        )
    first = min(units / limits.scan_segments, PAGE_UNITS)
    return ReadBudget(per_second=limits.units_per_second, limit=limits.units_limit, first=first)


def _scan_segment(
    place: Place,
    table: str,
    key: Sequence[str],
    limits: ScanLimits,
    budget: ReadBudget,
    segment: int,
) -> _Tally:
    tally = _Tally(limits.items_limit)
    asked: dict[str, Any] = {
        "TableName": table,
        "Segment": segment,
        "TotalSegments": limits.scan_segments,
        "ConsistentRead": limits.is_consistent,
        "ReturnConsumedCapacity": "TOTAL",
    }
    while True:
        reserved = budget.wait()
        page = place.call("dynamodb", "Scan", **asked)
        budget.spend(page.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0), reserved)
        for item in page["Items"]:
            tally.add(hash_key(item, key), digest_item(item))
        tally.until = max(tally.until, answered_at(page))
        if not page.get("LastEvaluatedKey"):
            return tally
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _as_items(tallies: Sequence[_Tally], items_limit: int, **facts: Any) -> TableItems:
    """Add the segments up."""
    total = sum(tally.items for tally in tallies)
    is_whole = total <= items_limit
    if is_whole:
        rows = [(key, 1, f"{d:032x}") for tally in tallies for key, d in tally.digests]
    else:
        rows = _buckets_of(tallies)
    frame = pd.DataFrame(sorted(rows), columns=list(ITEM_DIGESTS.columns))
    return TableItems(
        items=total,
        is_whole=is_whole,
        units=check_table(frame, ITEM_DIGESTS, "items"),
        **facts,
    )


def _buckets_of(tallies: Sequence[_Tally]) -> list[tuple[str, int, str]]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for tally in tallies:
        for bucket, (items, digest) in tally.sums.items():
            sums[bucket][0] += items
            sums[bucket][1] += digest
    return [(b, n, f"{digest % DIGEST_MODULUS:032x}") for b, (n, digest) in sums.items()]
