"""What scaling did in the last six weeks: how often, and how often it failed.

AWS keeps scaling activities for six weeks. One that failed or was not fulfilled means that the
capacity asked for did not come: a quota, a subnet without addresses, a size that a zone lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from opslib.findings import Finding, Severity
from opslib.tables.timeline import EventKind
from opslib.wording import printable

__all__ = ["ScalingHistory", "count_activities", "find_failed_scaling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingHistory:
    """The scaling activities of a resource.

    Args:
        name, service, account, region: as the activities name it.
        activities: how many there were.
        failed: of them, that failed or were not fulfilled.
        last_at: when the last one began.
        last_failure: what the last failed one says; '' where none failed.
    """

    name: str
    service: str
    account: str
    region: str
    activities: int
    failed: int
    last_at: datetime
    last_failure: str


def count_activities(activities: pd.DataFrame) -> tuple[ScalingHistory, ...]:
    """Return the history of each resource, those with failures first, then the busiest.

    Args:
        activities: columns of `opslib.tables.timeline.EVENTS`.
    """
    keys = ["Resource", "Service", "Account", "Region"]
    ordered = activities.sort_values("At", kind="stable")
    made = []
    for (name, service, account, region), rows in ordered.groupby(keys):
        failures = rows[rows["Kind"] == EventKind.SYMPTOM.value]
        made.append(
            ScalingHistory(
                name=str(name),
                service=str(service),
                account=str(account),
                region=str(region),
                activities=len(rows),
                failed=len(failures),
                last_at=rows["At"].iloc[-1],
                last_failure=str(failures["Summary"].iloc[-1]) if len(failures) else "",
            )
        )
    return tuple(sorted(made, key=lambda one: (-one.failed, -one.activities, one.name)))


def find_failed_scaling(histories: Iterable[ScalingHistory]) -> tuple[Finding, ...]:
    """Return a finding for each resource whose scaling failed."""
    return tuple(
        Finding(
            kind="capacity.scaling_failed",
            subject={"Resource": one.name, "Account": one.account, "Region": one.region},
            severity=Severity.MEDIUM,
            sentence=f"{one.failed} of {one.activities} scaling activities of "
            f"{printable(one.name)} failed; the last one: {printable(one.last_failure)}.",
            action="See what it lacked: a quota, addresses of a subnet, or a size in a zone.",
            evidence=("scaling_activities",),
        )
        for one in histories
        if one.failed
    )
