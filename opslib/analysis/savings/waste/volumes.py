"""EBS volumes that nothing uses.

Source: Amazon EBS User Guide: a volume is charged for as long as it exists, attached or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from opslib.analysis.savings.options import Effect, Judging, Option, recommend, reject_young

__all__ = ["check_unattached_volumes"]

UNATTACHED = "unattached_volume"


def check_unattached_volumes(judging: Judging) -> Iterator[Option]:
    """Yield volumes that are attached to nothing, and those too young to say so.

    Assumption: what was detached while the report's days went on is still wanted by nobody; AWS
    does not tell since when a volume is detached.
    """
    for volume in judging.estate.of_kind("volume"):
        if volume.settings["state"] != "available":
            continue
        young = reject_young(UNATTACHED, volume, judging)
        if young:
            yield young
            continue
        gib, sort = volume.settings["gib"], volume.settings["type"]
        yield recommend(
            UNATTACHED,
            volume,
            judging,
            Effect(meters=("EBS:Volume",), size={f"EBS:VolumeUsage.{sort}": Decimal(gib)}),
            sentence=f"a {sort} volume of {gib} GiB is attached to nothing",
            action="Take a snapshot if its data may be wanted, then delete the volume.",
        )
