"""Volumes about which people have decided: some deleted since, one kept though nothing uses it.

Deletions have their day in the calendar, whenever the account is looked at: before it the volume is
there and wasted, after it only the bill remembers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from opslib.money import total
from opslib.sandbox.estate import EAST
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import PlantedResource
from opslib.sandbox.savings.volumes import volume_charges

__all__ = ["BEFORE_DELETIONS", "plan_settled"]

FIRST_DELETION, LAST_DELETION = date(2026, 2, 1), date(2026, 2, 11)
BEFORE_DELETIONS = "2026-01-26T06:00:00+00:00"
"""A moment at which all that was deleted since is still there."""
KEPT_VOLUME, KEPT_GIB = "vol-0a0d1700c0ffee001", 120
"""The same in every account, so that a file can name the recommendation of it."""


def plan_settled(draw: Draw) -> Iterator[PlantedResource]:
    """Yield volumes that were wasted until somebody deleted them, and one that is to be kept."""
    if draw.wasteful:
        for number in range(draw.number(1, 3)):
            yield _deleted(draw, f"tidied-up-{number}")
    yield PlantedResource(
        kind="volume",
        id=KEPT_VOLUME,
        created=draw.old(),
        region=EAST,
        charges=volume_charges(EAST, "gp3", KEPT_GIB),
        tags=draw.tags("kept-for-audit"),
        details={"gib": KEPT_GIB, "type": "gp3", "iops": 3000, "mib_a_second": 125},
    )


def _deleted(draw: Draw, name: str) -> PlantedResource:
    days = (LAST_DELETION - FIRST_DELETION).days
    gone = FIRST_DELETION + timedelta(days=draw.number(0, days))
    gib, region = draw.number(50, 400), draw.region()
    charges = volume_charges(region, "gp3", gib)
    is_there = draw.epoch.date() < gone
    return PlantedResource(
        kind="volume" if is_there else "deleted_volume",
        id=draw.hex_id("vol"),
        created=draw.old(),
        region=region,
        charges=charges,
        tags=draw.tags(name),
        details={"gib": gib, "type": "gp3", "iops": 3000, "mib_a_second": 125},
        wasted="unattached_volume" if is_there else "",
        taken="" if is_there else "unattached_volume",
        saving=total(charge.monthly for charge in charges),
        last_day=gone - timedelta(days=1),
    )
