from __future__ import annotations

from opslib.analysis.incident.clock_skew import ClockSkew, describe_skews, estimate_skew
from tests.analysis.incident.events import event, events


def test_a_clock_that_is_late_is_told_by_common_acts() -> None:
    trail = events(*(event(n, f"e{n}", ActId=f"act{n}") for n in range(5)))
    people = events(*(event(n + 1.5, f"c{n}", Source="csv", ActId=f"act{n}") for n in range(5)))
    (skew,) = estimate_skew([people, trail])
    assert (skew.source, skew.against) == ("cloudtrail", "csv")
    assert skew.seconds == -90
    assert (skew.low, skew.high) == (-91, -89)
    assert skew.is_certain
    assert skew.acts == 5


def test_times_within_the_resolution_are_no_certain_skew() -> None:
    trail = events(*(event(n, f"e{n}", ActId=f"act{n}") for n in range(4)))
    other = events(*(event(n + 0.01, f"c{n}", Source="ecs", ActId=f"act{n}") for n in range(4)))
    (skew,) = estimate_skew([trail, other])
    assert not skew.is_certain


def test_two_common_acts_say_nothing() -> None:
    trail = events(*(event(n, f"e{n}", ActId=f"act{n}") for n in range(2)))
    other = events(*(event(n + 2, f"c{n}", Source="ecs", ActId=f"act{n}") for n in range(2)))
    assert estimate_skew([trail, other]) == ()


def test_clocks_that_differ_are_told_and_others_are_not() -> None:
    def skew(seconds: float, width: float) -> ClockSkew:
        return ClockSkew(
            source="csv",
            against="ecs",
            seconds=seconds,
            low=seconds - width,
            high=seconds + width,
            acts=5,
        )

    assert "csv is 40 s behind ecs" in describe_skews([skew(-40, 5)])
    assert "csv is 40 s ahead of ecs" in describe_skews([skew(40, 5), skew(2, 5)])
    assert describe_skews([skew(2, 5)]) == "No two clocks are known to differ."
