from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.sizes import Comparison, SourceView, compare_sizes
from opslib.coverage import Coverage, CoverageStatus
from opslib.tables.savings_sizes import (
    AWS_ADVICE,
    COMPUTE_OPTIMIZER,
    COST_EXPLORER,
    HUB,
    SizeTables,
)
from tests.analysis.savings.estates import thing
from tests.analysis.savings.sizes.machines import (
    TYPES,
    database,
    instance,
    judge,
    month_of,
    of_days,
)

QUIET = {"cpu_peak": of_days(15), "cpu_mean": of_days(5)}
FREE = {"memory_peak": of_days(30), "memory_mean": of_days(20)}
DEFAULTS: dict[str, Any] = {
    "Source": COMPUTE_OPTIMIZER,
    "ResourceId": "i-1",
    "Finding": "Overprovisioned",
    "Proposed": "m6i.xlarge",
    "MonthlySaving": month_of("0.192"),
    "Currency": "USD",
    "LookBackDays": 14.0,
    "SeesMemory": "yes",
    "CoveredShare": None,
}


def compare(
    machine: Thing,
    use: dict[str, Any],
    *advice: dict[str, Any],
    coverage: tuple[Coverage, ...] = (),
    **values: Any,
) -> tuple[Comparison, ...]:
    sized, judging = judge(machine, use, **values)
    told = [DEFAULTS | one for one in advice]
    frame = pd.DataFrame(told, columns=list(AWS_ADVICE.columns))
    return compare_sizes([sized], SizeTables(types=TYPES, advice=frame), judging, coverage)


def view(comparisons: tuple[Comparison, ...], source: str = COMPUTE_OPTIMIZER) -> SourceView:
    (one,) = comparisons
    return next(view for view in one.views if view.source == source)


def test_the_same_size_and_saving_is_agreement() -> None:
    told = compare(instance(), QUIET | FREE, {})
    one = view(told)
    assert (one.proposed, one.saving, one.agrees, one.why) == (
        "m6i.xlarge",
        month_of("0.192"),
        True,
        "",
    )
    silent = view(told, COST_EXPLORER)
    assert (silent.agrees, silent.why) == (False, "it does not name it")


@pytest.mark.parametrize(
    ("advice", "why"),
    [
        ({"Proposed": "r6i.large"}, "r6i.large is of another family"),
        ({"Proposed": "m6i.large"}, "m6i.large is smaller than what leaves 20% free at the peak"),
        ({"Proposed": "", "Finding": "Optimized"}, "it finds it optimized over 14 days"),
        ({"Proposed": "", "Finding": "TERMINATE"}, "it would end it"),
    ],
)
def test_another_size_than_ours(advice: dict[str, Any], why: str) -> None:
    one = view(compare(instance(), QUIET | FREE, advice))
    assert (one.agrees, one.why) == (False, why)


def test_another_saving_of_the_same_size_is_told() -> None:
    advice = {"MonthlySaving": Decimal(20), "CoveredShare": 0.6}
    one = view(compare(instance(), QUIET | FREE, advice))
    assert (one.agrees, one.why) == (True, "commitments cover 60% of its hours")
    abroad = view(compare(instance(), QUIET | FREE, advice | {"Currency": "CNY"}))
    assert abroad.why == ""


def test_memory_that_aws_does_not_see() -> None:
    full = {"memory_peak": of_days(70), "memory_mean": of_days(60)}
    one = view(compare(instance(), QUIET | full, {"SeesMemory": "no"}))
    assert not one.agrees
    assert one.why == "it does not see memory, which would peak at 140% of m6i.xlarge"


def test_days_before_its_look_back() -> None:
    before = dict.fromkeys(range(16, 31), 70.0)
    busy = {"cpu_peak": of_days(15, but=before), "cpu_mean": of_days(5)}
    one = view(compare(instance(), busy | FREE, {}))
    assert one.why == "it looks back 14 days; CPU peaked at 70% before"
    same = view(compare(instance(), busy | FREE, {"LookBackDays": 30.0}))
    assert "look" not in same.why


def test_memory_that_nobody_sees() -> None:
    one = view(compare(instance(), QUIET, {"SeesMemory": "no"}))
    assert one.why == "nobody sees its memory, and it goes by CPU alone"


def test_what_we_do_not_judge_yet() -> None:
    young = thing("instance", "i-1", days_old=16, state="running", type="m6i.2xlarge")
    one = view(compare(young, QUIET | FREE, {}))
    assert one.why == "it judges by 14 days; it is 16 days old, younger than 30 days"


def test_what_the_hub_passes_on_is_explained_by_where_it_is_from() -> None:
    full = {"memory_peak": of_days(70), "memory_mean": of_days(60)}
    hub = {"Source": HUB, "SeesMemory": "", "LookBackDays": None}
    told = compare(instance(), QUIET | full, {"SeesMemory": "no"}, hub)
    assert view(told, HUB).why == view(told).why != ""


def test_a_service_that_could_not_be_asked_neither_agrees_nor_not() -> None:
    def line(table: str, region: str, asked: str) -> Coverage:
        status = CoverageStatus.NOT_FOUND
        return Coverage(
            table=table,
            asked=asked,
            status=status,
            account="lab" if region else "",
            region=region,
            detail="not opted in",
        )

    gaps = (
        line(HUB, "", "all"),
        line(COMPUTE_OPTIMIZER, "us-east-1", "RDS databases"),
        line(COMPUTE_OPTIMIZER, "eu-west-1", "EC2 instances"),
    )
    told = compare(instance(), QUIET | FREE, coverage=gaps)
    hub = view(told, HUB)
    assert (hub.agrees, hub.why) == (None, "not opted in")
    assert view(told).agrees is False


def test_nothing_is_shown_where_nobody_would_change_anything() -> None:
    busy = {"cpu_peak": of_days(75), "cpu_mean": of_days(50)}
    assert compare(instance(), busy | FREE, {"Proposed": "", "Finding": "Optimized"}) == ()
    assert compare(instance(), QUIET | FREE, {}, aws_advice=False) == ()


def test_cost_explorer_is_not_held_against_databases() -> None:
    use = QUIET | {"memory_free": of_days(24.0 * 2**30)}
    (one,) = compare(database(), use, {"ResourceId": database().id, "Proposed": "db.m6i.xlarge"})
    assert [view.source for view in one.views] == [COMPUTE_OPTIMIZER, HUB]
    assert one.views[0].agrees


@pytest.mark.parametrize(("once", "why"), [(20, "it looks back 14 days"), (5, "CPU peaks at 5%")])
def test_one_busy_day_within_and_before_its_look_back(once: int, why: str) -> None:
    wild = {"cpu_peak": of_days(5, but={once: 38.0}), "cpu_mean": of_days(3)}
    one = view(compare(instance(), wild | FREE, {}))
    assert one.why.startswith(why)
