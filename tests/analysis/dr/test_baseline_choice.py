"""Which baseline of a series is taken: never one that is later, where there is one before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.dr.baseline_choice import BaselineChoice, choose_baseline
from opslib.tables.baseline_series import BASELINE_SERIES
from opslib.tables.schema import check_table

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SERIES = "s3://acme-baselines/orders/"


def series(*hours: float | None) -> pd.DataFrame:
    """Return a series by hours after noon; None for a folder that holds none."""
    rows = [
        (
            f"b{n}",
            None if hour is None else NOON + timedelta(hours=hour),
            "" if hour is not None else "half",
        )
        for n, hour in enumerate(hours)
    ]
    frame = pd.DataFrame(rows, columns=list(BASELINE_SERIES.columns))
    return check_table(frame, BASELINE_SERIES, "series")


def choose(*hours: float | None, until: datetime | None = NOON) -> BaselineChoice:
    return choose_baseline(SERIES, series(*hours), until)


@pytest.mark.parametrize(
    ("hours", "taken"),
    [
        ((-3, -1, 1), "b1"),
        ((1, -1, -3), "b1"),
        ((-3, 0), "b1"),
        ((-1, None, 2), "b0"),
        ((-9,), "b0"),
    ],
)
def test_the_newest_that_is_not_later_is_taken(hours: tuple[float | None, ...], taken: str) -> None:
    choice = choose(*hours)
    assert choice.path == f"s3://acme-baselines/orders/{taken}"
    assert not choice.is_later
    assert choice.remedy == ""
    assert "not after 2 Mar 2026 12:00 UTC" in choice.because


def test_the_moment_may_be_told_in_another_zone() -> None:
    assert choose(-1, until=NOON.astimezone(timezone(timedelta(hours=9)))) == choose(-1)


def test_where_all_are_later_the_earliest_is_taken_and_said_to_be_later() -> None:
    choice = choose(5, 2, 9)
    assert choice.path.endswith("/b1")
    assert choice.is_later
    assert "opslib baseline capture" in choice.remedy


@pytest.mark.parametrize(
    ("hours", "until", "said"),
    [
        ((), NOON, "no whole baseline"),
        ((None, None), NOON, "b0 (half), and 1 more"),
        ((-1, -2), None, "is not known: none of 2 baselines"),
    ],
)
def test_where_nothing_can_be_taken_it_says_why_and_what_to_do(
    hours: tuple[float | None, ...], until: datetime | None, said: str
) -> None:
    choice = choose(*hours, until=until)
    assert choice.path == ""
    assert said in choice.because
    assert choice.remedy


@given(st.lists(st.integers(-50, 50), min_size=1, unique=True))
def test_a_later_one_is_taken_only_where_none_is_earlier(hours: list[int]) -> None:
    choice = choose(*hours)
    assert choice.is_later is (min(hours) > 0)
    wanted = max((h for h in hours if h <= 0), default=min(hours))
    assert choice.captured_at == NOON + timedelta(hours=wanted)
