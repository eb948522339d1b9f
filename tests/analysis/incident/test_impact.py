from __future__ import annotations

from datetime import timedelta

import pytest

from opslib.analysis.incident.impact import Objective, measure_impact, usual_failed_share
from tests.analysis.incident.events import at
from tests.analysis.incident.test_rollback import series


def test_requests_that_failed_beyond_the_usual() -> None:
    requests = series("requests", [1000.0] * 10)
    errors = series("errors", [None, 10, 100, 500, None, None, None, None, None, None])
    found = measure_impact(
        requests, errors, at(2), at(4), usual_share=0.01, requests_per_user_minute=4
    )
    assert (found.requests, found.failed) == (2000, 600)
    assert found.extra_failed == 580
    assert found.burned_minutes == pytest.approx(0.6)
    assert found.user_minutes == 500
    assert found.missing == 0


def test_periods_without_requests_are_counted_and_fail_nothing() -> None:
    requests = series("requests", [100, None, None, 100])
    errors = series("errors", [50, 50, None, None])
    found = measure_impact(requests, errors, at(0), at(4))
    assert found.missing == 2
    assert found.failed == 50
    assert found.user_minutes is None


def test_a_total_outage_burns_a_minute_a_minute() -> None:
    down = series("requests", [10.0] * 5)
    found = measure_impact(down, down, at(0), at(5))
    assert found.burned_minutes == pytest.approx(5)
    assert Objective(percent=99.9).budget_minutes == pytest.approx(43.2)


def test_the_usual_share_is_of_before() -> None:
    requests = series("requests", [100.0] * 6)
    errors = series("errors", [1, None, 1, 50, 50, 50])
    assert usual_failed_share(requests, errors, at(3)) == pytest.approx(0.01)
    assert usual_failed_share(requests, errors, at(0)) is None


def test_different_periods_are_refused() -> None:
    with pytest.raises(ValueError, match="different periods"):
        measure_impact(series("a", [1.0]), series("b", [1.0], timedelta(minutes=5)), at(0), at(1))
