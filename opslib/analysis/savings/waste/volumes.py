"""EBS volumes that nothing uses, and those of type gp2 that gp3 serves as well for less.

Source: Amazon EBS User Guide: a volume is charged for as long as it exists, attached or not;
"General Purpose SSD volumes": gp2 has 3 IOPS a GiB, at least 100 and at most 16,000, and bursts to
3,000; up to 170 GiB it moves at most 128 MiB a second, above that 250. gp3 has 3,000 IOPS and 125
MiB a second at any size, and more of each where it is bought.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from opslib.analysis.savings.charges import Line
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import (
    Effect,
    Judging,
    Option,
    recommend,
    reject_dear,
    reject_young,
)
from opslib.analysis.savings.waste.volume_meters import gp3_prices, size_of_volume
from opslib.money import EXACT, ZERO, divide

__all__ = ["check_gp2_volumes", "check_unattached_volumes"]

UNATTACHED, GP2 = "unattached_volume", "gp2_volume"
GP2_METER = "EBS:VolumeUsage.gp2"
IOPS_A_GIB, MOST_IOPS, BURST_IOPS = 3, 16_000, 3000
SLOW_GIB, SLOW_MIB, FAST_MIB = 170, 128, 250


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
            Effect(meters=("EBS:Volume",), size=size_of_volume(volume, judging.charges)),
            sentence=f"it is attached to nothing: {gib:,} GiB of type {sort}",
            action="Take a snapshot if its data may be wanted, then delete the volume.",
        )


def check_gp2_volumes(judging: Judging) -> Iterator[Option]:
    """Yield gp2 volumes, each cheaper as a gp3 volume that is no slower, or why not.

    No slower: gp3 with the IOPS and throughput bought that gp2 reaches at its best, its burst
    included. What the volume uses of that is not looked at.
    """
    for volume in judging.estate.of_kind("volume"):
        if volume.settings["type"] == "gp2":
            yield _as_gp3(volume, judging)


def _as_gp3(volume: Thing, judging: Judging) -> Option:
    gib = volume.settings["gib"]
    iops = max(BURST_IOPS, min(MOST_IOPS, IOPS_A_GIB * gib))
    mib = SLOW_MIB if gib <= SLOW_GIB else FAST_MIB

    def saved(line: Line) -> Decimal:
        size = line.quantity or Decimal(gib)
        prices = gp3_prices(judging.charges, volume.region, divide(line.cost, size))
        return max(ZERO, EXACT.subtract(line.cost, prices.cost(size, iops, mib)))

    needs = f"{gib} GiB, {iops:,} IOPS and {mib} MiB a second"
    own = gp3_prices(judging.charges, volume.region, ZERO).is_own
    source = "" if own else ", at the share of its price that AWS documents"
    option = recommend(
        GP2,
        volume,
        judging,
        Effect(meters=(GP2_METER,), saved=saved, size={GP2_METER: Decimal(gib)}),
        sentence=f"a gp2 volume; gp3 of {needs} is no slower and cheaper{source}",
        action=f"Change its type to gp3 with {iops} IOPS and {mib} MiB/s; it stays in use.",
    )
    return reject_dear(option, f"gp3 of {needs} would cost no less")
