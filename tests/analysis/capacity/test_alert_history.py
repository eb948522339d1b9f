from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.capacity.alerts.evaluation import Spell, find_spells, longer_periods
from opslib.analysis.capacity.alerts.findings import find_alerts
from opslib.analysis.capacity.alerts.history import AlertHistory, AlertVerdict, check_alerts
from opslib.analysis.capacity.alerts.precision import Certainty, judge_precision
from opslib.analysis.capacity.check_conclusions import conclude_alerts
from opslib.analysis.capacity.sizes.rightsizing import rightsize
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Verdict
from opslib.parameters.capacity_plans import AlertRule, usual_alerts
from tests.analysis.capacity.small_estates import DAY, WEEK, Estate, flat, parameters

CPU = AlertRule(name="EC2 CPU", service="ec2", limit="CPU", above=80, periods=2)
CONNECTIONS = AlertRule(
    name="connections",
    service="rds",
    limit="connections",
    above=80,
    is_count=True,
    statistic="Maximum",
    period_seconds=60,
)


def spells(marks: str, needed: int) -> list[tuple[int, int, int]]:
    """Return the spells of a history: X above, O not, - missing."""
    above = np.array([mark == "X" for mark in marks])
    missing = np.array([mark == "-" for mark in marks])
    return [(one.first, one.since, one.last) for one in find_spells(above, missing, needed)]


@pytest.mark.parametrize(
    ("marks", "needed", "expected"),
    [
        ("OXXO", 2, [(1, 2, 2)]),
        ("OXOXO", 2, []),
        ("XXXXO", 3, [(0, 2, 3)]),
        ("XXOXX", 1, [(0, 0, 1), (3, 3, 4)]),
        ("OX-XO", 2, [(1, 3, 3)]),
        ("OX--XO", 2, [(1, 4, 4)]),
        ("OX---XO", 2, []),
        ("----", 1, []),
        ("OOOO", 1, []),
        ("XX--", 2, [(0, 1, 1)]),
    ],
)
def test_values_in_a_row(marks: str, needed: int, expected: list[tuple[int, int, int]]) -> None:
    assert spells(marks, needed) == expected


@settings(max_examples=200, deadline=None)
@given(st.text("XO-", min_size=1, max_size=60), st.integers(1, 6))
def test_a_longer_rule_fires_no_more_often(marks: str, needed: int) -> None:
    shorter, longer = spells(marks, needed), spells(marks, needed + 1)
    assert len(longer) <= len(shorter)
    assert sum(last - since for _, since, last in longer) <= sum(
        last - since for _, since, last in shorter
    )
    assert all(marks[since] == "X" and marks[last] == "X" for _, since, last in shorter)


def test_longer_periods_take_what_is_there() -> None:
    values = np.array([1.0, 3.0, np.nan, 5.0, np.nan, np.nan, 7.0])
    assert longer_periods(values, 2, maximum=False) == pytest.approx([2, 5, np.nan], nan_ok=True)
    assert longer_periods(values, 2, maximum=True) == pytest.approx([3, 5, np.nan], nan_ok=True)


def rule(statistic: str = "Average", period: int = 300, periods: int = 1) -> AlertRule:
    return AlertRule(
        name="one",
        service="ec2",
        limit="CPU",
        above=80,
        statistic=statistic,
        period_seconds=period,
        periods=periods,
    )


@pytest.mark.parametrize(
    ("asked", "measured", "certainty", "needed", "width"),
    [
        (rule(periods=2), "Average", Certainty.EXACT, 2, 1),
        (rule(period=900, periods=2), "Average", Certainty.EXACT, 2, 3),
        (rule("Maximum", 60), "Maximum", Certainty.EXACT, 1, 1),
        (rule("Maximum", 60), "Average", Certainty.AT_LEAST, 1, 1),
        (rule("Maximum", 60, 3), "Maximum", Certainty.ABOUT, 1, 1),
        (rule("Average", 60, 10), "Average", Certainty.AT_LEAST, 2, 1),
        (rule(), "Maximum", Certainty.AT_MOST, 1, 1),
        (rule(), "p99", Certainty.AT_MOST, 1, 1),
        (rule("Average", 60), "Maximum", Certainty.AT_MOST, 1, 1),
        (rule(period=420), "Average", Certainty.ABOUT, 1, 2),
    ],
)
def test_what_five_minutes_can_tell(
    asked: AlertRule, measured: str, certainty: Certainty, needed: int, width: int
) -> None:
    precision = judge_precision(asked, measured, 300)
    assert (precision.certainty, precision.needed, precision.width) == (certainty, needed, width)
    assert bool(precision.why) == (certainty is not Certainty.EXACT)


def check(values: Any, asked: AlertRule = CPU, **limit: Any) -> AlertHistory:
    estate = Estate()
    estate.resource(asked.service, "one")
    estate.limit("one", asked.limit, values, **limit)
    (history,) = check_alerts(estate.tables(), parameters(alerts=[asked.model_dump()]))
    return history


def rising(*starts: int, top: float = 100.0, ahead: int = 6, weeks: float = 4) -> Any:
    """Return CPU at 40% that is at 85% for ``ahead`` values and then at ``top`` for four."""
    values = flat(40, weeks)
    for start in starts:
        values[start : start + ahead] = 85
        values[start + ahead : start + ahead + 4] = top
    return values


def test_the_lead_is_from_the_alarm_until_the_trouble() -> None:
    history = check(rising(1000, 3000))
    assert (history.alarms, history.troubles, history.missed) == (2, 2, 0)
    assert history.leads_minutes == (20, 20)
    assert history.minutes == 2 * 9 * 5
    assert history.for_nothing == 0
    assert history.days == 28
    assert history.verdict is AlertVerdict.USEFUL
    assert history.why == "2 of 2 troubles told ahead, by 20 min in the middle"


def test_an_alarm_that_comes_with_the_trouble_is_late() -> None:
    history = check(rising(1000, 3000, ahead=0))
    assert history.leads_minutes == (-10, -10)
    assert history.verdict is AlertVerdict.LATE
    (finding,) = find_alerts([history])
    assert finding.kind == "capacity.alert_late"
    assert finding.subject == {"Alert": "EC2 CPU", "Resource": "one"}


def test_a_threshold_that_is_never_passed_misses_the_trouble() -> None:
    asked = CONNECTIONS
    history = check(rising(1000, top=60) * 0.75, asked, value=45, statistic="Maximum")
    assert (history.alarms, history.troubles, history.missed) == (0, 1, 1)
    assert history.verdict is AlertVerdict.LATE
    assert history.limit_share == pytest.approx(80 / 45 * 100)
    assert "the threshold is 178% of the limit, so it cannot fire" in history.why


def test_a_count_far_below_the_limit_is_noise() -> None:
    values = flat(60, 4)
    values.reshape(-1, DAY)[:, 100:150] = 120
    history = check(values, CONNECTIONS, value=2000, statistic="Maximum")
    assert (history.alarms, history.for_nothing) == (28, 28)
    assert history.limit_share == pytest.approx(4)
    assert history.verdict is AlertVerdict.NOISY
    assert "28 of 28 alarms in 28 days without trouble, on for 17.4% of the time" in history.why
    (finding,) = find_alerts([history])
    assert finding.kind == "capacity.alert_noisy"


def test_an_alarm_on_a_size_that_is_too_small_is_no_noise() -> None:
    values = flat(60, 4)
    values.reshape(-1, DAY)[:, 100:150] = 90
    history = check(values)
    assert (history.for_nothing, history.is_short) == (28, True)
    assert history.verdict is AlertVerdict.TOO_SMALL
    assert history.why == (
        "give it a larger size, or spread its load, and leave the alert: its size is too small, "
        "which is what the 28 alarms in 28 days told, on for 17% of the time"
    )
    assert find_alerts([history]) == ()
    conclusion = conclude_alerts([history], ())
    assert conclusion.verdict is Verdict.INCONCLUSIVE
    assert "its size is too small" in conclusion.because[0]


def judged(cpu: float, memory: float) -> AlertHistory:
    """Return what the alert on memory would have done of an instance, its size judged."""
    estate = Estate()
    estate.resource("ec2", "one", instance_type="m7g.2xlarge")
    estate.limit("one", "CPU", flat(cpu))
    estate.limit("one", "memory", flat(memory))
    (asked,) = [one for one in usual_alerts() if (one.service, one.limit) == ("ec2", "memory")]
    told = parameters(alerts=[asked.model_dump()])
    (history,) = check_alerts(estate.tables(), told, rightsize(estate.tables(), told))
    return history


def test_the_advice_on_a_size_that_was_judged_too_small_is_the_size() -> None:
    history = judged(cpu=92, memory=85)
    assert history.verdict is AlertVerdict.TOO_SMALL
    assert "change m7g.2xlarge to m7g.4xlarge" in history.why
    assert find_alerts([history]) == ()


def test_an_alert_is_noise_where_the_size_fits() -> None:
    history = judged(cpu=60, memory=85)
    assert history.verdict is AlertVerdict.NOISY
    assert history.remedy == ""


def test_a_count_far_below_its_limit_stays_noise_on_a_size_that_is_too_small() -> None:
    estate = Estate()
    estate.database("rds", "one", "db.r6g.large")
    estate.limit("one", "CPU", flat(92))
    estate.limit("one", "connections", flat(120), value=2000, statistic="Maximum")
    told = parameters(alerts=[CONNECTIONS.model_dump()])
    sizes = rightsize(estate.tables(), told)
    assert sizes[0].direction.value == "under"
    (history,) = check_alerts(estate.tables(), told, sizes)
    assert (history.verdict, history.is_short) == (AlertVerdict.NOISY, False)


def test_calm_without_alarms_says_nothing_of_the_alert() -> None:
    history = check(flat(40))
    assert history.verdict is AlertVerdict.NEVER_TESTED
    assert history.why == "no trouble in 21 days"


def test_what_averages_hide_is_not_called_late() -> None:
    asked = CPU.model_copy(update={"statistic": "Maximum"})
    history = check(rising(1000, ahead=0), asked)
    assert history.certainty is Certainty.AT_LEAST
    assert history.verdict is AlertVerdict.UNKNOWN
    assert "Average understates the rule's Maximum" in history.why


def test_a_fiftieth_missing_leaves_its_use_open() -> None:
    values = rising(1000, 3000)
    values[5000 : 5000 + 8064 // 50] = np.nan
    history = check(values)
    assert history.verdict is AlertVerdict.UNKNOWN
    assert history.missing == pytest.approx(0.02, abs=0.001)


def test_throttling_is_trouble_that_an_alarm_may_tell_of() -> None:
    estate = Estate()
    estate.resource("ec2", "one")
    values, refused = flat(40, 4), flat(0, 4)
    for start in range(500, 8000, 500):
        values[start : start + 3] = 90
        refused[start + 1] = 5
    estate.limit("one", "CPU", values)
    told = parameters(alerts=[CPU.model_dump()])
    (noisy,) = check_alerts(estate.tables(), told)
    assert (noisy.verdict, noisy.for_nothing) == (AlertVerdict.NOISY, 15)
    estate.measure("one", "throttled", refused, role="throttles", statistic="Sum")
    (calm,) = check_alerts(estate.tables(), told)
    assert (calm.verdict, calm.for_nothing) == (AlertVerdict.NEVER_TESTED, 0)


def test_latency_three_times_its_median_is_trouble() -> None:
    estate = Estate()
    estate.resource("ec2", "one")
    values, slow = flat(40, 4), flat(0.1, 4)
    for start in range(500, 8000, 500):
        values[start : start + 3] = 90
        slow[start + 1 : start + 3] = 0.31
    estate.limit("one", "CPU", values)
    estate.measure("one", "response time", slow, role="latency", statistic="p95")
    (history,) = check_alerts(estate.tables(), parameters(alerts=[CPU.model_dump()]))
    assert history.for_nothing == 0


def test_an_alert_on_what_nobody_reports_says_so() -> None:
    estate = Estate()
    estate.resource("ec2", "i-1")
    estate.limit("i-1", "CPU", flat(40))
    asked = [one.model_dump() for one in usual_alerts()]
    histories = check_alerts(estate.tables(), parameters(alerts=asked))
    assert [(one.rule, one.name, one.verdict.value) for one in histories] == [
        ("EC2 CPU", "i-1", "never tested"),
        ("database connections (Aurora)", "", "unknown"),
        ("database connections (RDS)", "", "unknown"),
        ("memory", "i-1", "unknown"),
    ]
    assert "would have said nothing" in histories[3].why
    conclusion = conclude_alerts(histories, ())
    assert conclusion.verdict is Verdict.INCONCLUSIVE
    assert conclusion.sentence == "0 of 4 alerts told of trouble before it began."
    assert len(conclusion.because) == 4


def test_alerts_that_told_are_good_news_only_if_all_was_read() -> None:
    useful = check(rising(1000, 3000))
    assert conclude_alerts([useful], ()).verdict is Verdict.PASS
    denied = Coverage(
        table="capacity ec2", asked="instances", status=CoverageStatus.DENIED, detail="staging"
    )
    conclusion = conclude_alerts([useful], [denied])
    assert conclusion.verdict is Verdict.INCONCLUSIVE
    assert conclusion.because == ("capacity ec2: denied, staging",)
    late = check(rising(1000, ahead=0))
    assert conclude_alerts([useful, late], [denied]).verdict is Verdict.FAIL
    assert conclude_alerts([], ()).verdict is Verdict.INCONCLUSIVE


@settings(max_examples=60, deadline=None)
@given(st.integers(DAY, 2 * WEEK), st.integers(200, WEEK), st.sampled_from([0, 2, 6]))
def test_a_gap_never_makes_an_alert_useful(first: int, length: int, ahead: int) -> None:
    values = rising(1000, 3000, ahead=ahead)
    whole = check(values)
    values[first : first + length] = np.nan
    assert check(values).verdict is not AlertVerdict.USEFUL or whole.verdict is AlertVerdict.USEFUL


def test_a_spell_is_told_from_the_value_that_completes_it() -> None:
    above = np.array([False, True, True, True])
    assert find_spells(above, np.zeros(4, dtype=bool), 3) == [Spell(first=1, since=3, last=3)]
