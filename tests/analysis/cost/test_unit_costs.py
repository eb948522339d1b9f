from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.cost import CostReport, report_tables
from opslib.analysis.cost.unit_costs import UnitCostTrend
from opslib.analysis.cost.unit_statistics import (
    compare_ratio,
    estimate_elasticity,
    estimate_growth,
)
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Conclusion, Finding, Verdict
from opslib.money import total
from opslib.tables.unit_counts import counts_of
from tests.analysis.cost.unit_reports import NOW, charges, counts, unit_report

QUESTION = "Is the cost of a unit within the usual?"
WEEKEND = 5


def busy(day: date) -> float:
    """Return 100,000 a weekday and half of it at weekends, a little different each day."""
    return (100_000 if day.weekday() < WEEKEND else 50_000) * (1 + day.day / 1000)


def spent(day: date) -> object:
    return 80 + (day.toordinal() * 7 % 5)


def only(report: CostReport) -> UnitCostTrend:
    (trend,) = report.units
    return trend


def answer(report: CostReport) -> Conclusion:
    (found,) = [one for one in report.conclusions if one.question == QUESTION]
    return found


def risen(report: CostReport) -> list[Finding]:
    return [one for one in report.findings if one.kind == "cost.unit_cost"]


def test_a_unit_cost_is_the_ratio_of_sums_and_not_the_mean_of_ratios() -> None:
    quiet = date(2026, 2, 22)
    report = unit_report(charges(lambda _: 10), counts(lambda d: 10 if d == quiet else 1000))
    assert only(report).current.price == Decimal(70) * 1000 / 6010 // Decimal("1e-12") / 10**12
    shown = report_tables(report)["unit_days"]
    assert shown[shown["day"] == quiet]["unit_cost"].tolist() == [1000]


def test_a_steady_unit_cost_is_within_the_usual() -> None:
    report = unit_report(charges(spent), counts(busy))
    assert answer(report).verdict is Verdict.PASS
    assert risen(report) == []
    assert "1,000 requests cost $0.9" in answer(report).sentence


def test_more_spend_on_the_same_traffic_is_told_as_spend() -> None:
    report = unit_report(
        charges(lambda d: float(str(spent(d))) * (1.5 if d >= NOW else 1)), counts(busy)
    )
    assert answer(report).verdict is Verdict.FAIL
    (finding,) = risen(report)
    change = only(report).change
    assert change is not None
    assert change.spend > 9 * abs(change.volume)
    assert finding.amount is not None
    assert finding.amount.mid == change.extra
    assert finding.subject == {"Unit": "request"}
    assert "by more spend" in finding.sentence


def test_less_traffic_for_the_same_spend_is_told_as_volume() -> None:
    report = unit_report(charges(spent), counts(lambda d: busy(d) * (0.5 if d >= NOW else 1)))
    (finding,) = risen(report)
    change = only(report).change
    assert change is not None
    assert change.volume > 9 * abs(change.spend)
    assert "by fewer units" in finding.sentence


def test_a_step_is_told_in_its_week_and_not_for_ever() -> None:
    since = NOW - timedelta(days=7)
    report = unit_report(
        charges(lambda d: float(str(spent(d))) * (1.5 if d >= since else 1)), counts(busy)
    )
    assert risen(report) == []


def test_a_return_from_a_week_of_much_traffic_is_no_rise() -> None:
    before = NOW - timedelta(days=7)
    report = unit_report(
        charges(spent), counts(lambda d: busy(d) * (3 if before <= d < NOW else 1))
    )
    change = only(report).change
    assert change is not None
    assert change.amount > change.before
    assert risen(report) == []


def test_a_fall_is_no_finding() -> None:
    report = unit_report(charges(spent), counts(lambda d: busy(d) * (3 if d >= NOW else 1)))
    assert risen(report) == []
    assert answer(report).verdict is Verdict.PASS


@pytest.mark.parametrize("counted", [0, -5])
def test_a_period_in_which_nothing_was_counted_has_no_unit_cost(counted: float) -> None:
    report = unit_report(charges(spent), counts(lambda d: counted if d >= NOW else busy(d)))
    assert (only(report).change, only(report).current.price) == (None, None)
    assert answer(report).verdict is Verdict.INCONCLUSIVE
    assert answer(report).because == (
        "request: this period: nothing was counted, or nothing charged",
    )
    assert risen(report) == []


def test_a_day_without_a_datapoint_is_unknown_and_not_quiet() -> None:
    gone = date(2026, 2, 24)
    report = unit_report(charges(spent), counts(lambda d: None if d == gone else busy(d)))
    trend = only(report)
    assert trend.change is None
    assert (trend.current.known_days, trend.current.price) == (6, None)
    assert answer(report).verdict is Verdict.INCONCLUSIVE
    assert answer(report).because == (
        "request: this period: too few hours were counted on 24 Feb 2026",
    )


def test_a_day_cut_off_is_unknown_and_hours_that_are_always_silent_are_not() -> None:
    cut = date(2026, 2, 24)
    nightly = unit_report(charges(spent), counts(busy, lambda _: 14))
    assert answer(nightly).verdict is Verdict.PASS
    broken = unit_report(charges(spent), counts(busy, lambda d: 9 if d == cut else 14))
    assert answer(broken).verdict is Verdict.INCONCLUSIVE
    assert only(broken).current.known_days == 6


def test_an_earlier_gap_leaves_its_week_out_of_what_is_compared() -> None:
    gone = date(2026, 1, 20)
    report = unit_report(charges(spent), counts(lambda d: None if d == gone else busy(d)))
    trend = only(report)
    assert [period.is_whole for period in trend.periods].count(False) == 1
    assert trend.change is not None
    assert answer(report).verdict is Verdict.PASS


def test_a_refused_account_compares_nothing() -> None:
    denied = Coverage(
        table=counts_of("request"), asked="", account="shop", status=CoverageStatus.DENIED
    )
    report = unit_report(charges(spent), counts(busy), [denied])
    trend = only(report)
    assert (trend.change, trend.against, trend.growth, trend.elasticity) == (None,) * 4
    assert answer(report).verdict is Verdict.INCONCLUSIVE
    assert "counts of request in shop: denied" in answer(report).because[0]


def test_few_earlier_weeks_cannot_tell_what_is_usual() -> None:
    report = unit_report(charges(spent), counts(busy), history_days=28)
    assert answer(report).verdict is Verdict.INCONCLUSIVE
    assert "too few to tell what is usual" in answer(report).because[0]


def test_without_a_count_the_question_is_not_asked_unless_somebody_asks() -> None:
    nothing = counts(lambda _: None)
    unasked = unit_report(charges(spent), nothing)
    assert unasked.units == ()
    assert QUESTION not in {one.question for one in unasked.conclusions}
    asked = unit_report(charges(spent), nothing, unit_costs=[{"name": "order"}])
    assert answer(asked).verdict is Verdict.INCONCLUSIVE
    assert answer(asked).because == ("order: not a single day was counted",)


@pytest.mark.parametrize(
    ("asked", "cost"),
    [
        ({}, 119),
        ({"services": ["Amazon RDS"]}, 14),
        ({"tag_key": "Project", "tag_value": "shop"}, 105),
        ({"tag_key": "Project", "tag_value": ""}, 14),
        ({"tag_key": "Project", "tag_value": "shop", "services": ["Amazon RDS"]}, None),
        ({"services": ["Amazon Absent"]}, None),
    ],
)
def test_what_is_divided_is_what_was_asked_for(asked: dict[str, Any], cost: int | None) -> None:
    lines = [
        *charges(lambda _: 15),
        *charges(lambda _: 2, service="Amazon RDS", meter="rds", tags=()),
    ]
    unit = {"name": "request", **asked}
    report = unit_report(lines, counts(busy), unit_costs=[unit])
    if cost is None:
        assert answer(report).because == ("request: the bill has no charge of what is divided",)
        return
    assert only(report).current.cost == cost


amounts = st.decimals("0.01", 10_000, places=4, allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(amounts, st.integers(1, 10**9)), min_size=14, max_size=14))
def test_the_parts_sum_to_the_change_exactly(days: list[tuple[Decimal, int]]) -> None:
    start = NOW - timedelta(days=7)
    told = {start + timedelta(days=place): day for place, day in enumerate(days)}
    report = unit_report(
        charges(lambda d: told[d][0] if d in told else Decimal(5)),
        counts(lambda d: told[d][1] if d in told else 1000),
    )
    change = only(report).change
    assert change is not None
    assert change.spend + change.volume == change.after - change.before
    row = report_tables(report)["unit_costs"].iloc[0]
    assert row["spend_part"] + row["volume_part"] == change.amount
    assert row["cost"] == total(told[day][0] for day in told if day >= NOW)


def test_growth_is_the_median_slope_and_one_odd_week_does_not_move_it() -> None:
    logs = {place: 0.01 * place for place in range(12)}
    grown = estimate_growth({**logs, 6: 3.0}, 0.8)
    assert grown is not None
    assert grown.low <= grown.mid <= grown.high
    assert float(grown.mid) == pytest.approx(0.01, abs=0.001)
    assert estimate_growth(dict(list(logs.items())[:4]), 0.8) is None


def test_the_ratio_counts_how_the_weeks_before_differed() -> None:
    calm = compare_ratio((110, 100), [(100, 100)] * 8, 0.8)
    rough = compare_ratio((110, 100), [(100 + 20 * (-1) ** n, 100) for n in range(8)], 0.8)
    assert calm is not None
    assert rough is not None
    assert calm.low == calm.high
    assert float(calm.mid) == pytest.approx(0.1)
    assert rough.low < 0 < calm.mid < rough.high
    assert compare_ratio((110, 100), [(100, 100)] * 3, 0.8) is None


@pytest.mark.parametrize("power", [0.0, 0.3, 1.0])
def test_elasticity_tells_fixed_cost_from_cost_that_follows(power: float) -> None:
    weeks = [
        [(10 * n**power, float(n)) for n in (100 + week, 120, 150, 90, 80, 60, 50)]
        for week in range(10)
    ]
    weeks[3][2] = (10_000.0, 150.0)
    found = estimate_elasticity(weeks, 0.8)
    assert found is not None
    assert float(found.mid) == pytest.approx(power, abs=1e-9)
    assert estimate_elasticity(weeks[:4], 0.8) is None
    assert estimate_elasticity([[(day, 100.0) for day in (1.0, 2, 3, 4, 5)]] * 9, 0.8) is None
