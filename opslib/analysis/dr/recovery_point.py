"""Which recovery point to restore from, and why that one.

Method: of the resource's recovery points in one region, the newest that can be restored from
(``latest_healthy``), the one that is named, or the newest that is no later than a moment; where
point-in-time recovery covers that moment, the moment itself.
Assumption: a recovery point holds the data of when it was created. A copy was created after the
one that it is of, so that what is lost with it is told too small by the time that lay between.
Source: AWS Backup developer guide, Restoring a backup; Point-in-time recovery.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd

from opslib.analysis.dr.points import RecoveryPoint, age, list_points, moment, unfit_because
from opslib.errors import ParameterError
from opslib.wording import count, printable

__all__ = ["LATEST_HEALTHY", "PassedOver", "RecoveryPointChoice", "choose_recovery_point"]

LATEST_HEALTHY = "latest_healthy"
RULES = (
    "Give latest_healthy, the ARN of a recovery point, or a moment such as 2026-03-01T12:00:00Z."
)

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A recovery point that was not chosen, and why."""

    point: RecoveryPoint
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPointChoice:
    """What to restore from.

    Args:
        resource: ARN of what is to be restored.
        rule: as it was given.
        point: the recovery point; None where none fits, or where the resource's own
            point-in-time recovery is to be used.
        restore_to: the moment to recover to, where point-in-time recovery is to be used.
        lost: how much before the wanted moment the data ends; None where nothing was chosen.
        because: why, in one sentence.
        passed_over: what came before it in line, newest first, each with why it was not taken.
    """

    resource: str
    rule: str
    point: RecoveryPoint | None
    restore_to: datetime | None
    lost: timedelta | None
    because: str
    passed_over: tuple[PassedOver, ...]


def choose_recovery_point(
    points: pd.DataFrame,
    resource: str,
    rule: str,
    as_of: datetime,
    *,
    region: str,
    pitr: Window | None = None,
) -> RecoveryPointChoice:
    """Choose what to restore a resource from.

    Args:
        points: columns of `opslib.tables.backups.RECOVERY_POINTS`.
        resource: ARN of what is to be restored.
        rule: ``latest_healthy``, the ARN of a recovery point, or a moment with its time zone
            (ISO 8601).
        as_of: the moment of asking.
        region: where to restore; copies elsewhere are no candidates.
        pitr: first and last moment of its point-in-time recovery, where that is on.

    Raises:
        ParameterError: a rule that is none of these, or a moment after ``as_of``.
    """
    as_of = as_of.astimezone(UTC)
    mine = [p for p in list_points(points) if (p.resource, p.region) == (resource, region)]
    if rule == LATEST_HEALTHY:
        return _newest(mine, resource, rule, as_of, as_of)
    if rule.startswith("arn:"):
        return _named(mine, resource, rule, as_of)
    wanted = _read_moment(rule, as_of)
    if pitr is not None and pitr[0] <= wanted <= pitr[1]:
        return _rewound(mine, resource, rule, wanted, as_of, pitr)
    return _newest(mine, resource, rule, wanted, as_of)


def _read_moment(rule: str, as_of: datetime) -> datetime:
    try:
        wanted = datetime.fromisoformat(rule)
    except ValueError:
        raise ParameterError(
            f"no rule for a recovery point: {printable(rule)}",
            where="recovery_point",
            remedy=RULES,
        ) from None
    if wanted.tzinfo is None:
        raise ParameterError(
            f"the moment {rule} has no time zone", where="recovery_point", remedy=RULES
        )
    if wanted > as_of:
        raise ParameterError(
            f"the moment {rule} is after {moment(as_of)}", where="recovery_point", remedy=RULES
        )
    return wanted.astimezone(UTC)


def _newest(
    points: Sequence[RecoveryPoint], resource: str, rule: str, wanted: datetime, as_of: datetime
) -> RecoveryPointChoice:
    passed: list[PassedOver] = []
    for place, point in enumerate(points):
        why_not = _why_not(point, wanted, as_of)
        if why_not:
            passed.append(PassedOver(point=point, because=why_not))
            continue
        fit = 1 + sum(not _why_not(other, wanted, as_of) for other in points[place + 1 :])
        return RecoveryPointChoice(
            resource=resource,
            rule=rule,
            point=point,
            restore_to=None,
            lost=wanted - point.created,
            because=f"It is the newest of {fit} that can be restored from: made "
            f"{moment(point.created)}, {age(point.created, wanted)} before {moment(wanted)}.",
            passed_over=tuple(passed),
        )
    return _nothing(resource, rule, f"None of {count(len(points), 'recovery point')} fits.", passed)


def _why_not(point: RecoveryPoint, wanted: datetime, as_of: datetime) -> str:
    if point.is_continuous:
        return "it is a continuous backup: give a moment to restore to"
    if wanted < point.created <= as_of:
        return f"it was made after {moment(wanted)}"
    return unfit_because(point, as_of)


def _named(
    points: Sequence[RecoveryPoint], resource: str, rule: str, as_of: datetime
) -> RecoveryPointChoice:
    named = next((point for point in points if point.arn == rule), None)
    if named is None:
        reason = f"None of {count(len(points), 'recovery point')} of it here has this ARN."
        return _nothing(resource, rule, reason, [])
    unfit = unfit_because(named, as_of)
    if unfit:
        passed = [PassedOver(point=named, because=unfit)]
        return _nothing(resource, rule, f"The one that was named does not fit: {unfit}.", passed)
    return RecoveryPointChoice(
        resource=resource,
        rule=rule,
        point=named,
        restore_to=None,
        lost=None if named.is_continuous else as_of - named.created,
        because=f"It was named; made {moment(named.created)}, {age(named.created, as_of)} ago.",
        passed_over=tuple(
            PassedOver(point=point, because="another one was named")
            for point in points
            if point.created > named.created and not _why_not(point, as_of, as_of)
        ),
    )


def _rewound(
    points: Sequence[RecoveryPoint],
    resource: str,
    rule: str,
    wanted: datetime,
    as_of: datetime,
    pitr: Window,
) -> RecoveryPointChoice:
    fit = [p for p in points if p.is_continuous and not unfit_because(p, as_of)]
    return RecoveryPointChoice(
        resource=resource,
        rule=rule,
        point=fit[0] if fit else None,
        restore_to=wanted,
        lost=timedelta(0),
        because=f"Point-in-time recovery covers {moment(wanted)}: it reaches from "
        f"{moment(pitr[0])} to {moment(pitr[1])}.",
        passed_over=tuple(
            PassedOver(point=point, because="point-in-time recovery loses less")
            for point in points
            if not _why_not(point, wanted, as_of)
        )[:1],
    )


def _nothing(
    resource: str, rule: str, because: str, passed: Sequence[PassedOver]
) -> RecoveryPointChoice:
    return RecoveryPointChoice(
        resource=resource,
        rule=rule,
        point=None,
        restore_to=None,
        lost=None,
        because=because,
        passed_over=tuple(passed),
    )
