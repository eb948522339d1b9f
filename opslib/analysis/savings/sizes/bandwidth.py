"""Whether a size keeps up what an instance took of its network and of EBS.

CloudWatch tells bytes by datapoint, of one minute or of five: what a datapoint holds is at most its
bytes over one minute. Held against what a size keeps up for ever, never against what it bursts to.
What is not measured, or not told of a type, is not held against it.

Source: Amazon EC2 User Guide, CloudWatch metrics (NetworkIn, NetworkOut, EBSReadBytes,
EBSWriteBytes: divide by the seconds of a period) and network bandwidth (baseline and burst).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging

__all__ = ["Bandwidth", "limits_of", "too_narrow"]

MINUTE = 60
BITS = 8
LIMITS = {
    "network": ("NetworkGbps", 1e9, ("network_in", "network_out")),
    "EBS": ("EbsMbps", 1e6, ("ebs_read", "ebs_written")),
}
"""What is limited: its column of `SIZE_TYPES`, bits a second of its unit, and its measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth:
    """What was taken, and the share that may be.

    Args:
        taken: bits a second at the most, by what is limited.
        share: of a limit that may be taken, 0 to 1.
    """

    taken: Mapping[str, float]
    share: float

    @classmethod
    def of(cls, thing: Thing, judging: Judging, days: Sequence[date]) -> Bandwidth:
        """Return what an instance took in some days."""
        taken = {}
        for limited, (_, _, measures) in LIMITS.items():
            found = [judging.estate.use_of(thing, measure) for measure in measures]
            told = [daily[day] for daily in found for day in days if day in daily]
            if told:
                taken[limited] = max(told) * BITS / MINUTE
        return cls(taken=taken, share=1 - judging.parameters.size_headroom_percent / 100)


def limits_of(types: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return the limits of each type in bits a second; columns of `SIZE_TYPES`."""
    return {
        row["InstanceType"]: {
            limited: row[column] * unit
            for limited, (column, unit, _) in LIMITS.items()
            if pd.notna(row[column])
        }
        for row in types.to_dict("records")
    }


def too_narrow(bandwidth: Bandwidth, limits: Mapping[str, float]) -> str:
    """Return why a size is too narrow, with figures; empty where it is not."""
    for limited, taken in bandwidth.taken.items():
        most = limits.get(limited, float("inf")) * bandwidth.share
        if taken > most:
            return f"{limited} took up to {taken / 1e6:.0f} Mbit/s, {most / 1e6:.0f} would fit"
    return ""
