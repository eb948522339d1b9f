from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.incident.rollback import replay_rule
from opslib.analysis.incident.series import Series
from opslib.parameters.incident_metrics import RollbackRule
from opslib.timewindow import TimeWindow
from tests.analysis.incident.events import at

MINUTE = timedelta(minutes=1)


def series(name: str, values: Sequence[float | None], period: timedelta = MINUTE) -> Series:
    told = {at(n * (period / MINUTE)): value for n, value in enumerate(values)}
    points = pd.Series(told, dtype=float).dropna()
    return Series(name=name, period=period, points=points)


def replay(values: Sequence[float | None], minutes: int = 20, **rule: Any) -> Any:
    samples = rule.pop("sampled", [1000.0] * minutes)
    named = {"p95": series("p95", values), "requests": series("requests", samples)}
    asked = {"name": "slow", "metric": "p95", "above": 500.0, "for_minutes": 3, **rule}
    window = TimeWindow(start=at(0), end=at(minutes))
    return replay_rule(RollbackRule(**asked), named, window)


def test_a_rule_fires_at_the_end_of_the_run_that_it_asks_for() -> None:
    found = replay([100, 600, 600, 100, 600, 700, 600, 600, *[100] * 12])
    assert found.fired_at == at(7)
    assert found.worst == 700
    assert (found.judged, found.missing, found.unguarded) == (20, 0, 0)


def test_a_value_at_the_limit_does_not_break_it() -> None:
    assert replay([500.0] * 20).fired_at is None


def test_a_period_without_a_datapoint_breaks_the_run_and_is_counted() -> None:
    found = replay([600, 600, None, 600, 600, None, *[100] * 14])
    assert found.fired_at is None
    assert found.missing == 2


def test_too_few_samples_say_nothing() -> None:
    sampled = [1000, 1000, 3, 3, 1000, *[1000] * 15]
    found = replay(
        [600, 600, 900, 900, 600, *[100] * 15], sampled=sampled, samples="requests", min_samples=100
    )
    assert found.unguarded == 2
    assert found.fired_at == at(5), "600, 600 and, two silent periods later, 600"
    assert found.worst == 600


def test_a_share_of_another_metric_is_in_percent() -> None:
    errors = [0, 5, 20, 20, *[0] * 16]
    found = replay(errors, per="requests", above=1.0, for_minutes=0)
    assert found.fired_at == at(3)
    assert found.worst == pytest.approx(2.0)


def test_a_rule_may_ask_for_what_falls() -> None:
    found = replay([99.0, 90.0, 91.0, 89.0, *[99.0] * 16], above=None, below=95.0)
    assert found.fired_at == at(4)
    assert found.worst == 89


def test_a_metric_that_was_not_read_is_told() -> None:
    found = replay([1.0], per="hits")
    assert found.problem == "no metric hits was read"
    assert found.fired_at is None


def test_metrics_of_different_periods_are_told() -> None:
    named = {"p95": series("p95", [1.0]), "n": series("n", [1.0], timedelta(minutes=5))}
    rule = RollbackRule(name="slow", metric="p95", per="n", above=1.0)
    found = replay_rule(rule, named, TimeWindow(start=at(0), end=at(20)))
    assert "different periods" in found.problem


@given(values=st.lists(st.sampled_from([100.0, 600.0, None]), min_size=20, max_size=20))
def test_a_lower_limit_never_fires_later(values: list[float | None]) -> None:
    strict, loose = replay(values).fired_at, replay(values, above=50.0).fired_at
    assert strict is None or (loose is not None and loose <= strict)


def test_a_metric_without_any_datapoint_cannot_be_replayed() -> None:
    found = replay([None] * 20)
    assert found.problem == "p95 has no datapoint at all"
    assert found.judged == 0
