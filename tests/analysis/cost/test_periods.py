from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.cost.periods import plan_periods
from tests.analysis.cost.bills import parameters


def test_the_week_is_the_last_seven_settled_days() -> None:
    periods = plan_periods(parameters(period="week", settle_hours=72))
    assert periods.current.days[0] == date(2026, 2, 20)
    assert periods.current.last_day == date(2026, 2, 26)
    assert periods.unsettled == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))


def test_without_settling_the_week_ends_at_as_of() -> None:
    periods = plan_periods(parameters(settle_hours=0))
    assert periods.current.last_day == date(2026, 3, 1)
    assert periods.unsettled == ()


def test_a_month_is_the_last_one_whose_days_are_all_settled() -> None:
    periods = plan_periods(parameters(period="month", history_days=91))
    assert periods.current.days[0] == date(2026, 1, 1)
    assert periods.current.last_day == date(2026, 1, 31)
    months = [p.start.date() for p in periods.earlier]
    assert months[:2] == [date(2025, 12, 1), date(2025, 11, 1)]
    assert months[-1] == date(2025, 4, 1), "nine months are read, however short the history"
    assert periods.days[0] == months[-1]
    assert periods.unsettled[0] == date(2026, 2, 27)


def test_other_lengths_are_counted_in_days() -> None:
    periods = plan_periods(parameters(period="10d"))
    assert len(periods.current.days) == 10
    assert periods.before.last_day == date(2026, 2, 16)
    assert periods.label == "10 days"


def test_the_month_before_stays_open_until_it_is_closed() -> None:
    assert plan_periods(parameters()).open_month == date(2026, 2, 1)
    late = parameters(as_of="2026-03-09T06:00:00Z")
    assert plan_periods(late).open_month is None


@given(
    st.dates(date(2023, 1, 1), date(2027, 1, 1)),
    st.integers(0, 120),
)
def test_consecutive_weekly_reports_cover_every_day_once(day: date, hours: int) -> None:
    as_of = datetime.combine(day, time(6), tzinfo=UTC)
    this, following = (
        plan_periods(parameters(as_of=at.isoformat(), settle_hours=hours))
        for at in (as_of, as_of + timedelta(days=7))
    )
    assert this.current.end == following.current.start
    assert not set(this.current.days) & set(this.unsettled)
    assert this.days[-1] == as_of.date() - timedelta(days=1)
