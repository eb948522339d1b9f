from __future__ import annotations

import numpy as np
import pytest

from opslib.sandbox.capacity_truths import CAPACITY_FAULTS
from opslib.sandbox.estate import PAYER, STAGING
from opslib.sandbox.faults import (
    ANOMALY_DENIALS,
    BACKUP_DENIALS,
    DENIALS,
    find_fault,
    plan_anomaly_fault,
)
from opslib.sandbox.incident_truths import SOURCE_FAULTS
from opslib.sandbox.savings.refusals import SAVINGS_DENIALS
from opslib.sandbox.scenario import plan_scenario
from tests.sandbox.answers import ask

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_some_reads_are_refused_and_never_all(seed: int) -> None:
    scenario = plan_scenario("denied", seed)
    denied = [truth for truth in scenario.truths if truth.name == "denied_read"]
    of_anomalies = {operation for operation, _, _ in ANOMALY_DENIALS}
    unusual = [fault for fault in scenario.faults if fault.operation in of_anomalies]
    assert len(unusual) <= 1
    assert [truth.part for truth in denied] == ["cost"] * (2 + len(unusual)) + ["dr"]
    of_incidents = {(service, operation) for service, operation, _, _ in SOURCE_FAULTS}
    of_capacity = {fault for fault, _ in CAPACITY_FAULTS}
    of_savings = {operation for _, operation, _, _ in SAVINGS_DENIALS}
    of_bill = [fault for fault in scenario.faults if fault.operation not in of_savings]
    assert len(scenario.faults) - len(of_bill) == 1
    faults = [fault for fault in of_bill if fault not in of_capacity]
    assert len(of_bill) - len(faults) == 2
    others = [f for f in faults if (f.service, f.operation) not in of_incidents]
    assert len(others) == 3 + len(unusual)
    assert 1 <= len(faults) - len(others) <= 2
    assert len(DENIALS) > 2
    assert len(BACKUP_DENIALS) > 1
    assert all(truth.coverage for truth in denied)


def test_the_seed_moves_what_is_refused() -> None:
    assert len({plan_scenario("denied", seed).faults for seed in SEEDS}) > 2


def test_what_aws_says_of_anomalies_is_refused_in_some_accounts() -> None:
    operations = {operation for operation, _, _ in ANOMALY_DENIALS}
    refused = [
        [f.operation for f in plan_anomaly_fault(np.random.default_rng(seed))[0]]
        for seed in range(40)
    ]
    assert [] in refused
    assert {operation for found in refused for operation in found} == operations


def test_a_fault_meets_only_the_call_account_and_text_that_it_names() -> None:
    assume, throttled = DENIALS[0][0], DENIALS[2][0]
    to_staging = {"RoleArn": f"arn:aws:iam::{STAGING}:role/opslib-read"}
    assert find_fault((assume,), "sts", "AssumeRole", PAYER, to_staging) is assume
    elsewhere = {"RoleArn": "arn:aws:iam::222222222222:role/opslib-read"}
    assert find_fault((assume,), "sts", "AssumeRole", PAYER, elsewhere) is None
    assert find_fault((assume,), "sts", "GetCallerIdentity", PAYER, to_staging) is None
    assert find_fault((throttled,), "budgets", "DescribeBudgets", PAYER, {}) is None
    assert find_fault((throttled,), "budgets", "DescribeBudgets", throttled.account, {})


def test_a_policy_simulation_tells_what_the_scenario_refuses() -> None:
    seed = next(s for s in SEEDS if DENIALS[1][0] in plan_scenario("denied", s).faults)
    answer = ask(
        "iam",
        "SimulatePrincipalPolicy",
        scenario="denied",
        seed=seed,
        PolicySourceArn="arn:aws:iam::111111111111:user/opslib",
        ActionNames=["ce:GetCostForecast", "ce:GetCostAndUsage"],
    )
    decisions = {r["EvalActionName"]: r["EvalDecision"] for r in answer["EvaluationResults"]}
    assert decisions == {"ce:GetCostForecast": "explicitDeny", "ce:GetCostAndUsage": "allowed"}
