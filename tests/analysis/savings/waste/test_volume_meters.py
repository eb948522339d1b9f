"""Which meters a volume is charged by, and how many units of each a month."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from opslib.analysis.savings.waste.volume_meters import size_of_volume
from tests.analysis.savings.estates import DAYS, REGION, judging_of, thing


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({"type": "standard", "gib": 8}, {"EBS:VolumeUsage": 8}),
        ({"type": "st1", "gib": 500}, {"EBS:VolumeUsage.st1": 500}),
        (
            {"type": "gp3", "gib": 8, "iops": 3000, "mib_a_second": 125},
            {"EBS:VolumeUsage.gp3": 8},
        ),
        (
            {"type": "gp3", "gib": 8, "iops": 5000, "mib_a_second": 250},
            {
                "EBS:VolumeUsage.gp3": 8,
                "EBS:VolumeP-IOPS.gp3": 2000,
                "EBS:VolumeP-Throughput.gp3": 125,
            },
        ),
        (
            {"type": "io2", "gib": 8, "iops": 32000},
            {"EBS:VolumeUsage.io2": 8, "EBS:VolumeP-IOPS.io2": 32000},
        ),
        ({"type": "io2", "gib": 8, "iops": 32001}, {}),
    ],
)
def test_units_follow_from_the_settings(settings: dict[str, Any], size: dict[str, int]) -> None:
    volume = thing("volume", "vol-1", state="available", **settings)
    assert size_of_volume(volume, judging_of([volume], []).charges) == size


def test_throughput_is_told_in_the_unit_of_the_bill() -> None:
    meter = "EBS:VolumeP-Throughput.gp3"
    volume = thing("volume", "vol-1", state="available", type="gp3", gib=1, mib_a_second=253)
    charges = judging_of([volume], [("x", meter, "1", "40.96", DAYS)]).charges
    held = charges.prices[REGION, meter]
    charges.prices[REGION, meter] = tuple(replace(one, unit="GiBps-mo") for one in held)
    assert size_of_volume(volume, charges)[meter] == Decimal("0.125")
