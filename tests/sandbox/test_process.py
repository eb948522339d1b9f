from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from opslib.errors import OpsError
from opslib.sandbox.process import (
    RunningSandbox,
    clear_state,
    read_state,
    running_sandbox,
    start_sandbox,
    stop_sandbox,
    write_state,
)

PERIOD = {"Start": "2026-02-01", "End": "2026-03-02"}
METRICS = ["UnblendedCost", "AmortizedCost", "UsageQuantity"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="denied", seed=3) as running:
        yield running


def client(service: str, sandbox: RunningSandbox, key: str = "", session: Any = None) -> Any:
    factory = session or boto3.Session(key or sandbox.access_key_id, sandbox.secret_access_key)
    quick = Config(retries={"total_max_attempts": 1})
    return factory.client(
        service, endpoint_url=sandbox.endpoint, region_name="us-east-1", config=quick
    )


def by(kind: str, key: str) -> dict[str, str]:
    return {"Type": kind, "Key": key}


def check_shape(boto: Any, operation: str, answer: dict[str, Any]) -> None:
    """Hold an answer against the shape that AWS publishes for it."""
    answer = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    shape = boto.meta.service_model.operation_model(operation).output_shape
    assert not ParamValidator().validate(answer, shape).has_errors()
    assert set(answer) <= set(shape.members)


def test_cost_explorer_answers_in_pages_that_add_up(sandbox: RunningSandbox) -> None:
    boto = client("ce", sandbox)
    totals, page_counts = [], []
    for groups in (
        [by("DIMENSION", "SERVICE"), by("DIMENSION", "USAGE_TYPE")],
        [by("DIMENSION", "LINKED_ACCOUNT"), by("TAG", "Project")],
    ):
        asked = {
            "TimePeriod": {"Start": "2025-11-01", "End": "2026-03-02"},
            "Granularity": "DAILY",
            "Metrics": METRICS,
            "GroupBy": groups,
        }
        pages = [boto.get_cost_and_usage(**asked)]
        while "NextPageToken" in pages[-1]:
            pages.append(boto.get_cost_and_usage(**asked, NextPageToken=pages[-1]["NextPageToken"]))
        page_counts.append(len(pages))
        check_shape(boto, "GetCostAndUsage", pages[0])
        rows = [g for p in pages for r in p["ResultsByTime"] for g in r["Groups"]]
        totals.append(sum(float(row["Metrics"]["AmortizedCost"]["Amount"]) for row in rows))
    assert page_counts == [2, 1]
    assert totals[0] == pytest.approx(totals[1])


def test_filters_select_what_they_say(sandbox: RunningSandbox) -> None:
    boto = client("ce", sandbox)

    def total(expression: dict[str, Any]) -> float:
        answer = boto.get_cost_and_usage(
            TimePeriod=PERIOD,
            Granularity="DAILY",
            Metrics=["UnblendedCost"],
            GroupBy=[by("DIMENSION", "RECORD_TYPE")],
            Filter=expression,
        )
        rows = [g for r in answer["ResultsByTime"] for g in r["Groups"]]
        return sum(float(row["Metrics"]["UnblendedCost"]["Amount"]) for row in rows)

    tax = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Tax"]}}
    prod = {"Tags": {"Key": "Environment", "Values": ["prod"]}}
    assert total(tax) == 760
    assert total({"And": [tax, prod]}) == 0
    assert total({"Or": [tax, prod]}) == pytest.approx(760 + total(prod))
    assert total({"Not": tax}) > total(prod)


def test_budgets_come_in_pages_and_only_to_their_account(sandbox: RunningSandbox) -> None:
    with running_sandbox(scenario="steady", seed=1) as steady:
        boto = client("budgets", steady)
        pages = boto.get_paginator("describe_budgets").paginate(AccountId="111111111111")
        names = [budget["BudgetName"] for page in pages for budget in page["Budgets"]]
        assert names == ["acme-all", "acme-production", "environment-prod", "nat-gigabytes"]
        check_shape(boto, "DescribeBudgets", boto.describe_budgets(AccountId="111111111111"))
        notes = boto.describe_notifications_for_budget(
            AccountId="111111111111", BudgetName="acme-all"
        )
        check_shape(boto, "DescribeNotificationsForBudget", notes)
        with pytest.raises(ClientError, match="AccessDenied"):
            boto.describe_budgets(AccountId="222222222222")


def test_the_forecast_starts_today(sandbox: RunningSandbox) -> None:
    with running_sandbox(scenario="steady", seed=1) as steady:
        boto = client("ce", steady)
        asked = {"Metric": "AMORTIZED_COST", "Granularity": "MONTHLY"}
        answer = boto.get_cost_forecast(
            TimePeriod={"Start": "2026-03-02", "End": "2026-04-01"}, **asked
        )
        check_shape(boto, "GetCostForecast", answer)
        with pytest.raises(ClientError, match="ValidationException"):
            boto.get_cost_forecast(
                TimePeriod={"Start": str(date(2026, 2, 1)), "End": "2026-03-01"}, **asked
            )


@pytest.mark.parametrize(
    ("service", "operation"),
    [("ce", "get_usage_forecast"), ("compute-optimizer", "get_enrollment_status")],
)
def test_what_is_not_simulated_says_so(
    service: str, operation: str, sandbox: RunningSandbox
) -> None:
    forecast = {
        "TimePeriod": {"Start": "2026-03-02", "End": "2026-03-03"},
        "Metric": "USAGE_QUANTITY",
        "Granularity": "DAILY",
    }
    asked = forecast if service == "ce" else {}
    with pytest.raises(ClientError, match="SandboxNotImplemented"):
        getattr(client(service, sandbox), operation)(**asked)


@pytest.mark.parametrize("service", ["ce", "s3", "sts", "budgets"])
def test_expired_credentials_are_refused_in_every_protocol(
    service: str, sandbox: RunningSandbox
) -> None:
    boto = client(service, sandbox, key="ASIAEXPIRED")
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "ce": ("get_cost_and_usage", {"TimePeriod": PERIOD, "Granularity": "DAILY", "Metrics": []}),
        "s3": ("list_objects_v2", {"Bucket": "acme-billing-export"}),
        "sts": ("get_caller_identity", {}),
        "budgets": ("describe_budgets", {"AccountId": "111111111111"}),
    }
    operation, asked = calls[service]
    with pytest.raises(ClientError, match="ExpiredToken"):
        getattr(boto, operation)(**asked)


def test_the_state_file_tells_of_a_sandbox_that_answers(sandbox: RunningSandbox) -> None:
    assert read_state() is None
    write_state(sandbox)
    assert read_state() == sandbox
    clear_state()
    assert read_state() is None


def test_a_sandbox_ends_with_the_process_that_started_it() -> None:
    code = (
        "from opslib.sandbox.process import start_sandbox; import time\n"
        "print(start_sandbox(scenario='empty', seed=1).pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _exists(pid):
        time.sleep(0.1)
    assert not _exists(pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_sandbox_that_cannot_start_says_why() -> None:
    with pytest.raises(OpsError, match="did not start"):
        start_sandbox(scenario="no-such-scenario", seed=1)


def test_stopping_twice_is_no_error() -> None:
    running = start_sandbox(scenario="empty", seed=1)
    stop_sandbox(running)
    stop_sandbox(running)
    with pytest.raises(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
