"""Buckets whose objects nobody reads, all of them paid for as if everybody did.

Method: without a GET request in the days of metrics, what was stored before them is what
S3 Intelligent-Tiering moves to its infrequent access tier; its monitoring fee is taken off. What
was uploaded meanwhile is left out, so that the saving is a lower bound of the second month's.

Failure mode: request metrics are delivered on a best effort (Amazon S3 User Guide, "Metrics and
dimensions"), so that a rare GET may be missed; Intelligent-Tiering then moves the object back,
without a charge for retrieval.

Source: Amazon S3 User Guide, "How S3 Intelligent-Tiering works": 30 days without access; objects
under 128 KB are neither monitored nor moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from opslib.analysis.savings.charges import Line
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Effect, Judging, Option, recommend, reject_young
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.analysis.savings.use import untold_days, use_span
from opslib.money import EXACT, ZERO, divide
from opslib.wording import count, money

__all__ = ["check_unread_buckets"]

UNREAD = "bucket_without_lifecycle"
STANDARD, INFREQUENT = "TimedStorage-ByteHrs", "TimedStorage-INT-IA-ByteHrs"
MONITORING = "Monitoring-Automation-INT"
LEAST_BYTES, GIB = 128 * 1024, 1024**3
TIER_DAYS = 30
LISTED = {STANDARD: Decimal("0.023"), INFREQUENT: Decimal("0.0125")}
"""USD a GB and month in us-east-1, of which the ratio alone is used: Amazon S3 pricing, as of 2026,
where the account does not pay for the tier itself."""
LISTED_MONITORING = Decimal("0.0000025")
"""USD an object and month: Amazon S3 pricing, 0.0025 for 1,000 objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What a bucket holds.

    Args:
        bytes: in storage class Standard.
        old_bytes: those of them that were there before the days of metrics.
        objects: of all storage classes.
    """

    bytes: Decimal
    old_bytes: Decimal
    objects: Decimal


def check_unread_buckets(judging: Judging) -> Iterator[Option]:
    """Yield buckets without lifecycle rules that nobody reads, and those that are not judged."""
    for bucket in judging.estate.of_kind("bucket"):
        yield _covered(bucket) or reject_young(UNREAD, bucket, judging) or _judge(bucket, judging)


def _reject(bucket: Thing, reason: Reason, why: str, saving: Decimal | None = None) -> Rejection:
    return Rejection(kind=UNREAD, thing=bucket, reason=reason, sentence=why, saving=saving)


def _covered(bucket: Thing) -> Rejection | None:
    rules = bucket.settings.get("rules")
    if rules is None:
        return _reject(bucket, Reason.UNKNOWN, "its lifecycle rules were not read")
    if rules:
        return _reject(bucket, Reason.COVERED, f"it has {count(rules, 'lifecycle rule')}")
    return None


def _judge(bucket: Thing, judging: Judging) -> Option:
    held = _held(bucket, judging)
    if held is None:
        return _reject(bucket, Reason.UNKNOWN, "CloudWatch does not tell what it holds")
    if held.bytes < LEAST_BYTES * held.objects or not held.objects:
        why = "its objects are smaller than 128 KB on average, which are not moved to other tiers"
        return _reject(bucket, Reason.TOO_SMALL, why)
    option = _recommend(bucket, held, judging)
    if isinstance(option, Rejection) or option.saving < judging.parameters.min_saving:
        return option
    return _reject_read(bucket, option.saving, judging) or option


def _held(bucket: Thing, judging: Judging) -> _Held | None:
    """Return what a bucket holds by the last day told; None where that or the first is missing.

    What was uploaded since the first day is young; all else was there before.
    """
    days = use_span(judging)
    sizes = judging.estate.use_of(bucket, "bytes")
    objects = judging.estate.use_of(bucket, "objects")
    told = [day for day in days if day in sizes and day in objects]
    if not told:
        return None
    uploaded = sum(judging.estate.use_of(bucket, "BytesUploaded").values())
    now = sizes[told[-1]]
    old = max(0.0, min(now - uploaded, sizes[told[0]]))
    return _Held(bytes=Decimal(now), old_bytes=Decimal(old), objects=Decimal(objects[told[-1]]))


def _recommend(bucket: Thing, held: _Held, judging: Judging) -> Option:
    fee = _monitoring(bucket, judging)
    if fee is None:
        why = f"what monitoring an object costs in {judging.charges.currency} is not known"
        return _reject(bucket, Reason.UNKNOWN, why)
    fees = EXACT.multiply(fee, held.objects)
    share = divide(held.old_bytes, held.bytes)

    def saved(line: Line) -> Decimal:
        cheaper = EXACT.multiply(line.cost, EXACT.multiply(share, _discount(bucket, line, judging)))
        return max(ZERO, EXACT.subtract(cheaper, fees))

    days = judging.parameters.use_days
    gib = divide(held.old_bytes, Decimal(GIB))
    return recommend(
        UNREAD,
        bucket,
        judging,
        Effect(meters=(STANDARD,), saved=saved, size={STANDARD: divide(held.bytes, Decimal(GIB))}),
        sentence=f"{gib:,.0f} GiB in storage class Standard were not read in {days} days and no "
        f"lifecycle rule moves them; monitoring would cost {money(fees, judging.charges.currency)}",
        action="Add a lifecycle rule that moves objects to S3 Intelligent-Tiering; what it saves "
        f"begins after {TIER_DAYS} days.",
    )


def _monitoring(bucket: Thing, judging: Judging) -> Decimal | None:
    """Return what monitoring an object costs a month; None where that is not known."""
    own = judging.charges.price(MONITORING, bucket.region)
    if own is not None:
        return own
    return LISTED_MONITORING if judging.charges.currency == "USD" else None


def _discount(bucket: Thing, line: Line, judging: Judging) -> Decimal:
    """Return how much cheaper the tier is: at the account's own prices, or as they are listed."""
    own = judging.charges.price(INFREQUENT, bucket.region)
    if own is None or not line.quantity:
        return 1 - divide(LISTED[INFREQUENT], LISTED[STANDARD])
    return max(ZERO, 1 - divide(own, divide(line.cost, line.quantity)))


def _reject_read(bucket: Thing, saving: Decimal, judging: Judging) -> Rejection | None:
    """Return why a bucket may be read: requests are not counted, or there were some.

    Where they are not, what it would save unread stands beside.

    A day with a datapoint of all requests and none of GET requests had no GET request.
    """
    days = judging.parameters.use_days
    if bucket.settings.get("watched") is None:
        return _reject(bucket, Reason.UNKNOWN, "whether its requests are counted was not read")
    if not bucket.settings["watched"]:
        why = (
            "nothing tells whether it is read: add a metrics configuration without a filter, and "
            f"look again in {count(days, 'day')}"
        )
        return _reject(bucket, Reason.UNKNOWN, why, saving)
    read = sum(value > 0 for value in judging.estate.use_of(bucket, "GetRequests").values())
    if read:
        why = f"objects were read on {read} of {count(days, 'day')}"
        return _reject(bucket, Reason.IN_USE, why)
    if days < TIER_DAYS:
        why = f"{count(days, 'day')} of metrics are fewer than the {TIER_DAYS} days of the tier"
        return _reject(bucket, Reason.UNKNOWN, why)
    untold = untold_days(judging, bucket, "AllRequests")
    if untold:
        why = f"CloudWatch tells no requests on {untold} of {count(days, 'day')}"
        return _reject(bucket, Reason.UNKNOWN, why)
    return None
