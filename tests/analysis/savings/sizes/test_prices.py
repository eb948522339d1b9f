from __future__ import annotations

from decimal import Decimal

import pytest

from opslib.analysis.savings.charges import make_charges
from opslib.analysis.savings.sizes.prices import saved_of
from opslib.tables.usage_types import region_of_usage_type
from tests.analysis.savings.estates import DAYS, spend_of, thing


@pytest.mark.parametrize(
    ("meter", "present", "proposed", "other", "saved"),
    [
        ("EUW1-BoxUsage:m6i.2xlarge", "m6i.2xlarge", "m6i.large", "", "0.75"),
        ("BoxUsage:t3.medium", "t3.medium", "t3.small", "", "0.5"),
        ("InstanceUsage:db.r6g.2xl", "db.r6g.2xlarge", "db.r6g.xlarge", "", "0.5"),
        (
            "Multi-AZUsage:db.r6g.2xl",
            "db.r6g.2xlarge",
            "db.r6g.xlarge",
            "Multi-AZUsage:db.r6g.xl",
            "0.6",
        ),
        ("EUW1-BoxUsage:m6i.2xlarge", "m6i.2xlarge", "m6i.xlarge", "BoxUsage:m6i.xlarge", "0.5"),
        ("BoxUsage:m6i.metal", "m6i.metal", "m6i.xlarge", "", "0"),
    ],
)
def test_what_another_size_saves(
    meter: str, present: str, proposed: str, other: str, saved: str
) -> None:
    """By the account's own price in the same region, else by normalization factors."""
    charged = [("i-1", meter, "24", "1", DAYS)]
    if other:
        charged.append(("i-2", other, "24", "0.4", DAYS))
    machine = thing("instance", "i-1")
    charges = make_charges(spend_of(charged), [machine])
    (line,) = charges.of(machine)
    saved_there = saved_of(charges, line, region_of_usage_type(meter), (present, proposed))
    assert saved_there == line.cost * Decimal(saved)
