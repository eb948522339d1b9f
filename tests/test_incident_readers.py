"""The readers of an incident against the sandbox, and the policy that holds their calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.alarms import read_alarm_events, read_alarms
from opslib.aws.change_history import read_change_history
from opslib.aws.change_history_athena import read_athena_history
from opslib.aws.cloudtrail_lookup import read_cloudtrail_events
from opslib.aws.deployments import read_deployment_events, read_pipeline_events
from opslib.aws.ecs import read_ecs_events, read_stopped_task_events
from opslib.aws.guardduty import read_guardduty_events
from opslib.aws.health import read_health_events
from opslib.aws.incident_metrics import read_incident_metrics
from opslib.aws.log_error_events import log_error_events, patterns_by_minute
from opslib.aws.log_errors import read_error_lines, read_log_errors
from opslib.aws.permissions import iam_action
from opslib.aws.rds_events import read_rds_events
from opslib.aws.reads import Reads
from opslib.aws.rotations import read_rotation_events
from opslib.aws.scaling import read_group_scaling_events, read_scaling_events
from opslib.aws.service_graph import read_service_graph
from opslib.coverage import CoverageStatus
from opslib.parameters.incident_metrics import IncidentMetric
from opslib.people.pagerduty import read_pagerduty_events
from opslib.people.records_csv import read_csv_events
from opslib.people.slack import read_slack_events
from opslib.run_folder import RunFolder
from opslib.runner.catalog import read_iam_actions
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.sandbox.scenario import plan_scenario
from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with

POLICY = Path(__file__).parents[1] / "deploy" / "iam" / "incident_timeline.json"
DAY = "2026-03-01"
WINDOW = TimeWindow(
    start=datetime(2026, 3, 1, 8, tzinfo=UTC), end=datetime(2026, 3, 1, 22, tzinfo=UTC)
)
ACCOUNT = {
    "id": "222222222222",
    "name": "acme-production",
    "role": "arn:aws:iam::222222222222:role/opslib-read",
    "regions": ["us-east-1"],
}
GROUPS = ["/ecs/shop/"]
SEED = 1
STARTING = {"athena:StartQueryExecution", "logs:StartQuery", "sts:AssumeRole"}
"""Actions that change nothing, whatever their names; Athena could not: Glue's are only to read."""
WITHOUT_A_CALL = {
    "glue:GetPartitions": "Athena looks into the catalog as its caller",
    "glue:GetTable": "Athena looks into the catalog as its caller",
    "sts:GetCallerIdentity": "opslib doctor says by it who asks",
}
"""Actions that the policy holds beside those of the readers' calls, each with why."""
SOURCES: dict[str, Callable[[Reads], pd.DataFrame]] = {
    "alarms": lambda reads: read_alarm_events(reads, WINDOW),
    "cloudtrail": lambda reads: read_cloudtrail_events(reads, WINDOW),
    "codedeploy": lambda reads: read_deployment_events(reads, WINDOW),
    "codepipeline": lambda reads: read_pipeline_events(reads, WINDOW),
    "ecs": lambda reads: read_ecs_events(reads, WINDOW),
    "guardduty": lambda reads: read_guardduty_events(reads, WINDOW),
    "health": lambda reads: read_health_events(reads, WINDOW),
    "rotations": lambda reads: read_rotation_events(reads, WINDOW),
    "scaling": lambda reads: read_scaling_events(reads, WINDOW),
    "slack": lambda reads: read_slack_events(reads, f"s3://acme-incidents/{DAY}/slack.zip", WINDOW),
    "pagerduty": lambda reads: read_pagerduty_events(
        reads, f"s3://acme-incidents/{DAY}/pagerduty.json", WINDOW
    ),
    "csv": lambda reads: read_csv_events(reads, f"s3://acme-incidents/{DAY}/log.csv", WINDOW),
}
LOAD_BALANCER = {"LoadBalancer": "app/shop/50dc6c495c0c9188"}
METRICS = [
    IncidentMetric(
        name="p95",
        component="web",
        namespace="AWS/ApplicationELB",
        metric="TargetResponseTime",
        dimensions=LOAD_BALANCER,
        statistic="p95",
    ),
    IncidentMetric(
        name="cpu", component="web", namespace="AWS/ECS", metric="CPUUtilisation", dimensions={}
    ),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="troubled", seed=SEED) as running:
        yield running


def enter(sandbox: RunningSandbox, patch: pytest.MonkeyPatch, folder: Path, **values: Any) -> Reads:
    for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(folder / "cache")}.items():
        patch.setenv(name, value)
    return reads_with(folder / "run", accounts=[ACCOUNT], **values)


@pytest.fixture
def reads(sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reads:
    return enter(sandbox, monkeypatch, tmp_path)


def calls_of(reads: Reads) -> set[str]:
    return {iam_action(call.service, call.operation) for call in reads.ledger.records}


@pytest.mark.slow
def test_every_source_answers_and_the_policy_holds_its_calls_and_no_other(
    reads: Reads, sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = {name: read(reads) for name, read in SOURCES.items()}
    for name, events in frames.items():
        check_table(events, EVENTS, name)
        assert not events.empty, name
        assert set(events["Source"]) == {name}
    assert not read_service_graph(reads, WINDOW).empty
    assert not read_alarms(reads).empty
    assert not read_change_history(reads, WINDOW.start).empty
    assert not read_athena_history(reads, None, "default.cloudtrail_logs", WINDOW).frame.empty
    read_rds_events(reads, WINDOW)
    read_group_scaling_events(reads, WINDOW)
    errors, lines = read_log_errors(reads, GROUPS, WINDOW), read_error_lines(reads, GROUPS, WINDOW)
    assert not patterns_by_minute(errors, lines, WINDOW).empty
    assert not log_error_events(lines, WINDOW).empty
    metrics = read_incident_metrics(reads, METRICS, WINDOW)
    assert set(metrics.datapoints["Series"]) == {"p95"}
    gaps = {line.asked: line.status for line in reads.coverage if line.status.is_gap}
    assert gaps == {"metric cpu": CoverageStatus.NOT_FOUND}
    replayed = reads_with(reads.run.path, accounts=[ACCOUNT])
    replayed.run = RunFolder(path=reads.run.path, replay=True)
    for name, read in SOURCES.items():
        pd.testing.assert_frame_equal(read(replayed), frames[name])
    called = calls_of(reads) | calls_about_stopped_tasks(sandbox, tmp_path / "b", monkeypatch)
    allowed = set(read_iam_actions(POLICY))
    assert sorted(called - allowed) == []
    assert allowed - called == set(WITHOUT_A_CALL)


def calls_about_stopped_tasks(
    sandbox: RunningSandbox, folder: Path, patch: pytest.MonkeyPatch
) -> set[str]:
    """Return the calls of the reader whose source forgets within an hour."""
    reads = enter(sandbox, patch, folder)
    last = TimeWindow(start=datetime(2026, 3, 2, 5, tzinfo=UTC), end=reads.parameters.as_of)
    read_stopped_task_events(reads, last)
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]
    return calls_of(reads)


@pytest.mark.slow
def test_one_act_has_one_id_in_the_sources_that_record_it(reads: Reads) -> None:
    names = ("cloudtrail", "codedeploy", "codepipeline", "ecs", "alarms", "pagerduty")
    events = pd.concat([SOURCES[name](reads) for name in names])
    known = events[events["ActId"] != ""]
    sources = known.groupby("ActId")["Source"].agg(frozenset)
    assert {
        frozenset({"cloudtrail", "codepipeline"}),
        frozenset({"cloudtrail", "codedeploy"}),
        frozenset({"cloudtrail", "ecs"}),
        frozenset({"alarms", "pagerduty"}),
    } <= set(sources)
    assert known.groupby("ActId")["At"].nunique().max() == 1


@pytest.mark.slow
def test_the_planted_change_is_told_as_a_change(reads: Reads) -> None:
    incident = plan_scenario("troubled", SEED).incident.incident
    assert incident is not None
    events = read_cloudtrail_events(reads, WINDOW)
    told = events[(events["Action"] == incident.action) & (events["Kind"] == "change")]
    assert pd.Timestamp(incident.changed_at).floor("s") in set(told["At"])


@pytest.mark.slow
def test_a_source_that_is_refused_is_a_gap_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = [truth.coverage for truth in plan_scenario("denied", SEED).truths if truth.coverage]
    with running_sandbox(scenario="denied", seed=SEED) as running:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
        reads = enter(running, monkeypatch, tmp_path)
        for read in SOURCES.values():
            read(reads)
        read_service_graph(reads, WINDOW)
        read_rds_events(reads, WINDOW)
        read_log_errors(reads, GROUPS, WINDOW)
    told = {(line.table, line.account, line.status.value) for line in reads.coverage}
    wanted = {gap for gap in planted if gap[0].endswith(" events") or gap[0] in NOT_EVENTS}
    assert wanted
    assert {gap for gap in told if CoverageStatus(gap[2]).is_gap} == wanted


NOT_EVENTS = {"log errors", "service graph"}


def test_the_policy_changes_nothing() -> None:
    for statement in json.loads(POLICY.read_text())["Statement"]:
        for action in statement["Action"]:
            name = action.partition(":")[2]
            reads_only = name.startswith(("Get", "List", "Describe", "Lookup", "BatchGet"))
            assert reads_only or action in STARTING
