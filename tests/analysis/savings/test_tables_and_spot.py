"""Tables with too much capacity, and groups that could run on Spot Instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.savings.options import Option
from opslib.analysis.savings.recommendation import Reason
from opslib.analysis.savings.waste.dynamodb import check_over_provisioned_tables
from opslib.analysis.savings.waste.spot import check_spot_candidates
from tests.analysis.savings.estates import DAYS, judging_of, thing
from tests.analysis.savings.test_stores import Use, each_day, one, reason, recommended

SIDES = ("Read", "Write")
READ, WRITE = "0.00013", "0.00065"
Peaks = Mapping[str, float]
"""Units a second in the highest five minutes, by side and index, such as ``Read by-sku``."""


def judge_table(
    peaks: Peaks,
    parts: Mapping[str, Mapping[str, int]] | None = None,
    *,
    extra: Use | None = None,
    charged: tuple[Any, ...] = (),
    **settings: Any,
) -> Option:
    """Return what is said of a table that consumes a tenth of its peak on average."""
    held = parts or {"": {"Read": 100, "Write": 50}}
    table = thing(
        "table", "carts", **{"billing_mode": "PROVISIONED", "parts": held, "scaled": [], **settings}
    )
    use: Use = {}
    for name, units in peaks.items():
        side, _, index = name.partition(" ")
        use["carts", f"{side} peak {index}".strip()] = each_day(units * 300)
        use["carts", f"{side} consumed {index}".strip()] = each_day(units * 86_400 / 10)
    hours = {side: str(24 * sum(units[side] for units in held.values())) for side in SIDES}
    lines = [
        ("carts", "ReadCapacityUnit-Hrs", hours["Read"], READ, DAYS),
        ("carts", "WriteCapacityUnit-Hrs", hours["Write"], WRITE, DAYS),
        *charged,
    ]
    return one(check_over_provisioned_tables(judging_of([table], lines, {**use, **(extra or {})})))


def test_a_table_needs_its_peak_at_the_target_utilization() -> None:
    found = recommended(judge_table({"Read": 7, "Write": 0}))
    expected = 720 * ((100 - 10) * Decimal(READ) + (50 - 1) * Decimal(WRITE))
    assert found.saving == pytest.approx(expected, abs=Decimal("1e-6"))
    assert "10 read and 1 write" in found.action


def test_figures_are_grouped_and_whole_ones_stand_without_a_zero() -> None:
    found = recommended(judge_table({"Read": 7, "Write": 2.5}, {"": {"Read": 1170, "Write": 50}}))
    assert found.sentence == (
        "1,170 read and 50 write capacity units are provisioned without scaling, of which at most "
        "7 and 2.5 were consumed"
    )


def test_a_minute_says_more_than_five() -> None:
    minutes: Use = {("carts", "Read minute"): each_day(14 * 60)}
    found = recommended(judge_table({"Read": 7, "Write": 0}, extra=minutes))
    assert "20 read and 1 write" in found.action


def test_an_index_needs_its_own_peak() -> None:
    parts = {"": {"Read": 100, "Write": 50}, "by-sku": {"Read": 40, "Write": 50}}
    quiet = {"Read": 0, "Write": 0, "Read by-sku": 35, "Write by-sku": 0}
    found = recommended(judge_table(quiet, parts))
    expected = 720 * (99 * Decimal(READ) + 98 * Decimal(WRITE))
    assert found.saving == pytest.approx(expected, abs=Decimal("1e-6"))


@given(
    given_units=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_what_is_left_is_never_below_the_peak(
    given_units: tuple[int, int], shares: tuple[float, float]
) -> None:
    units = dict(zip(SIDES, given_units, strict=True))
    peaks = {side: units[side] * share for side, share in zip(SIDES, shares, strict=True)}
    found = judge_table(peaks, {"": units})
    needed = {side: min(units[side], max(1, ceil(peaks[side] / 0.7 - 1e-9))) for side in SIDES}
    if needed == units:
        assert reason(found) is Reason.IN_USE
        return
    left = {line.meter[:4]: line.cost - line.saving for line in recommended(found).lines}
    prices = {"Read": READ, "Write": WRITE}
    for side in SIDES:
        kept = left[side[:4]] / (720 * Decimal(prices[side]))
        assert kept >= Decimal(peaks[side]) - Decimal("1e-6")
        assert kept == pytest.approx(needed[side], abs=Decimal("1.001"))


@pytest.mark.parametrize(
    ("settings", "peaks", "extra", "why"),
    [
        ({"scaled": ["dynamodb:table:ReadCapacityUnits"]}, {}, {}, Reason.COVERED),
        ({"scaled": None}, {}, {}, Reason.UNKNOWN),
        ({}, {}, {}, Reason.UNKNOWN),
        ({}, {"Read": 0}, {}, Reason.UNKNOWN),
        ({}, {"Read": 70, "Write": 35}, {}, Reason.IN_USE),
        ({}, {"Read": 0, "Write": 0}, {("carts", "Read throttled"): each_day(1)}, Reason.IN_USE),
    ],
)
def test_a_table_is_kept(settings: dict[str, Any], peaks: Peaks, extra: Use, why: Reason) -> None:
    assert reason(judge_table(peaks, extra=extra, **settings)) is why


def test_on_demand_is_taken_where_the_account_pays_it_and_it_is_cheaper() -> None:
    paid = (
        ("other", "ReadRequestUnits", "1000", "0.00000025", DAYS),
        ("other", "WriteRequestUnits", "1000", "0.00000125", DAYS),
    )
    found = recommended(judge_table({"Read": 60, "Write": 1}, charged=paid))
    cost = 720 * (100 * Decimal(READ) + 50 * Decimal(WRITE))
    asked = 86_400 * 30 * (6 * Decimal("0.00000025") + Decimal("0.1") * Decimal("0.00000125"))
    assert "on-demand" in found.action
    assert found.saving == pytest.approx(cost - asked, abs=Decimal("1e-6"))


def test_a_table_on_demand_is_not_looked_at() -> None:
    table = thing("table", "carts", billing_mode="PAY_PER_REQUEST", parts={}, scaled=[])
    assert not list(check_over_provisioned_tables(judging_of([table], [])))


def judge_group(
    *, zones: tuple[str, ...] = ("a", "b"), days_old: int = 400, **change: Any
) -> Option:
    instance: dict[str, Any] = {"platform": "Linux/UNIX", "volumes": ["root"]}
    instance |= {"type": "c6g.xlarge"} | change.pop("instance", {})
    names = [f"i-{number}" for number in range(2)]
    held = {
        name: {"type": "c6g.xlarge", "zone": zones[place % len(zones)]}
        for place, name in enumerate(names)
    }
    tags = change.pop("tags", {"Interruptible": "true"})
    spot = {"c6g.xlarge a": "0.05", "c6g.xlarge b": "0.07"}
    facts: dict[str, Any] = {"instances": held, "mixed": False, "stored": [], "spot": spot}
    facts |= change
    group = thing("instance_group", "asg", days_old=days_old, **facts)
    told = [thing("instance", name, **instance) for name in names]
    lines = [(name, "BoxUsage:c6g.xlarge", "24", "0.136", DAYS) for name in names]
    return one(check_spot_candidates(judging_of([replace(group, tags=tags), *told], lines)))


def test_a_group_that_may_be_interrupted_saves_down_to_the_spot_price() -> None:
    found = recommended(judge_group())
    assert found.saving == 2 * 720 * (Decimal("0.136") - Decimal("0.06"))
    assert found.cost == 2 * 720 * Decimal("0.136")


def test_nothing_is_saved_where_spot_costs_more() -> None:
    dear = {"c6g.xlarge a": "0.2", "c6g.xlarge b": "0.2"}
    assert recommended(judge_group(spot=dear)).saving == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"tags": {}}, Reason.UNKNOWN),
        ({"tags": {"Interruptible": "no"}}, Reason.UNKNOWN),
        ({"mixed": True}, Reason.COVERED),
        ({"instance": {"lifecycle": "spot"}}, Reason.COVERED),
        ({"days_old": 9}, Reason.TOO_YOUNG),
        ({"zones": ("a",)}, Reason.VOLATILE),
        ({"stored": ["c6g.xlarge"]}, Reason.IN_USE),
        ({"stored": None}, Reason.UNKNOWN),
        ({"instance": {"volumes": ["root", "data"]}}, Reason.IN_USE),
        ({"instance": {"platform": "Windows"}}, Reason.UNKNOWN),
        ({"spot": {"c6g.xlarge a": "0.05"}}, Reason.UNKNOWN),
        ({"spot": None}, Reason.UNKNOWN),
    ],
)
def test_a_group_is_kept(change: dict[str, Any], why: Reason) -> None:
    assert reason(judge_group(**change)) is why
