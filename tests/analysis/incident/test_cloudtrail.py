from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from opslib.analysis.incident.cloudtrail import EventKind, ReadOnlySource, classify_events
from tests.analysis.incident.tables import classified, event, frame


def test_the_record_tells_before_anything_else() -> None:
    operations = pd.DataFrame(
        [{"EventSource": "ecs.amazonaws.com", "EventName": "UpdateService", "ReadOnly": False}]
    )
    events = classify_events(frame(event(ReadOnly="true"), event(1, ReadOnly="false")), operations)
    assert list(events["Changes"]) == [False, True]
    assert set(events["ChangesFrom"]) == {ReadOnlySource.RECORD}


def test_a_record_that_does_not_tell_takes_after_the_same_operation() -> None:
    events = classified(event(ReadOnly="true"), event(1, ReadOnly=None))
    assert list(events["Changes"]) == [False, False]
    assert events["ChangesFrom"].iloc[1] == ReadOnlySource.SAME_OPERATION


def test_records_that_contradict_each_other_tell_nothing_of_a_third() -> None:
    events = classified(event(ReadOnly="true"), event(1, ReadOnly="false"), event(2, ReadOnly=None))
    assert events["ChangesFrom"].iloc[2] == ReadOnlySource.UNKNOWN
    assert events["Changes"].iloc[2]


@pytest.mark.parametrize(("told", "changes"), [(True, False), (False, True), (None, True)])
def test_then_the_service_model_is_asked_and_silence_is_a_change(
    told: bool | None, changes: bool
) -> None:
    operations = pd.DataFrame(
        [{"EventSource": "ecs.amazonaws.com", "EventName": "UpdateService", "ReadOnly": told}]
    ).astype({"ReadOnly": object})
    events = classify_events(frame(event(ReadOnly=None)), operations)
    source = ReadOnlySource.UNKNOWN if told is None else ReadOnlySource.SERVICE_MODEL
    assert (bool(events["Changes"].iloc[0]), events["ChangesFrom"].iloc[0]) == (changes, source)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, EventKind.API_CALL),
        ({"EventType": "AwsConsoleSignIn"}, EventKind.SIGN_IN),
        ({"EventType": "AwsServiceEvent"}, EventKind.SERVICE_EVENT),
        ({"EventCategory": "Data", "ManagementEvent": "false"}, EventKind.DATA),
        ({"EventCategory": None, "ManagementEvent": "false"}, EventKind.DATA),
        ({"EventType": "AwsCloudTrailInsight", "EventCategory": "Insight"}, EventKind.INSIGHT),
        ({"EventType": "AwsVpceEvent", "EventCategory": "NetworkActivity"}, EventKind.NETWORK),
    ],
)
def test_kinds_of_events_are_told_apart(values: dict[str, Any], kind: EventKind) -> None:
    assert classified(event(**values))["Kind"].iloc[0] == kind


@pytest.mark.parametrize(
    ("values", "failed", "denied"),
    [
        ({}, False, False),
        ({"ErrorCode": "ValidationException"}, True, False),
        ({"ErrorCode": "Client.UnauthorizedOperation"}, True, True),
        ({"ErrorCode": "AccessDenied"}, True, True),
        ({"ResponseElements": '{"ConsoleLogin":"Failure"}'}, False, True),
    ],
)
def test_failed_and_denied_are_told_apart(
    values: dict[str, Any], failed: bool, denied: bool
) -> None:
    row = classified(event(**values)).iloc[0]
    assert (bool(row["Failed"]), bool(row["Denied"])) == (failed, denied)


@pytest.mark.parametrize(
    ("values", "by_service"),
    [
        ({}, False),
        ({"InvokedBy": "autoscaling.amazonaws.com"}, True),
        ({"PrincipalType": "AWSService", "Principal": "rds.amazonaws.com"}, True),
        ({"Principal": "arn:aws:iam::1:role/aws-service-role/x/AWSServiceRoleForX"}, True),
    ],
)
def test_what_a_service_does_is_told_apart(values: dict[str, Any], by_service: bool) -> None:
    assert bool(classified(event(**values))["ByService"].iloc[0]) == by_service
