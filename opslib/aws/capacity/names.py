"""Which resources of an estate the parameters speak of.

A name that nothing bears is a mistake of the parameters, but only where everything that could have
borne it was read, and anything was found: an account where nothing runs is told as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from opslib.coverage import Coverage, CoverageStatus, gaps
from opslib.errors import ParameterError
from opslib.parameters.capacity import CapacityParameters
from opslib.parameters.problems import nearest
from opslib.tables.capacity import CapacityService
from opslib.wording import printable

__all__ = ["TABLES", "check_names"]

TABLES = (
    "capacity ecs",
    "capacity ec2",
    "capacity eks",
    "capacity databases",
    "capacity dynamodb",
    "capacity lambda",
    "capacity network",
    "capacity caches",
    "capacity quotas",
)
"""Reads that tell of resources."""
EVERYWHERE = {CapacityService.QUOTA.value, CapacityService.SUBNET.value}
"""Kinds that an account has though nothing runs in it."""


def check_names(
    parameters: CapacityParameters, estate: pd.DataFrame, coverage: Sequence[Coverage]
) -> list[Coverage]:
    """Return a line of coverage for each name that nothing bears.

    Args:
        parameters: name resources, also in events and traffic plans.
        estate: the resources that were read; columns of `CAPACITY_RESOURCES`.
        coverage: of those reads.

    Raises:
        ParameterError: such a name, and nothing was refused that could have borne it.
    """
    known = set(estate["Name"])
    runs = not set(estate["Service"]) <= EVERYWHERE
    missing = {name: where for name, where in _named(parameters).items() if name not in known}
    unread = [line for line in gaps(coverage, *TABLES) if line.status is not CoverageStatus.EMPTY]
    for name, where in missing.items():
        if runs and not unread:
            raise ParameterError(
                f"there is no resource called {name!r}{nearest(name, known)}",
                where=where,
                remedy="Name resources as AWS does, or leave resources empty for all.",
            )
    tables = ", ".join(dict.fromkeys(line.table for line in unread))
    why = f"not all was ({tables})" if unread else "nothing runs in these accounts and regions"
    return [
        Coverage(
            table="capacity resources",
            asked=f"{printable(name)} ({where})",
            status=CoverageStatus.NOT_FOUND,
            detail=f"nothing of that name was read, and {why}{nearest(name, known)}",
        )
        for name, where in missing.items()
    ]


def _named(parameters: CapacityParameters) -> Mapping[str, str]:
    """Return each name and where the parameters write it."""
    plans = {plan.resource: f"traffic_plan {plan.name!r}" for plan in parameters.traffic_plan}
    events = {
        name: f"events {event.name!r}" for event in parameters.events for name in event.resources
    }
    return {**plans, **events, **dict.fromkeys(parameters.resources, "resources")}
