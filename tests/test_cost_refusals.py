"""AWS refuses the cost report one operation after the other: a report is left that says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.permissions import iam_action
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Conclusion, Verdict
from opslib.runner.catalog import read_iam_actions
from opslib.sandbox.process import running_sandbox
from tests.cost_runs import Call, CallLog, CostRun, refuse, run_cost

pytestmark = pytest.mark.slow

POLICY = Path(__file__).parents[1] / "deploy" / "iam" / "cost_analysis.json"
SEED = 1
SHORT: dict[str, Any] = {"history_days": 42, "cause_hours": 12, "tag_keys": ["Project"]}
"""Long enough for every question but that of the usual change, which only the bill bears on."""
SOURCES: dict[str, dict[str, Any]] = {
    "export": {},
    "cost_explorer": {"source": "cost_explorer", "path": ""},
    "athena": {"engine": "athena", "table": "default.focus", "path": ""},
}
BUDGETS, CAUSES = "Will the budgets hold?", "Is a cause recorded for what was unusual?"
UNITS, BILL = "Is the cost of a unit within the usual?", "Is the bill complete?"
COMMITMENTS, UNUSUAL = "Are commitments used as before?", "Is every day of the bill as usual?"
BEARS_ON: dict[Call, str] = {
    ("application-autoscaling", "DescribeScalingActivities"): CAUSES,
    ("autoscaling", "DescribeScalingActivities"): CAUSES,
    ("budgets", "DescribeBudgets"): BUDGETS,
    ("budgets", "DescribeNotificationsForBudget"): BUDGETS,
    ("ce", "GetAnomalies"): UNUSUAL,
    ("ce", "GetCostAndUsage"): BILL,
    ("ce", "GetCostForecast"): "",
    ("ce", "GetReservationUtilization"): COMMITMENTS,
    ("ce", "GetSavingsPlansUtilization"): COMMITMENTS,
    ("cloudtrail", "LookupEvents"): CAUSES,
    ("cloudwatch", "GetMetricData"): UNITS,
    ("ecs", "DescribeServices"): CAUSES,
    ("ecs", "ListClusters"): CAUSES,
    ("ecs", "ListServices"): CAUSES,
    ("elbv2", "DescribeLoadBalancers"): UNITS,
    ("sts", "AssumeRole"): BUDGETS,
}
"""What every source asks, and the question that it bears on; AWS's forecast stands beside ours."""
BILL_CALLS: dict[str, set[Call]] = {
    "export": {("s3", "GetObject"), ("s3", "HeadObject"), ("s3", "ListObjectsV2")},
    "cost_explorer": set(),
    "athena": {
        ("athena", "GetQueryExecution"),
        ("athena", "GetTableMetadata"),
        ("athena", "StartQueryExecution"),
        ("s3", "GetObject"),
    },
}
REFUSED = [
    *((source, call) for source in ("export", "cost_explorer") for call in BEARS_ON),
    *((source, call) for source, calls in BILL_CALLS.items() for call in sorted(calls)),
]
NEVER_ASKED = {
    "ce:GetAnomalyMonitors": "only where AWS has no anomaly",
    "cloudwatch:ListMetrics": "only where a metric is silent",
    "glue:GetPartitions": "Athena looks into the catalog as its caller",
    "glue:GetTable": "Athena looks into the catalog as its caller",
    "sts:GetCallerIdentity": "only where no account is named",
}
"""Actions of the policy beside those of these runs, each with when it is needed."""


@dataclass
class Whole:
    """Reports of which nothing was refused, by source, and how they were read."""

    runs: dict[str, CostRun]
    log: CallLog


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("whole")
    with running_sandbox(scenario="troubled", seed=SEED) as running:
        with pytest.MonkeyPatch.context() as patch:
            _enter(patch, running.environ, folder / "cache")
            log = CallLog()
            log.watch(patch)
            runs: dict[str, CostRun] = {}
            for source, values in SOURCES.items():
                if runs:  # what does not depend on the source is asked once
                    first = runs["export"].reads.run.evidence
                    shutil.copytree(first, folder / source / "evidence")
                runs[source] = run_cost(folder / source, **SHORT, **values)
        ENVIRON.update(running.environ)
        yield Whole(runs=runs, log=log)


ENVIRON: dict[str, str] = {}


def _enter(patch: pytest.MonkeyPatch, environ: dict[str, str], cache: Path) -> None:
    settings = {**environ, "OPSLIB_CACHE": str(cache), "AWS_MAX_ATTEMPTS": "6"}
    for name, value in settings.items():
        patch.setenv(name, value)


def refused_run(
    whole: Whole, patch: pytest.MonkeyPatch, folder: Path, source: str, call: Call, code: str
) -> CostRun:
    _enter(patch, ENVIRON, folder / "cache")
    refuse(patch, call, code)
    whole.log.copy_others(whole.runs[source].reads.run.path, folder, call)
    return run_cost(folder, **SHORT, **SOURCES[source])


def told(run: CostRun, call: Call, status: CoverageStatus) -> list[Coverage]:
    """Return the lines of coverage that name a refused operation."""
    lines = [line for line in run.report.coverage if line.status is status]
    return [line for line in lines if f"{call[1]} is refused" in line.detail]


def answers(run: CostRun) -> dict[str, Conclusion]:
    return {conclusion.question: conclusion for conclusion in run.report.conclusions}


def test_every_operation_of_a_report_is_refused_below(whole: Whole) -> None:
    of_bill = {source: set(calls) for source, calls in BILL_CALLS.items()}
    for source, run in whole.runs.items():
        assert whole.log.of(run) - set().union(*of_bill.values()) == set(BEARS_ON), source
        assert of_bill[source] <= whole.log.of(run), source
    asked = {iam_action(*call) for call in {*BEARS_ON}.union(*of_bill.values())}
    assert set(read_iam_actions(POLICY)) - asked == set(NEVER_ASKED)


@pytest.mark.parametrize(("source", "call"), REFUSED, ids=str)
def test_a_refused_operation_leaves_a_report_with_its_part_inconclusive(
    whole: Whole, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, call: Call
) -> None:
    run = refused_run(whole, monkeypatch, tmp_path, source, call, "AccessDeniedException")
    lines = told(run, call, CoverageStatus.DENIED)
    assert lines, "coverage does not name it"
    assert all(line.remedy for line in lines)
    before, after = answers(whole.runs[source]), answers(run)
    turned = [name for name, one in after.items() if one.verdict is Verdict.PASS]
    assert all(before[name].verdict is Verdict.PASS for name in turned)
    question = BEARS_ON.get(call, BILL)
    if question:
        assert after[question].verdict is not Verdict.PASS
        because = " ".join(after[question].because)
        assert any(line.table in because for line in lines), because


@pytest.mark.parametrize("call", [("budgets", "DescribeBudgets"), ("ce", "GetAnomalies")], ids=str)
def test_a_throttled_operation_is_told_as_throttled(
    whole: Whole, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: Call
) -> None:
    run = refused_run(whole, monkeypatch, tmp_path, "export", call, "ThrottlingException")
    assert told(run, call, CoverageStatus.THROTTLED)
    answer = answers(run)[BEARS_ON[call]]
    assert answer.verdict is not Verdict.PASS
    assert any("throttled" in part for part in answer.because)
