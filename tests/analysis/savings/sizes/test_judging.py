from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.capacity.sizes.sizes import find_size
from opslib.analysis.savings.recommendation import Reason, Recommendation, Rejection
from opslib.analysis.savings.sizes import judge_sizes
from tests.analysis.savings.estates import DAYS, judging_of, thing
from tests.analysis.savings.sizes.machines import (
    GIB,
    TYPES,
    WINDOW,
    database,
    instance,
    judge,
    month_of,
    of_days,
)

QUIET = {"cpu_peak": of_days(15), "cpu_mean": of_days(5)}
FREE = {"memory_peak": of_days(30), "memory_mean": of_days(20)}


def reason_of(option: object) -> tuple[Reason, Decimal | None]:
    assert isinstance(option, Rejection)
    return option.reason, option.saving


def test_the_smallest_size_that_leaves_the_headroom_free_is_recommended() -> None:
    sized, _ = judge(instance(), QUIET | FREE)
    # 15% of 8 vCPUs is 60% of 2, but 30% of 32 GiB is 120% of 8 and 60% of 16.
    assert sized.proposed == "m6i.xlarge"
    assert isinstance(sized.option, Recommendation)
    assert sized.option.kind == "smaller_instance"
    assert sized.option.cost == month_of("0.384")
    assert sized.option.saving == month_of("0.192")


def test_the_account_s_own_price_of_the_other_size_counts() -> None:
    other = ("i-2", "BoxUsage:m6i.xlarge", "24", "0.100", DAYS)
    sized, _ = judge(instance(), QUIET | FREE, more=(other,))
    assert sized.option.saving == month_of("0.284")


def test_what_costs_no_more_than_the_smaller_size_is_covered_already() -> None:
    other = ("i-2", "BoxUsage:m6i.xlarge", "24", "0.400", DAYS)
    sized, _ = judge(instance(), QUIET | FREE, more=(other,))
    assert reason_of(sized.option) == (Reason.COVERED, Decimal(0))


def test_a_peak_on_one_day_is_enough_to_stay() -> None:
    peak = {"cpu_peak": of_days(45, but={20: 62}), "cpu_mean": of_days(20)}
    sized, _ = judge(instance(), peak | FREE)
    assert reason_of(sized.option) == (Reason.IN_USE, None)


def test_full_memory_is_a_reason_to_stay() -> None:
    full = {"memory_peak": of_days(70), "memory_mean": of_days(60)}
    sized, _ = judge(instance(), QUIET | full)
    assert reason_of(sized.option) == (Reason.IN_USE, None)
    assert "140% memory" in sized.option.sentence


def test_without_memory_the_saving_is_told_and_not_recommended() -> None:
    sized, _ = judge(instance(), QUIET)
    assert reason_of(sized.option) == (Reason.UNKNOWN, month_of("0.288"))
    assert "memory is not reported" in sized.option.sentence


def test_without_memory_somebody_may_go_by_cpu_alone() -> None:
    sized, _ = judge(instance(), QUIET, size_without_memory=True)
    assert isinstance(sized.option, Recommendation)
    assert sized.proposed == "m6i.large"


def test_busy_cpu_is_enough_to_stay_whatever_memory_is() -> None:
    busy = {"cpu_peak": of_days(60), "cpu_mean": of_days(40)}
    sized, _ = judge(instance(), busy)
    assert reason_of(sized.option) == (Reason.IN_USE, None)
    sized, _ = judge(instance(), FREE)
    assert reason_of(sized.option)[0] is Reason.UNKNOWN


def test_silence_is_not_idleness() -> None:
    sized, _ = judge(instance(), {})
    assert reason_of(sized.option) == (Reason.UNKNOWN, None)


def test_a_day_without_a_datapoint_may_have_been_anything() -> None:
    gap = {day: 15.0 for day in WINDOW if day != WINDOW[3]}
    sized, _ = judge(instance(), {"cpu_peak": gap, "cpu_mean": gap} | FREE)
    assert reason_of(sized.option)[0] is Reason.UNKNOWN


@pytest.mark.parametrize(("peak", "reason"), [(35.0, Reason.VOLATILE), (17.0, None), (12.0, None)])
def test_days_that_differ_wildly_are_no_ground(peak: float, reason: Reason | None) -> None:
    use = {"cpu_peak": of_days(6, but={9: peak}), "cpu_mean": of_days(3)}
    sized, _ = judge(instance(), use | {"memory_peak": of_days(35), "memory_mean": of_days(30)})
    told = sized.option.reason if isinstance(sized.option, Rejection) else None
    assert told is reason
    assert sized.option.saving == month_of("0.192")


def test_a_younger_one_is_not_judged() -> None:
    young = thing("instance", "i-1", days_old=10, state="running", type="m6i.2xlarge")
    sized, _ = judge(young, QUIET | FREE)
    assert reason_of(sized.option) == (Reason.TOO_YOUNG, None)


def test_a_wider_size_is_taken_where_the_smallest_is_too_narrow() -> None:
    memory = {"memory_peak": of_days(10), "memory_mean": of_days(10)}
    # 6 x 10^9 bytes in a minute are 800 Mbit/s: 80% of 0.78 Gbit/s is less, of 1.56 more.
    taken = QUIET | memory | {"network_in": of_days(6e9)}
    sized, _ = judge(instance(), taken)
    assert sized.proposed == "m6i.xlarge"
    assert judge(instance(), QUIET | memory)[0].proposed == "m6i.large"


def test_no_size_is_wide_enough() -> None:
    taken = QUIET | FREE | {"ebs_read": of_days(9e9)}
    sized, _ = judge(instance(), taken)
    assert reason_of(sized.option) == (Reason.IN_USE, None)
    assert "EBS took up to 1200 Mbit/s, 1000 would fit" in sized.option.sentence


@pytest.mark.parametrize(
    "facts", [{"state": "stopped"}, {"lifecycle": "spot"}, {"state": "pending"}]
)
def test_what_does_not_run_on_its_own_account_is_left_out(facts: dict[str, str]) -> None:
    assert judge_sizes(judging_of([instance(**facts)], []), TYPES) == ()


def test_without_the_family_s_sizes_nothing_is_said() -> None:
    judging = judging_of([instance("x9.large")], [])
    (sized,) = judge_sizes(judging, TYPES)
    assert reason_of(sized.option) == (Reason.UNKNOWN, None)
    assert judge_sizes(judging, pd.DataFrame(columns=TYPES.columns))[0].proposed == ""


def test_a_database_is_made_smaller_where_even_its_caches_would_fit() -> None:
    use = QUIET | {"memory_free": of_days(24.0 * GIB)}
    sized, _ = judge(database(), use, hourly="0.712")
    assert isinstance(sized.option, Recommendation)
    assert sized.proposed == "db.m6i.xlarge"
    assert sized.option.kind == "smaller_database"
    assert sized.option.saving == month_of("0.356")


def test_a_database_whose_caches_fill_its_memory_is_not_known() -> None:
    sized, _ = judge(database(), QUIET | {"memory_free": of_days(2.0 * GIB)})
    assert reason_of(sized.option)[0] is Reason.UNKNOWN


@settings(max_examples=25)
@given(
    peak=st.floats(0, 100),
    memory=st.floats(0, 100),
    headroom=st.floats(0, 90),
    hourly=st.decimals("0.01", "20", places=4),
)
def test_what_is_recommended_keeps_its_headroom_and_saves_less_than_it_costs(
    peak: float, memory: float, headroom: float, hourly: Decimal
) -> None:
    use = {"cpu_peak": of_days(peak), "cpu_mean": of_days(peak)}
    told = use | {"memory_peak": of_days(memory), "memory_mean": of_days(memory)}
    sized, _ = judge(instance(), told, hourly=str(hourly), size_headroom_percent=headroom)
    if isinstance(sized.option, Recommendation):
        there = find_size(TYPES, sized.proposed)
        assert there is not None
        most = 100 - headroom
        assert peak * 8 / there.vcpus <= most + 1e-9
        assert memory * 32 / there.memory_gib <= most + 1e-9
        assert 0 < sized.option.saving < sized.option.cost
