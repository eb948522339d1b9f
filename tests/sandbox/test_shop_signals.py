from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from opslib.sandbox.cloudtrail import calls_between
from opslib.sandbox.estate import PAYER, PRODUCTION
from opslib.sandbox.incident_plan import ChangeKind, window_of
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import DEFAULT_EPOCH
from opslib.sandbox.shop import CALLS, COMPONENTS
from tests.sandbox.answers import ask
from tests.sandbox.days import plan_of

OPENS, ENDS = window_of(DEFAULT_EPOCH)
DEPLOYED = next(
    seed
    for seed in range(8)
    if (incident := plan_of("troubled", seed).incident) and incident.kind is ChangeKind.DEPLOYMENT
)


def here(seed: int = 3, account: str = PRODUCTION) -> dict[str, Any]:
    return {"account": account, "scenario": "troubled", "seed": seed}


@pytest.mark.parametrize("scenario", ["steady", "troubled"])
def test_health_tells_of_another_service_and_late(scenario: str) -> None:
    told: dict[str, Any] = {"account": PRODUCTION, "scenario": scenario, "seed": 3}
    wanted = {"startTimes": [{"from": OPENS - timedelta(hours=2), "to": ENDS}]}
    (event,) = ask("health", "DescribeEvents", **told, filter=wanted)["events"]
    assert event["service"] == "WORKSPACES"
    assert event["lastUpdatedTime"] - event["endTime"] > timedelta(minutes=20)
    details = ask("health", "DescribeEventDetails", **told, eventArns=[event["arn"], "arn:none"])
    (success,), (failed,) = details["successfulSet"], details["failedSet"]
    assert "WorkSpaces" in success["eventDescription"]["latestDescription"]
    assert failed["eventArn"] == "arn:none"
    services = {"services": ["ECS"]}
    assert ask("health", "DescribeEvents", **told, filter=services)["events"] == []


def test_guardduty_tells_what_it_saw_and_when_it_said_so() -> None:
    (detector,) = ask("guardduty", "ListDetectors", **here())["DetectorIds"]
    since = int(OPENS.timestamp() * 1000)
    recent = {"Criterion": {"updatedAt": {"GreaterThanOrEqual": since}}}
    asked = {"DetectorId": detector, "FindingCriteria": recent}
    (identity,) = ask("guardduty", "ListFindings", **here(), **asked)["FindingIds"]
    everything = ask("guardduty", "ListFindings", **here(), DetectorId=detector)["FindingIds"]
    assert len(everything) == 2
    (finding,) = ask(
        "guardduty", "GetFindings", **here(), DetectorId=detector, FindingIds=[identity]
    )["Findings"]
    assert finding["Severity"] < 4
    assert finding["CreatedAt"] > finding["Service"]["EventFirstSeen"]
    unknown = {"Criterion": {"region": {"Eq": ["us-east-1"]}}}
    with pytest.raises(AwsError, match="not simulated"):
        ask("guardduty", "ListFindings", **here(), DetectorId=detector, FindingCriteria=unknown)
    assert ask("guardduty", "ListDetectors", account=PAYER)["DetectorIds"] == []


def test_the_service_graph_is_the_call_graph() -> None:
    plan = plan_of("troubled", 3)
    assert plan.incident is not None
    span: dict[str, Any] = {"StartTime": plan.moment - timedelta(hours=1), "EndTime": plan.moment}
    services = ask("xray", "GetServiceGraph", **here(), **span)["Services"]
    names = {service["ReferenceId"]: service["Name"] for service in services}
    edges = {
        (service["Name"], names[edge["ReferenceId"]])
        for service in services
        for edge in service["Edges"]
    }
    assert edges == {(edge.caller, edge.callee) for edge in CALLS} | {("shop", "web")}
    assert set(names.values()) == {*COMPONENTS, "shop"}
    for service in services:
        for edge in service["Edges"]:
            told = edge["SummaryStatistics"]
            assert told["OkCount"] + told["FaultStatistics"]["TotalCount"] == told["TotalCount"] > 0
    with pytest.raises(AwsError, match="6 hours"):
        ask("xray", "GetServiceGraph", **here(), StartTime=OPENS, EndTime=ENDS)


def test_the_graph_shows_the_incident() -> None:
    plan = plan_of("troubled", DEPLOYED)
    incident = plan.incident
    assert incident is not None

    def slowness(begin: Any, end: Any) -> tuple[float, float]:
        span = {"StartTime": begin, "EndTime": end}
        services = ask("xray", "GetServiceGraph", **here(DEPLOYED), **span)["Services"]
        (told,) = (s["SummaryStatistics"] for s in services if s["Name"] == incident.component)
        calls = told["TotalCount"]
        return told["TotalResponseTime"] / calls, told["FaultStatistics"]["TotalCount"] / calls

    hour = timedelta(hours=1)
    before = slowness(incident.onset - hour, incident.onset)
    during = slowness(incident.onset, incident.rolled_back_at)
    assert during[0] > 1.2 * before[0] or during[1] > before[1] + 0.01


def test_secrets_tell_their_last_rotation_as_cloudtrail_does() -> None:
    secrets = ask("secretsmanager", "ListSecrets", **here())["SecretList"]
    rotated = {secret["Name"]: secret["LastRotatedDate"] for secret in secrets}
    assert len(rotated) == 4
    since = DEFAULT_EPOCH - timedelta(days=31)
    calls = calls_between(plan_of("troubled", 3), PRODUCTION, since, DEFAULT_EPOCH)
    last: dict[str, Any] = {}
    for call in calls:
        if call.name == "RotateSecret":
            last.setdefault(call.resource.partition(":secret:")[2], call.at)
    assert rotated == last
    assert ask("secretsmanager", "ListSecrets", account=PAYER)["SecretList"] == []
