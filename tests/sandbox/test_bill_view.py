from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opslib.sandbox.handlers.bill_view import match_filter
from opslib.sandbox.handlers.cost_explorer import split_period
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.scenario import plan_scenario

BILL = plan_scenario("steady", 1).bill
LEAVES = st.one_of(
    st.fixed_dictionaries(
        {
            "Dimensions": st.fixed_dictionaries(
                {
                    "Key": st.just("SERVICE"),
                    "Values": st.lists(st.sampled_from(sorted(set(BILL["service"]))), max_size=3),
                }
            )
        }
    ),
    st.sampled_from(
        [
            {"Tags": {"Key": "Project", "MatchOptions": ["ABSENT"]}},
            {"Tags": {"Key": "Environment", "Values": ["prod", "shared"]}},
            {"Tags": {"Key": "Team", "Values": ["none of ours"]}},
        ]
    ),
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.fixed_dictionaries({"Not": part}),
        st.fixed_dictionaries({"And": st.lists(part, min_size=2, max_size=3)}),
        st.fixed_dictionaries({"Or": st.lists(part, min_size=2, max_size=3)}),
    ),
    max_leaves=4,
)
SOME_ROWS = BILL.sample(200, random_state=1)


@given(EXPRESSIONS, EXPRESSIONS)
def test_filters_obey_the_laws_of_logic(one: dict[str, Any], other: dict[str, Any]) -> None:
    met, both = match_filter(SOME_ROWS, one), match_filter(SOME_ROWS, {"And": [one, other]})
    assert (met != match_filter(SOME_ROWS, {"Not": one})).all()
    assert (both <= met).all()
    denied = {"Not": {"Or": [{"Not": one}, {"Not": other}]}}
    assert both.equals(match_filter(SOME_ROWS, denied))


@given(st.lists(st.integers(), max_size=30), st.integers(1, 7))
def test_pages_put_together_are_the_whole(items: list[int], size: int) -> None:
    page, token = take_page(items, None, size)
    seen = list(page)
    while token:
        page, token = take_page(items, token, size)
        assert page
        seen += page
    assert seen == items


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(1, 100))
def test_periods_cover_every_day_once_and_months_break_at_their_first(
    first: date, length: int
) -> None:
    end = first + timedelta(days=length)
    for granularity in ("DAILY", "MONTHLY"):
        periods = split_period(first, end, granularity)
        assert (periods[0][0], periods[-1][1]) == (first, end)
        assert all(one[1] == other[0] for one, other in pairwise(periods))
        if granularity == "MONTHLY":
            assert all(start.day == 1 for start, _ in periods[1:])
            assert all((stop - timedelta(days=1)).month == start.month for start, stop in periods)
