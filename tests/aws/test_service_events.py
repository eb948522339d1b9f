"""Every reader of what AWS's services record: refused, expired, empty, replayed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.deployments import read_deployment_events, read_pipeline_events
from opslib.aws.ecs import read_ecs_events, read_stopped_task_events
from opslib.aws.guardduty import read_guardduty_events
from opslib.aws.health import read_health_events
from opslib.aws.rds_events import read_rds_events
from opslib.aws.reads import Reads
from opslib.aws.rotations import read_rotation_events
from opslib.aws.scaling import read_group_scaling_events, read_scaling_events
from opslib.aws.service_graph import read_service_graph
from opslib.coverage import CoverageStatus
from opslib.errors import CredentialsError
from opslib.run_folder import RunFolder
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with, refusal
from tests.aws.model_clients import model_reads
from tests.aws.service_events import WINDOW, at

Reader = Callable[[Reads, TimeWindow], pd.DataFrame]
READERS: dict[Reader, tuple[str, str]] = {
    read_ecs_events: ("ecs", "ListClusters"),
    read_stopped_task_events: ("ecs", "ListClusters"),
    read_rds_events: ("rds", "DescribeEvents"),
    read_scaling_events: ("application-autoscaling", "DescribeScalingActivities"),
    read_group_scaling_events: ("autoscaling", "DescribeScalingActivities"),
    read_deployment_events: ("codedeploy", "ListDeployments"),
    read_pipeline_events: ("codepipeline", "ListPipelines"),
    read_health_events: ("health", "DescribeEvents"),
    read_rotation_events: ("secretsmanager", "ListSecrets"),
    read_guardduty_events: ("guardduty", "ListDetectors"),
    read_service_graph: ("xray", "GetServiceGraph"),
}


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccessDeniedException", CoverageStatus.DENIED),
        ("ThrottlingException", CoverageStatus.THROTTLED),
        ("InternalFailure", CoverageStatus.FAILED),
    ],
)
def test_what_is_refused_is_a_gap(
    reader: Reader, code: str, status: CoverageStatus, tmp_path: Path
) -> None:
    service, operation = READERS[reader]
    reads, _ = model_reads(tmp_path, {service: {operation: refusal(code, operation)}})
    assert reader(reads, WINDOW).empty
    assert [line.status for line in reads.coverage] == [status]


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.__name__)
def test_expired_credentials_end_the_run(reader: Reader, tmp_path: Path) -> None:
    service, operation = READERS[reader]
    expired = refusal("ExpiredTokenException", operation)
    reads, _ = model_reads(tmp_path, {service: {operation: expired}})
    with pytest.raises(CredentialsError):
        reader(reads, WINDOW)


EMPTY: dict[str, Any] = {
    "ecs": {"ListClusters": {"clusterArns": []}},
    "rds": {"DescribeEvents": {"Events": []}},
    "application-autoscaling": {"DescribeScalingActivities": {"ScalingActivities": []}},
    "autoscaling": {"DescribeScalingActivities": {"Activities": []}},
    "codedeploy": {"ListDeployments": {"deployments": []}},
    "codepipeline": {"ListPipelines": {"pipelines": []}},
    "health": {"DescribeEvents": {"events": []}},
    "secretsmanager": {"ListSecrets": {"SecretList": []}},
    "guardduty": {"ListDetectors": {"DetectorIds": []}},
    "xray": {"GetServiceGraph": {"Services": []}},
}


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.__name__)
def test_nothing_is_an_answer_and_is_replayed(reader: Reader, tmp_path: Path) -> None:
    reads, _ = model_reads(tmp_path, EMPTY, as_of=at(59))
    assert reader(reads, WINDOW).empty
    silent = {read_guardduty_events, read_stopped_task_events}
    wanted = CoverageStatus.PARTIAL if reader in silent else CoverageStatus.COMPLETE
    assert [line.status for line in reads.coverage] == [wanted]
    replayed = reads_with(tmp_path, as_of=at(59))
    replayed.run = RunFolder(path=tmp_path, replay=True)
    assert reader(replayed, WINDOW).empty
    assert [line.status for line in replayed.coverage] == [wanted]
