from __future__ import annotations

from datetime import UTC, datetime
from math import inf, log
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.incident.change_factors import PRIOR, ChangeFactors, time_odds
from opslib.analysis.incident.change_places import ChangePlace
from opslib.analysis.incident.changes import FACTORS, rank_changes, score_changes
from opslib.analysis.incident.consequences import ConsequenceClass, consequences_of
from opslib.analysis.incident.exposure import exposure_of
from opslib.analysis.incident.rarity import count_history, networks_of
from opslib.tables.change_history import CHANGE_HISTORY
from tests.analysis.incident.tables import OWN, classified, event

NO_HISTORY = count_history(classified(event()).iloc[:0])
MONTH = [event(day) for day in range(30)]
ODD: dict[str, Any] = {
    "EventSource": "cloudtrail.amazonaws.com",
    "EventName": "StopLogging",
    "Principal": f"arn:aws:iam::{OWN}:user/ann",
    "SourceIpAddress": "203.0.113.9",
}


def test_rarity_counts_the_other_periods() -> None:
    events = classified(*MONTH, event(10, 5, **ODD))
    scored = score_changes(events, count_history(events)).set_index("EventId")
    odd, usual = scored.loc["event-10-005"], scored.loc["event-20-000"]
    # 30 days, the event's own left out: seen on none of 29, or on all of them; damped by half.
    assert odd["operation"] == pytest.approx(0.5 * log(30 / 1))
    assert usual["operation"] == pytest.approx(0.5 * log(30 / 59))
    assert (odd["PastPeriods"], odd["region"]) == (29, usual["region"])
    assert odd["network"] == pytest.approx(0.5 * log(30))


def test_a_burst_makes_nothing_ordinary() -> None:
    burst = [event(10, number, **ODD) for number in range(50)]
    events = classified(*MONTH, *burst)
    scored = score_changes(events, count_history(events)).set_index("EventId")
    assert scored.loc["event-10-049", "operation"] == pytest.approx(0.5 * log(30))
    assert scored.loc["event-10-049", "repetition"] == pytest.approx(-0.5 * log(50))


def test_without_a_past_rarity_says_nothing_and_that_is_shown() -> None:
    (suspect,) = rank_changes(classified(event(**ODD)), NO_HISTORY)
    assert suspect.past_periods == 0
    rarities = ("operation", "principal_operation", "principal_service", "principal", "network")
    assert [getattr(suspect.factors, name) for name in rarities] == [0.0] * 5


def test_a_past_that_was_refused_says_nothing() -> None:
    refused = pd.DataFrame(columns=list(CHANGE_HISTORY.columns))
    (suspect,) = rank_changes(classified(event(**ODD)), refused)
    assert (suspect.past_periods, suspect.factors.operation) == (0, 0.0)


def test_the_odd_change_of_a_month_is_the_first_suspect_and_says_why() -> None:
    events = classified(*MONTH, event(10, 5, **ODD))
    first, second, *_ = rank_changes(events, count_history(events))
    assert (first.rank, first.event_id) == (1, "event-10-005")
    assert first.operation == "cloudtrail:StopLogging"
    assert first.consequences[0] is ConsequenceClass.RECORDING
    assert first.time == datetime(2026, 2, 11, 12, 0, 5, tzinfo=UTC)
    assert first.factors.score > 0 > second.factors.score
    fields = [getattr(first.factors, name) for name in FACTORS]
    assert first.factors.score == pytest.approx(PRIOR + sum(fields))


def test_a_month_of_the_same_has_no_confident_suspect() -> None:
    events = classified(*MONTH)
    ranked = rank_changes(events, count_history(events))
    assert max(suspect.factors.probability for suspect in ranked) < 0.01


def test_reading_calls_and_insights_are_not_ranked() -> None:
    events = classified(
        event(0, ReadOnly="true"), event(1, EventCategory="Insight"), event(2, **ODD)
    )
    assert [suspect.event_id for suspect in rank_changes(events, NO_HISTORY)] == ["event-02-000"]
    assert rank_changes(events.iloc[:2], NO_HISTORY) == ()


def test_a_change_after_the_onset_comes_behind_the_same_before_it() -> None:
    events = classified(*[event(0, seconds) for seconds in (0, 1200, 2400)])
    onset = datetime(2026, 2, 1, 12, 30, tzinfo=UTC)
    ranked = rank_changes(events, NO_HISTORY, onset=onset)
    by_id = {suspect.event_id: suspect.factors.time for suspect in ranked}
    assert by_id["event-00-1200"] == pytest.approx(-log(1 + 10 / 30))
    assert by_id["event-00-000"] == pytest.approx(-log(2))
    assert ranked[-1].event_id == "event-00-2400"
    assert time_odds(0) == 0


def test_distance_in_the_graph_counts_where_it_is_known() -> None:
    events = classified(*[event(day) for day in range(4)])
    places = {
        "event-00-000": ChangePlace(component="web", hops=0),
        "event-01-000": ChangePlace(component="db", hops=1),
        "event-02-000": ChangePlace(component="batch", hops=inf),
    }
    ranked = rank_changes(events, NO_HISTORY, places=places)
    found = {suspect.event_id: suspect.factors.distance for suspect in ranked}
    assert found == {
        "event-00-000": pytest.approx(log(4)),
        "event-01-000": pytest.approx(log(2)),
        "event-02-000": pytest.approx(-log(4)),
        "event-03-000": 0.0,
    }
    assert [s.event_id for s in ranked] == [f"event-{n:02d}-000" for n in (0, 1, 3, 2)]


def test_a_component_that_is_suspected_makes_its_changes_so() -> None:
    events = classified(event(0), event(1))
    places = {
        "event-00-000": ChangePlace(component="web", hops=0, suspicion=0.0),
        "event-01-000": ChangePlace(component="db", hops=0, suspicion=1.0),
    }
    first, second = rank_changes(events, NO_HISTORY, places=places)
    assert first.event_id == "event-01-000"
    assert first.factors.component == pytest.approx(log(4))
    assert second.factors.component == pytest.approx(-log(4))


def test_a_service_acting_is_less_and_a_denied_call_more_suspect() -> None:
    events = classified(
        event(0, **ODD),
        event(1, **ODD, InvokedBy="backup.amazonaws.com"),
        event(2, **ODD, ErrorCode="AccessDenied"),
        event(3, **ODD, ErrorCode="ThrottlingException"),
    )
    found = score_changes(events, NO_HISTORY).set_index("EventId")
    assert list(found["outcome"].sort_index()) == pytest.approx([0, 0, log(2), -log(4)])
    assert list(found["origin"].sort_index()) == pytest.approx([0, -2 * log(4), 0, 0])


def test_a_sign_in_without_a_second_factor_counts_for_users_alone() -> None:
    sign_in: dict[str, Any] = {
        "EventType": "AwsConsoleSignIn",
        "EventSource": "signin.amazonaws.com",
        "EventName": "ConsoleLogin",
        "AdditionalEventData": '{"MFAUsed":"No"}',
    }
    events = classified(event(0, **sign_in, PrincipalType="IAMUser"), event(1, **sign_in))
    found = score_changes(events, NO_HISTORY).set_index("EventId")["origin"]
    assert list(found.sort_index()) == pytest.approx([2 * log(4), 0])


@settings(max_examples=25)
@given(order=st.permutations(range(12)))
def test_the_order_of_the_input_changes_nothing(order: list[int]) -> None:
    rows = [event(n % 5, n, EventName=f"Create{'ABC'[n % 3]}Role") for n in range(11)]
    events = classified(*rows, event(3, 90, **ODD))
    shuffled = events.iloc[order].reset_index(drop=True)
    assert rank_changes(shuffled, count_history(shuffled)) == rank_changes(
        events, count_history(events)
    )


def test_a_user_agent_beside_the_events_changes_nothing() -> None:
    events = classified(*MONTH, event(10, 5, **ODD))
    history = count_history(events)
    plain = rank_changes(events, history)
    agents = np.random.default_rng(1).permutation([f"agent {n}" for n in range(len(events))])
    assert rank_changes(events.assign(UserAgent=agents), history) == plain
    assert "UserAgent" not in events.columns


@pytest.mark.parametrize(
    ("source", "name", "first", "harm"),
    [
        ("iam", "CreateAccessKey", ConsequenceClass.IDENTITY, 3),
        ("iam", "DeleteAccessKey", ConsequenceClass.IDENTITY, 1),
        ("guardduty", "DeleteDetector", ConsequenceClass.RECORDING, 3),
        ("guardduty", "CreateDetector", ConsequenceClass.RECORDING, 1),
        ("config", "StopConfigurationRecorder", ConsequenceClass.RECORDING, 3),
        ("ec2", "CreateTags", ConsequenceClass.NONE, 0),
        ("rds", "DeleteDBCluster", ConsequenceClass.DELETION, 1),
        ("lambda", "UpdateFunctionCode20150331v2", ConsequenceClass.CODE, 2),
        ("madeup", "FrobnicateWidget", ConsequenceClass.NONE, 0),
    ],
)
def test_the_class_follows_what_is_touched_and_which_way(
    source: str, name: str, first: ConsequenceClass, harm: int
) -> None:
    assert consequences_of(f"{source}.amazonaws.com", name)[0] == (first, harm)


@pytest.mark.parametrize(
    ("parameters", "fact"),
    [
        ('{"createVolumePermission":{"add":{"items":[{"userId":"999988887777"}]}}}', "outsiders"),
        (
            '{"policy":"{\\"Principal\\":{\\"AWS\\":\\"arn:aws:iam::999988887777:root\\"}}"}',
            "outsiders",
        ),
        ('{"launchPermission":{"add":{"items":[{"group":"all"}]}}}', "everybody"),
        ('{"principal":"*"}', "everybody"),
        ('{"publiclyAccessible":true}', "everybody"),
        ('{"ipRanges":[{"cidrIp":"0.0.0.0/0"}]}', "whole_internet"),
        ('{"cidrIpv6":"::/0"}', "whole_internet"),
        ('{"policyArn":"arn:aws-us-gov:iam::aws:policy/AdministratorAccess"}', "full_rights"),
        ('{"policyDocument":"{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"*\\"}"}', "full_rights"),
        ('{"includeManagementEvents":false}', "switched_off"),
        ('{"VersioningConfiguration":{"Status":"Suspended"}}', "switched_off"),
        ('{"publicKeyMaterial":"ssh-ed25519 AAAA"}', "given_key"),
        ('{"value":"HIDDEN_DUE_TO_SECURITY_REASONS"}', "hidden"),
    ],
)
def test_parameters_give_away_one_thing_each(parameters: str, fact: str) -> None:
    found = exposure_of(parameters, {OWN})
    assert [name for name in type(found).__slots__ if getattr(found, name)] == [fact]


@pytest.mark.parametrize(
    "parameters",
    [
        None,
        "no json",
        "{}",
        f'{{"userId":"{OWN}"}}',
        '{"policy":"{\\"Effect\\":\\"Deny\\",\\"Principal\\":\\"*\\",\\"Action\\":\\"*\\"}"}',
        '{"service":"web","desiredCount":2}',
        '{"snapshotSize":"999988887777"}',
    ],
)
def test_parameters_that_give_nothing_away(parameters: str | None) -> None:
    found = exposure_of(parameters, {OWN})
    assert not any(getattr(found, name) for name in type(found).__slots__)


def test_a_network_is_what_an_address_is_in() -> None:
    addresses = pd.Series(["192.0.2.7", "2001:db8:1:2::5", "ec2.amazonaws.com", None])
    assert list(networks_of(addresses)) == ["192.0", "2001:db8:1", "ec2.amazonaws.com", ""]


def test_the_history_counts_by_the_hour_and_leaves_out_reading_calls() -> None:
    events = classified(event(0, 0), event(0, 5), event(0, 3601), event(0, 9, ReadOnly="true"))
    history = count_history(events)
    assert list(history["Events"]) == [2, 1]
    assert ChangeFactors().score == PRIOR
