"""Parameters of capacity planning: what is refused, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from opslib.errors import ParameterError
from opslib.parameters import CapacityParameters

AS_OF = "2026-03-02T06:00:00Z"
SALE = {"name": "sale", "start": "2026-01-01", "end": "2026-01-05", "multiplier": 2}


def parse(**chosen: Any) -> CapacityParameters:
    return CapacityParameters.parse({"as_of": AS_OF, **chosen})


@pytest.mark.parametrize(
    "name",
    [
        "warn_at_percent",
        "target_utilisation_percent",
        "rightsizing_headroom_percent",
        "growth_percent_a_month",
    ],
)
def test_a_percentage_given_as_a_fraction_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match=r"0\.3 looks like a fraction; write a percentage: 30"):
        parse(**{name: 0.3})


def test_percentages_within_rules_and_grids_are_checked_too() -> None:
    rule = {"name": "cpu", "service": "ec2", "limit": "CPU", "above": 0.8}
    with pytest.raises(ParameterError, match="write a percentage: 80"):
        parse(alerts=[rule])
    with pytest.raises(ParameterError, match="write a percentage: 60"):
        parse(scaling_grid={"targets_percent": [50, 0.6]})
    assert parse(alerts=[{**rule, "is_count": True}]).alerts[0].above == 0.8


def test_a_horizon_beyond_the_history_is_refused() -> None:
    with pytest.raises(ParameterError, match="look 60 days ahead at most"):
        parse(history_days=60, horizon_days=90)


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match="did you mean 'lambda'"):
        parse(services=["lamda"])


def test_an_unknown_name_within_a_parameter_is_answered_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match="did you mean 'quota_increase'"):
        parse(lead_times={"quota_increas": 3})


def test_events_that_overlap_for_the_same_resource_are_refused() -> None:
    other = {**SALE, "name": "launch", "start": "2026-01-04", "end": "2026-01-09"}
    with pytest.raises(ParameterError, match="'sale' and 'launch' overlap"):
        parse(events=[SALE, other])
    with pytest.raises(ParameterError, match="overlap"):
        parse(events=[{**SALE, "resources": ["a", "b"]}, {**other, "resources": ["b"]}])
    apart = parse(events=[{**SALE, "resources": ["a"]}, {**other, "resources": ["b"]}])
    assert len(apart.events) == 2
    follows = parse(events=[SALE, {**other, "start": "2026-01-06"}])
    assert len(follows.events) == 2


def test_an_event_without_an_end_goes_on_for_ever() -> None:
    launch = {"name": "launch", "start": "2025-12-01", "multiplier": 2}
    with pytest.raises(ParameterError, match="overlap"):
        parse(events=[launch, SALE])
    with pytest.raises(ParameterError, match="overlap"):
        parse(events=[launch, {**launch, "name": "other", "start": "2026-02-01"}])


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"lead_times": {"storage": float("inf")}}, "finite"),
        ({"lead_times": {"storage": 10_000}}, "730"),
        ({"scaling_grid": {"min_factors": [float("nan")]}}, "finite"),
        ({"scaling_grid": {"min_factors": [*range(1, 90)]}}, "too many"),
        ({"warn_at_percent": "0.8"}, "write a percentage: 80"),
        ({"recovery_region": "us-east-1"}, "where the estate runs"),
    ],
)
def test_what_could_not_be_computed_with_is_refused(chosen: Any, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        parse(**chosen)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"service": "ec22"}, "did you mean 'ec2'"),
        ({"above": 500}, "never passed"),
        ({"period_seconds": 61}, "multiple of 60"),
    ],
)
def test_alerts_that_could_not_fire_are_refused(changed: Any, said: str) -> None:
    rule = {"name": "cpu", "service": "ec2", "limit": "CPU", "above": 80}
    assert parse(alerts=[rule]).alerts
    with pytest.raises(ParameterError, match=said):
        parse(alerts=[{**rule, **changed}])
    with pytest.raises(ParameterError, match="stand twice"):
        parse(alerts=[rule, rule])


def test_two_events_of_one_name_are_refused() -> None:
    with pytest.raises(ParameterError, match="two events are called 'sale'"):
        parse(events=[SALE, {**SALE, "start": "2026-02-01", "end": "2026-02-02"}])


def test_an_event_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ParameterError, match="before it starts"):
        parse(events=[{**SALE, "end": "2025-12-31"}])


@pytest.mark.parametrize("multiplier", [0, -1])
def test_a_multiplier_of_nothing_is_refused(multiplier: float) -> None:
    with pytest.raises(ParameterError, match="greater than 0"):
        parse(events=[{**SALE, "multiplier": multiplier}])


def test_what_is_no_region_is_refused() -> None:
    with pytest.raises(ParameterError, match="recovery_region"):
        parse(recovery_region="mars-1")
    assert parse(recovery_region="us-gov-west-1").recovery_region == "us-gov-west-1"


def test_a_path_belongs_to_an_export() -> None:
    with pytest.raises(ParameterError, match="path belongs to source: export"):
        parse(path="s3://bill")


def test_without_alerts_the_usual_ones_are_checked() -> None:
    usual = parse().alert_rules
    told = {
        (rule.service, rule.limit, rule.above, rule.periods, rule.period_seconds) for rule in usual
    }
    assert ("ec2", "CPU", 80, 2, 300) in told
    assert ("ec2", "memory", 70, 3, 300) in told
    assert {rule.is_count for rule in usual if rule.limit == "connections"} == {True}
