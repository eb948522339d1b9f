from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from opslib.sandbox.cloudtrail import calls_between
from opslib.sandbox.estate import PAYER, PRODUCTION, STAGING
from opslib.sandbox.incident_plan import ChangeKind, window_of
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import DEFAULT_EPOCH
from opslib.sandbox.shop_history import incident_deployments, list_deployments
from tests.sandbox.answers import ask, ask_all
from tests.sandbox.days import plan_of

OPENS, ENDS = window_of(DEFAULT_EPOCH)
DEPLOYED = next(
    seed
    for seed in range(8)
    if (incident := plan_of("troubled", seed).incident) and incident.kind is ChangeKind.DEPLOYMENT
)
PIPELINED = next(
    seed
    for seed in range(8)
    if (incident := plan_of("troubled", seed).incident) and incident.kind is ChangeKind.PIPELINE
)


def here(seed: int = 3, account: str = PRODUCTION) -> dict[str, Any]:
    return {"account": account, "scenario": "troubled", "seed": seed}


def test_clusters_and_services_are_listed_in_pages() -> None:
    clusters = ask("ecs", "ListClusters", **here())["clusterArns"]
    assert [arn.rpartition("/")[2] for arn in clusters] == ["batch", "platform", "shop"]
    pages = ask_all("ecs", "ListServices", "nextToken", **here(), cluster="shop", maxResults=4)
    assert [len(page["serviceArns"]) for page in pages] == [4, 2]
    assert ask("ecs", "ListClusters", account=PAYER)["clusterArns"] == []


def test_the_planted_deployment_is_among_the_events_of_its_service() -> None:
    bad, back = incident_deployments(plan_of("troubled", DEPLOYED))
    answer = ask(
        "ecs",
        "DescribeServices",
        **here(DEPLOYED),
        cluster="shop",
        services=[bad.service, "none"],
    )
    (service,) = answer["services"]
    assert [one["reason"] for one in answer["failures"]] == ["MISSING"]
    messages = [event["message"] for event in service["events"]]
    assert len(messages) == 100
    for each in (bad, back):
        told = [message for message in messages if each.ecs_id in message]
        assert any("deployment completed" in message for message in told)
    assert service["deployments"][0]["id"] == back.ecs_id
    moments = [event["createdAt"] for event in service["events"]]
    assert moments == sorted(moments, reverse=True)
    with pytest.raises(AwsError, match="more than 10"):
        ask("ecs", "DescribeServices", **here(), cluster="shop", services=["web"] * 11)


def test_only_tasks_of_the_last_hour_are_told() -> None:
    listed = ask("ecs", "ListTasks", **here(), cluster="shop", desiredStatus="STOPPED")
    told = ask("ecs", "DescribeTasks", **here(), cluster="shop", tasks=[*listed["taskArns"], "x"])
    (task,) = told["tasks"]
    assert timedelta(0) < DEFAULT_EPOCH - task["stoppedAt"] < timedelta(hours=1)
    assert task["stoppedReason"]
    assert [one["reason"] for one in told["failures"]] == ["MISSING"]
    running = ask("ecs", "ListTasks", **here(), cluster="shop")["taskArns"]
    assert len(running) == 18
    assert not set(running) & set(listed["taskArns"])


def test_databases_tell_fourteen_days_and_the_planted_change() -> None:
    since = DEFAULT_EPOCH - timedelta(days=1)
    asked: dict[str, Any] = {"StartTime": since, "EndTime": DEFAULT_EPOCH}
    pages = ask_all("rds", "DescribeEvents", "Marker", **here(), **asked, MaxRecords=20)
    events = [event for page in pages for event in page["Events"]]
    assert [e["Date"] for e in events] == sorted(e["Date"] for e in events)
    changed = [e for e in events if e["EventCategories"] == ["configuration change"]]
    assert {event["SourceIdentifier"] for event in changed} == {"orders"}
    assert len(changed) == 2
    chosen = ask(
        "rds",
        "DescribeEvents",
        **here(),
        **asked,
        SourceType="db-instance",
        SourceIdentifier="ledger",
    )["Events"]
    assert {event["SourceIdentifier"] for event in chosen} == {"ledger"}
    with pytest.raises(AwsError, match="14 days"):
        ask("rds", "DescribeEvents", **here(), StartTime=DEFAULT_EPOCH - timedelta(days=15))
    quiet = ask("rds", "DescribeEvents", account=PRODUCTION, **asked)["Events"]
    assert {event["EventCategories"][0] for event in quiet} == {"backup"}


def test_scaling_follows_the_load_and_is_a_call_too() -> None:
    pages = ask_all(
        "application-autoscaling",
        "DescribeScalingActivities",
        "NextToken",
        **here(),
        ServiceNamespace="ecs",
        ResourceId="service/shop/web",
    )
    activities = [one for page in pages for one in page["ScalingActivities"]]
    assert len(pages) > 1
    moments = [one["StartTime"] for one in activities]
    assert moments == sorted(moments, reverse=True)
    within = {at for at in moments if OPENS <= at < ENDS}
    calls = calls_between(plan_of("troubled", 3), PRODUCTION, OPENS, ENDS)
    scaled = {c.at for c in calls if c.resource == "web" and "AutoScaling" in c.principal.session}
    assert within == scaled
    assert within
    none = ask(
        "application-autoscaling",
        "DescribeScalingActivities",
        **here(),
        ServiceNamespace="dynamodb",
    )
    assert none["ScalingActivities"] == []


def test_one_deployment_is_one_id_in_codedeploy_codepipeline_and_cloudtrail() -> None:
    plan = plan_of("troubled", PIPELINED)
    bad, back = incident_deployments(plan)
    name = f"shop-{bad.service}"
    told = here(PIPELINED)
    assert name in ask("codedeploy", "ListApplications", **told)["applications"]
    groups = ask("codedeploy", "ListDeploymentGroups", **told, applicationName=name)
    listed = ask(
        "codedeploy",
        "ListDeployments",
        **told,
        applicationName=name,
        deploymentGroupName=groups["deploymentGroups"][0],
        createTimeRange={"start": OPENS, "end": ENDS},
    )["deployments"]
    assert {bad.codedeploy_id, back.codedeploy_id} <= set(listed)
    (info,) = ask(
        "codedeploy", "BatchGetDeployments", **told, deploymentIds=[bad.codedeploy_id, "d-NONE"]
    )["deploymentsInfo"]
    assert (info["createTime"], info["applicationName"]) == (bad.at, name)
    calls = list(calls_between(plan, PRODUCTION, OPENS, ENDS))
    answers = [dict(call.response or {}) for call in calls]
    assert {"deploymentId": bad.codedeploy_id} in answers
    assert {"pipelineExecutionId": bad.execution_id} in answers
    pipelines = [one["name"] for one in ask("codepipeline", "ListPipelines", **told)["pipelines"]]
    assert name in pipelines
    pages = ask_all(
        "codepipeline",
        "ListPipelineExecutions",
        "nextToken",
        **told,
        pipelineName=name,
        maxResults=5,
    )
    executed = [e["pipelineExecutionId"] for p in pages for e in p["pipelineExecutionSummaries"]]
    assert executed[:2] == [back.execution_id, bad.execution_id]
    assert len(executed) > 5


def test_staging_runs_its_pipeline_every_noon() -> None:
    deployments = list_deployments(plan_of("steady", 1), STAGING)
    scheduled = [each for each in deployments if (each.at.hour, each.at.minute) == (12, 0)]
    assert len({each.at.date() for each in scheduled if each.service == "catalog"}) == 91


@pytest.mark.parametrize(
    ("service", "operation", "asked"),
    [
        ("codedeploy", "ListDeploymentGroups", {"applicationName": "none"}),
        ("codedeploy", "ListDeployments", {"applicationName": "shop-accounts"}),
        ("codedeploy", "BatchGetDeployments", {"deploymentIds": ["d-1"] * 26}),
        ("codepipeline", "ListPipelineExecutions", {"pipelineName": "none"}),
        ("guardduty", "ListFindings", {"DetectorId": "none"}),
    ],
)
def test_what_is_not_there_is_refused(service: str, operation: str, asked: dict[str, Any]) -> None:
    with pytest.raises(AwsError):
        ask(service, operation, **here(), **asked)
