"""Recovery points as values, and whether one could be restored from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from opslib.wording import count, printable

__all__ = ["RecoveryPoint", "age", "given", "list_points", "moment", "unfit_because"]

FIT_STATES = {"COMPLETED", "AVAILABLE"}
"""AVAILABLE is what AWS Backup calls a continuous backup that goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPoint:
    """One recovery point, as a row of `opslib.tables.backups.RECOVERY_POINTS` tells it.

    Args:
        arn, account, region, vault: which one, and where it is kept.
        resource: ARN of what it was made of.
        status: AWS's state of it.
        created: when it was begun: it holds the data of that moment.
        delete_at: when it will be deleted; None where it is kept or nothing was told.
        retention_days: how long it is kept; None for ever.
        encrypted: None where AWS does not say.
        planned: whether a plan made it.
        scan: what a malware scan found; '' for nothing or no scan.
    """

    arn: str
    account: str
    region: str
    vault: str
    resource: str
    status: str
    created: datetime
    delete_at: datetime | None
    retention_days: float | None
    encrypted: bool | None
    planned: bool
    scan: str

    @property
    def is_continuous(self) -> bool:
        """Say whether it goes on being written: when it was created then tells nothing."""
        return ":continuous:" in self.arn


def list_points(points: pd.DataFrame) -> tuple[RecoveryPoint, ...]:
    """Return the rows of ``points``, newest first.

    Args:
        points: columns of `opslib.tables.backups.RECOVERY_POINTS`.
    """
    listed = [_point(row) for row in points.to_dict("records")]
    return tuple(sorted(listed, key=lambda point: (point.created, point.arn), reverse=True))


def _point(row: dict[Any, Any]) -> RecoveryPoint:
    return RecoveryPoint(
        arn=row["RecoveryPointArn"],
        account=row["Account"],
        region=row["Region"],
        vault=row["VaultName"],
        resource=row["ResourceArn"],
        status=row["Status"],
        created=row["CreatedAt"].to_pydatetime(),
        delete_at=given(row["DeleteAt"]),
        retention_days=given(row["RetentionDays"]),
        encrypted=given(row["IsEncrypted"]),
        planned=bool(row["PlanId"]),
        scan=row["ScanFindings"],
    )


def given(value: Any) -> Any:
    """Return a value of a table, None where the table holds none."""
    if value is None or pd.isna(value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def unfit_because(point: RecoveryPoint, as_of: datetime) -> str:
    """Return why a recovery point cannot be restored from at ``as_of``; '' where it can."""
    if point.created > as_of:
        return f"it was made after {moment(as_of)}"
    if point.status not in FIT_STATES:
        return f"its status is {printable(point.status) or 'unknown'}"
    if point.delete_at is not None and point.delete_at <= as_of:
        return f"it expired on {moment(point.delete_at)}"
    if point.scan:
        return f"a scan found {printable(point.scan)} in it"
    return ""


def moment(when: datetime) -> str:
    """Write a moment, in UTC.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 3, 2, 3, 5, tzinfo=UTC))
    '2 Mar 2026 03:05 UTC'
    """
    return f"{when.day} {when:%b %Y %H:%M} UTC"


def age(then: datetime, now: datetime) -> str:
    """Write how long ago something was: minutes up to an hour, hours up to two days, then days.

    >>> from datetime import UTC
    >>> age(datetime(2026, 3, 1, 3, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC))
    '27.0 hours'
    """
    hours = (now - then).total_seconds() / 3600
    if hours < 1:
        return count(round(hours * 60), "minute")
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"  # noqa: PLR2004
