"""The readers of capacity against the sandbox, and the policy that holds their calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from opslib.aws.capacity import read_capacity_tables
from opslib.aws.permissions import iam_action
from opslib.aws.reads import Reads
from opslib.coverage import gaps
from opslib.errors import ParameterError
from opslib.parameters.capacity import CapacityParameters
from opslib.run_folder import RunFolder
from opslib.runner.catalog import read_iam_actions
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.sandbox.scenario import plan_scenario
from opslib.tables.capacity import CapacityService, CapacityTables

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "deploy" / "iam" / "capacity_planning.json"
PARAMETERS = ROOT / "parameters" / "sandbox" / "capacity_planning.yaml"
SEED = 1
WITHOUT_A_CALL = {
    "ce:GetCostAndUsage": "this run reads the bill from an export",
    "rds:DescribeDBClusterParameters": "the sandbox's cluster has the default parameters",
    "sts:GetCallerIdentity": "opslib doctor says by it who asks",
}
"""Actions that the policy holds beside those of the readers' calls, each with why."""
FRAMES = ("resources", "limits", "series", "targets", "quotas", "types", "costs", "prices")
SHORT = {"history_days": 30, "horizon_days": 14}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="troubled", seed=SEED) as running:
        yield running


def enter(sandbox: RunningSandbox, patch: pytest.MonkeyPatch, folder: Path, **values: Any) -> Reads:
    for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(folder / "cache")}.items():
        patch.setenv(name, value)
    run = folder / "run"
    run.mkdir(parents=True)
    given = {**yaml.safe_load(PARAMETERS.read_text("utf-8")), **SHORT, **values}
    return Reads(CapacityParameters.parse(given), RunFolder(path=run))


def read(reads: Reads) -> CapacityTables:
    assert isinstance(reads.parameters, CapacityParameters)
    return read_capacity_tables(reads, reads.parameters)


@pytest.mark.slow
def test_the_estate_is_read_whole_and_the_policy_holds_its_calls_and_no_other(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = enter(sandbox, monkeypatch, tmp_path)
    tables = read(reads)
    assert set(tables.resources["Service"]) == {service.value for service in CapacityService}
    assert set(tables.limits["Resource"]) <= set(tables.resources["Resource"])
    held = set(tables.limits["Series"]) - {""}
    assert held <= set(tables.series["Series"])
    assert held <= set(tables.usage)
    assert not [line for line in reads.coverage if line.status.is_gap and "usage" in line.table]
    assert set(tables.quotas["Region"]) == {"us-east-1", "eu-west-1"}
    assert tables.currency == "USD"
    billed = tables.resources.set_index("Resource")["Service"][tables.costs["Resource"].unique()]
    assert set(billed) == {"ec2", "ebs"}
    called = {iam_action(call.service, call.operation) for call in reads.ledger.records}
    allowed = set(read_iam_actions(POLICY))
    assert sorted(called - allowed) == []
    assert allowed - called == set(WITHOUT_A_CALL)
    check_replay(reads, tables)


def check_replay(reads: Reads, tables: CapacityTables) -> None:
    replayed = Reads(reads.parameters, RunFolder(path=reads.run.path, replay=True))
    again = read(replayed)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(tables, name))
    assert list(again.usage) == list(tables.usage)
    for series, history in tables.usage.items():
        told = again.usage[series].fine
        assert (told is None) == (history.fine is None)
        if told is not None and history.fine is not None:
            np.testing.assert_equal(told.values, history.fine.values)
    assert again.activities["Reference"].tolist() == tables.activities["Reference"].tolist()


@pytest.mark.slow
def test_planted_walls_are_limits_that_are_read(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = read(enter(sandbox, monkeypatch, tmp_path))
    walls = [
        truth.claim.subject
        for truth in plan_scenario("troubled", SEED).truths
        if truth.claim and truth.claim.kind == "capacity.wall"
    ]
    named = tables.limits.merge(tables.resources[["Resource", "Name"]], on="Resource")
    told = {(row["Name"], row["Limit"]) for row in named.to_dict("records")}
    assert walls
    assert {(wall["Resource"], wall["Limit"]) for wall in walls} <= told


@pytest.mark.slow
def test_kinds_and_names_restrict_what_is_read(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"services": ["ecs"], "resources": ["storefront"]}
    reads = enter(sandbox, monkeypatch, tmp_path, **values)
    tables = read(reads)
    assert tables.resources["Name"].tolist() == ["storefront"]
    assert set(tables.series["Resource"]) == set(tables.resources["Resource"])
    assert "rds" not in {call.service for call in reads.ledger.records}
    misspelt = {"services": ["ecs"], "resources": ["storefron"]}
    with pytest.raises(ParameterError, match="did you mean 'storefront'"):
        read(enter(sandbox, monkeypatch, tmp_path / "b", **misspelt))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [SEED, 2])
def test_what_is_refused_is_a_gap_and_the_rest_is_read(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = {
        truth.coverage
        for truth in plan_scenario("denied", seed).truths
        if truth.coverage and truth.part == "capacity"
    }
    assert planted
    with running_sandbox(scenario="denied", seed=seed) as running:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
        reads = enter(running, monkeypatch, tmp_path)
        tables = read(reads)
    lines = [line for line in reads.coverage if "sts:AssumeRole" not in line.detail]
    told = {(line.table, line.account, line.status.value) for line in lines}
    assert planted <= told
    unread = {line.table for line in gaps(lines) if not line.detail.startswith("not known")}
    assert unread <= {gap[0] for gap in planted}
    assert not tables.resources.empty
    assert tables.usage


@pytest.mark.slow
def test_an_empty_account_has_nothing_and_is_no_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_sandbox(scenario="empty", seed=SEED) as running:
        reads = enter(running, monkeypatch, tmp_path)
        tables = read(reads)
    assert set(tables.resources["Service"]) <= {"quota", "subnet"}
    assert all(history.coarse is None for history in tables.usage.values())
    assert {line.table for line in reads.coverage if line.status.is_gap} >= {"capacity costs"}


def test_the_policy_changes_nothing() -> None:
    for statement in json.loads(POLICY.read_text())["Statement"]:
        for action in statement["Action"]:
            name = action.partition(":")[2]
            assert name.startswith(("Get", "List", "Describe")) or action == "sts:AssumeRole"
