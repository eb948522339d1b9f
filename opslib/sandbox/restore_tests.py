"""What has been restored in the sandbox: a plan that tests restoring on the first of each month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from opslib.sandbox.backups import BACKUP_REGION, DataStore
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = [
    "RestoreTest",
    "never_drilled",
    "plan_restore_tests",
    "plan_restore_troubles",
    "testing_plan_arn",
]

TESTING_PLAN = "monthly"
TESTED = ("orders", "ledger", "carts")
MONTHS = 6
GIB = 2**30
QUARTER_DAYS = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTest:
    """One restore job of the testing plan.

    Args:
        store: what was restored.
        id: of the job.
        created, completed: when it began and ended.
        size_bytes: of the backup.
        validation: AWS's ValidationStatus; '' where nobody validated.
    """

    store: DataStore
    id: str
    created: datetime
    completed: datetime
    size_bytes: int
    validation: str = "SUCCESSFUL"


def testing_plan_arn(account: str) -> str:
    """Return the ARN of an account's restore testing plan."""
    return f"arn:aws:backup:{BACKUP_REGION}:{account}:restore-testing-plan:{TESTING_PLAN}"


def plan_restore_tests(
    stores: Sequence[DataStore], epoch: datetime, chance: np.random.Generator
) -> tuple[RestoreTest, ...]:
    """Return the tests of the last months, newest first.

    Args:
        stores: what holds data; those that are tested are picked by name.
        epoch: the moment that the account lives in.
        chance: draws how big each is, and how long each restore took.
    """
    tested = [s for s in stores if s.name in TESTED and s.account == PRODUCTION]
    tests = []
    for store in tested:
        size = int(chance.integers(20, 300)) * GIB
        for created in _firsts(epoch):
            size = int(size * 0.97)
            minutes = 9 + 0.12 * size / GIB * float(chance.uniform(0.9, 1.15))
            test = RestoreTest(
                store=store,
                id=str(uuid5(NAMESPACE_URL, f"{store.arn} test {created.isoformat()}")).upper(),
                created=created,
                completed=created + timedelta(seconds=int(minutes * 60)),
                size_bytes=size,
            )
            tests.append(test)
    return tuple(sorted(tests, key=lambda test: (test.created, test.id), reverse=True))


def _firsts(epoch: datetime) -> list[datetime]:
    first = epoch.replace(day=1, hour=4, minute=0, second=0, microsecond=0)
    months: list[datetime] = []
    while len(months) < MONTHS:
        if first + timedelta(hours=2) < epoch:
            months.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return months


def plan_restore_troubles(
    tests: tuple[RestoreTest, ...], epoch: datetime, chance: np.random.Generator
) -> tuple[tuple[RestoreTest, ...], tuple[PlantedTruth, ...]]:
    """Return ``tests`` that stopped before the quarter, or that nobody validated; and the truth."""
    if chance.integers(2):
        quarter = epoch - timedelta(days=QUARTER_DAYS)
        kept = tuple(test for test in tests if test.created < quarter)
        return kept, (_truth("drill_overdue"),)
    return tuple(replace(test, validation="TIMED_OUT") for test in tests), (never_drilled(),)


def never_drilled() -> PlantedTruth:
    """Return the truth of an account in which no restore was ever validated."""
    return _truth("never_drilled")


def _truth(name: str) -> PlantedTruth:
    return PlantedTruth(name=name, part="cadence", claim=Claim(kind=f"dr.{name}", subject={}))
