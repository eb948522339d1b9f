from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.dr.cron_days import read_days, read_field
from opslib.analysis.dr.schedule import HORIZON, longest_gap, parse_schedule

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("expression", "zone", "last"),
    [
        ("cron(0 3 * * ? *)", "Etc/UTC", "2026-03-02T03:00"),
        ("cron(0 3 * * ? *)", NEW_YORK, "2026-03-01T08:00"),
        ("cron(0 3 * * ? *)", "Asia/Kolkata", "2026-03-01T21:30"),
        ("", "", "2026-03-02T05:00"),
        ("0 12 * * ? *", "", "2026-03-01T12:00"),
        ("cron(15 * ? * * *)", "", "2026-03-02T05:15"),
        ("cron(0/20 5 * * ? *)", "", "2026-03-02T05:40"),
        ("cron(0 6 * * ? *)", "", "2026-03-02T06:00"),
        ("cron(0 5 ? * SUN *)", "", "2026-03-01T05:00"),
        ("cron(0 5 ? * 2-6 *)", "", "2026-03-02T05:00"),
        ("cron(0 5 ? * L *)", "", "2026-02-28T05:00"),
        ("cron(0 5 ? * 6L *)", "", "2026-02-27T05:00"),
        ("cron(0 5 ? * 3#2 *)", "", "2026-02-10T05:00"),
        ("cron(0 5 L * ? *)", "", "2026-02-28T05:00"),
        ("cron(0 5 LW * ? *)", "", "2026-02-27T05:00"),
        ("cron(0 5 1W * ? *)", "", "2026-03-02T05:00"),
        ("cron(0 5 1,15 JAN-MAR ? *)", "", "2026-03-01T05:00"),
        ("cron(0 5 29 2 ? *)", "", "2024-02-29T05:00"),
        ("rate(12 hours)", "", "2026-03-01T18:00"),
    ],
)
def test_the_last_start_is_the_one_that_the_expression_names(
    expression: str, zone: str, last: str
) -> None:
    schedule = parse_schedule(expression, zone)
    assert schedule is not None
    assert schedule.last_start(AS_OF) == datetime.fromisoformat(last).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("cron(61 3 * * ? *)", ""),
        ("cron(0 3 * * ?)", ""),
        ("cron(0 3 5 * 2 *)", ""),
        ("cron(0 3 * * 8 *)", ""),
        ("cron(0 3 32W * ? *)", ""),
        ("cron(0 3 * * ? *)", "Mars/Olympus"),
        ("cron(0 3 * * ? *)", "../../etc/passwd"),
        ("rate(0 days)", ""),
        ("rate(2 weeks)", ""),
        ("at(2026-03-02T06:00:00)", ""),
    ],
)
def test_what_is_no_schedule_is_not_guessed(expression: str, zone: str) -> None:
    assert parse_schedule(expression, zone) is None


@pytest.mark.parametrize(
    ("expressions", "gap"),
    [
        (["cron(0 3 * * ? *)"], DAY),
        (["cron(0 3,15 * * ? *)"], 12 * HOUR),
        (["cron(0 5 ? * MON-FRI *)"], 3 * DAY),
        (["cron(0 5 ? * MON-FRI *)", "cron(0 5 ? * SAT,SUN *)"], DAY),
        (["cron(0 5 1 * ? *)"], 31 * DAY),
        (["cron(0 5 1 * ? *)", "rate(6 hours)"], 6 * HOUR),
        (["rate(3 days)"], 3 * DAY),
    ],
)
def test_the_longest_gap_is_that_of_all_schedules_together(
    expressions: list[str], gap: timedelta
) -> None:
    schedules = [parse_schedule(expression, "") for expression in expressions]
    assert longest_gap([s for s in schedules if s], AS_OF) == gap


def test_a_schedule_that_has_ended_has_no_end_of_its_gap() -> None:
    ended = parse_schedule("cron(0 3 * * ? 2024)", "")
    assert ended is not None
    assert longest_gap([ended], AS_OF) >= HORIZON
    assert longest_gap([], AS_OF) == HORIZON


def test_a_day_of_25_hours_makes_no_daily_schedule_late() -> None:
    daily = parse_schedule("cron(30 1 * * ? *)", NEW_YORK)
    assert daily is not None
    autumn = datetime(2026, 10, 30, tzinfo=UTC)
    assert longest_gap([daily], autumn) == DAY
    before, after = (daily.last_start(datetime(2026, 11, day, 12, tzinfo=UTC)) for day in (1, 2))
    assert before is not None
    assert after is not None
    assert after - before == 25 * HOUR


def test_a_time_that_the_clock_leaves_out_is_not_due() -> None:
    daily = parse_schedule("cron(30 2 * * ? *)", NEW_YORK)
    assert daily is not None
    start = daily.last_start(datetime(2026, 3, 8, 20, tzinfo=UTC))  # 02:30 did not come that day
    assert start == datetime(2026, 3, 7, 7, 30, tzinfo=UTC)


@settings(max_examples=50)
@given(
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=4),
    weekdays=st.sets(st.integers(1, 7), min_size=1),
    ahead=st.integers(0, 24 * 60 * 40),
)
def test_no_start_lies_between_the_last_one_and_now(
    hours: set[int], weekdays: set[int], ahead: int
) -> None:
    expression = f"cron(0 {','.join(map(str, hours))} ? * {','.join(map(str, weekdays))} *)"
    schedule = parse_schedule(expression, "")
    assert schedule is not None
    now = AS_OF + timedelta(minutes=ahead)
    last = schedule.last_start(now)
    assert last is not None
    assert last <= now
    assert (last.isoweekday() % 7 + 1, last.minute) in {(day, 0) for day in weekdays}
    assert now - last <= longest_gap([schedule], now) + timedelta(0)
    between = last + HOUR
    while between <= now:
        assert not (between.hour in hours and between.isoweekday() % 7 + 1 in weekdays)
        between += HOUR


def test_fields_and_days_read_as_aws_writes_them() -> None:
    assert read_field("5", 0, 59) == frozenset({5})
    assert read_field("*/30", 0, 59) == frozenset({0, 30})
    assert read_field("10-12,20", 1, 31) == frozenset({10, 11, 12, 20})
    assert read_field("12-10", 1, 31) is None
    days = read_days("31W", "*", "?", "*")
    assert days is not None
    held = [date(2026, month, 1) + n * DAY for month in (1, 2, 5) for n in range(31)]
    assert [day.isoformat() for day in held if days.has(day)] == ["2026-01-30", "2026-05-29"]
