"""Commitments that are held, with what of each is used and what its end would cost.

Amounts are a month of 30 days: what the period tells, over the hours of it that a commitment was
paid for. One that was paid for less than a day of it is not judged.

Source: AWS Billing and Cost Management API Reference, SavingsPlansUtilizationDetail and
ReservationAggregates: net savings are the on-demand equivalent of the covered usage minus the
amortised cost; once a commitment is over, its usage is charged on demand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.savings.charges import MONTH_DAYS
from opslib.money import EXACT, divide, total
from opslib.tables.held_commitments import HeldTables

__all__ = ["Commitment", "list_commitments"]

ACTIVE, QUEUED = "active", "queued"
MONTH_HOURS = Decimal(24 * MONTH_DAYS)
LEAST_HOURS = Decimal(24)
SUCCEEDS_WITHIN = timedelta(days=1)
"""How near to an end what is queued for it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A Savings Plan or reservation.

    Args:
        kind: ``savings_plan`` or ``reservation``.
        id: a plan's ARN, a reservation's id.
        what: what was bought, in AWS's words.
        service: a plan's type, or the service reserved.
        account_id: 12 digits of the owner; empty for the credentials' own.
        account: its label.
        region: where it counts; empty for everywhere.
        payment: AWS's name of it.
        hourly: what an hour costs, used or not; None of one that no account lists.
        currency: of its amounts.
        start, end: UTC; None where not told.
        state: AWS's; empty of one that no account lists.
        returnable_until: until when AWS takes it back; None where it does not.
        hours: of the period, in which it was paid for.
        used_share: 0 to 1; None where it is not known.
        unused: what buys nothing, a month; None where it is not known.
        lost_with_it: what its usage costs more a month once it is over; None where not known.
        is_renewed: whether as much is queued to follow it.
    """

    kind: str
    id: str
    what: str
    service: str
    account_id: str
    account: str
    region: str = ""
    payment: str = ""
    hourly: Decimal | None = None
    currency: str = "USD"
    start: datetime | None = None
    end: datetime | None = None
    state: str = ""
    returnable_until: datetime | None = None
    hours: Decimal = Decimal(0)
    used_share: float | None = None
    unused: Decimal | None = None
    lost_with_it: Decimal | None = None
    is_renewed: bool = False

    @property
    def is_listed(self) -> bool:
        """Say whether an account that was read lists it."""
        return bool(self.state)

    @property
    def is_active(self) -> bool:
        """Say whether it is paid for now; so is what is used and nobody lists."""
        return self.state in {ACTIVE, ""}

    @property
    def is_unknown(self) -> bool:
        """Say whether nothing tells how it was used, though it was paid for in the period."""
        return self.is_active and self.hours >= LEAST_HOURS and self.used_share is None

    def ends_within(self, as_of: datetime, days: int) -> bool:
        """Say whether it is active and ends within so many days."""
        if self.end is None or self.state != ACTIVE:
            return False
        return as_of <= self.end < as_of + timedelta(days=days)


def list_commitments(tables: HeldTables, days: Sequence[date]) -> tuple[Commitment, ...]:
    """Return every commitment of the tables, by end and id; used ones that nobody lists last.

    Args:
        tables: what was read.
        days: consecutive days that `COMMITMENT_TOTALS` are about.
    """
    totals = {row["CommitmentId"]: row for row in tables.totals.to_dict("records")}
    listed = [_listed(row) for row in tables.held.to_dict("records")]
    names = {one.id for one in listed}
    unlisted = [_unlisted(row) for name, row in totals.items() if name not in names]
    found = [_with_use(one, totals.get(one.id), days) for one in (*listed, *unlisted)]
    told = [replace(one, is_renewed=_is_renewed(one, listed)) for one in found]
    return tuple(sorted(told, key=lambda one: (not one.is_listed, str(one.end or ""), one.id)))


def _listed(row: Mapping[Any, Any]) -> Commitment:
    return Commitment(
        kind=row["Kind"],
        id=row["CommitmentId"],
        what=row["What"],
        service=row["Service"],
        account_id=row["SubAccountId"],
        account=row["Account"],
        region=row["RegionId"],
        payment=row["Payment"],
        hourly=row["HourlyCost"],
        currency=row["Currency"],
        start=_moment(row["Start"]),
        end=_moment(row["End"]),
        state=row["State"],
        returnable_until=_moment(row["ReturnableUntil"]),
    )


def _moment(told: Any) -> datetime | None:
    return None if pd.isna(told) else told.to_pydatetime()


def _unlisted(row: Mapping[Any, Any]) -> Commitment:
    return Commitment(
        kind=row["Kind"],
        id=row["CommitmentId"],
        what=row["Kind"].replace("_", " "),
        service="",
        account_id=row["SubAccountId"],
        account=row["SubAccountId"],
        currency=row["Currency"],
    )


def _with_use(one: Commitment, row: Mapping[Any, Any] | None, days: Sequence[date]) -> Commitment:
    hours = _paid_hours(one, days)
    if row is None or hours < LEAST_HOURS:
        return replace(one, hours=hours)
    return replace(
        one,
        hours=hours,
        used_share=row["UsedShare"],
        unused=_monthly(row["Unused"], hours),
        lost_with_it=_monthly(EXACT.subtract(row["OnDemandEquivalent"], row["Cost"]), hours),
    )


def _paid_hours(one: Commitment, days: Sequence[date]) -> Decimal:
    """Return the hours of the period in which it was held; all, where its dates are not told."""
    first, last = _midnight(days[0]), _midnight(days[-1]) + timedelta(days=1)
    held = min(last, one.end or last) - max(first, one.start or first)
    return divide(Decimal(max(0, int(held.total_seconds()))), Decimal(3600))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _monthly(amount: Decimal, hours: Decimal) -> Decimal:
    return divide(EXACT.multiply(amount, MONTH_HOURS), hours)


def _is_renewed(one: Commitment, listed: Sequence[Commitment]) -> bool:
    """Say whether as much of the same is queued for when it ends, all that ends then counted."""
    end = one.end
    if end is None or one.state != ACTIVE:
        return False
    same = [
        other
        for other in listed
        if (other.kind, other.what, other.region) == (one.kind, one.what, one.region)
    ]
    ending = [other.hourly for other in same if other.state == ACTIVE and _near(other.end, end)]
    following = [o.hourly for o in same if o.state == QUEUED and _near(o.start, end)]
    return total(following) >= total(ending)


def _near(moment: datetime | None, other: datetime) -> bool:
    return moment is not None and abs(moment - other) <= SUCCEEDS_WITHIN
