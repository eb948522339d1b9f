from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.places import Place, join_parts
from opslib.aws.reads import Reads
from opslib.aws.savings.sizes.compute_optimizer import read_compute_optimizer
from opslib.aws.savings.sizes.cost_explorer import read_cost_explorer_advice
from opslib.aws.savings.sizes.optimization_hub import read_optimization_hub
from opslib.coverage import CoverageStatus
from opslib.tables.savings_sizes import AWS_ADVICE
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads

ARN = "arn:aws:ec2:us-east-1:555555555555:instance/"
DATABASE = "arn:aws:rds:us-east-1:555555555555:db:ledger"


def saves(value: float) -> dict[str, Any]:
    return {"estimatedMonthlySavings": {"currency": "USD", "value": value}}


def optimizer(tmp_path: Path, **answers: Any) -> tuple[pd.DataFrame, Reads]:
    told: dict[str, Any] = {
        "GetEC2InstanceRecommendations": {"instanceRecommendations": []},
        "GetRDSDatabaseRecommendations": {"rdsDBRecommendations": []},
    }
    reads, _ = model_reads(tmp_path, {"compute-optimizer": told | answers})
    return join_parts(read_compute_optimizer(reads), AWS_ADVICE), reads


def rows(frame: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    told = frame.astype(object).where(frame.notna(), None)
    return [tuple(row[name] for name in names) for row in told.to_dict("records")]


def test_compute_optimizer_by_its_first_option_on_every_page(tmp_path: Path) -> None:
    options = [
        {"instanceType": "r6i.large", "rank": 2, "savingsOpportunity": saves(60)},
        {
            "instanceType": "m6i.large",
            "rank": 1,
            "savingsOpportunity": saves(50),
            "savingsOpportunityAfterDiscounts": saves(12.5),
        },
    ]
    seen = [{"name": "Cpu", "statistic": "Maximum", "value": 9.0}]
    first = {
        "instanceArn": f"{ARN}i-1",
        "finding": "Overprovisioned",
        "lookBackPeriodInDays": 14.0,
        "utilizationMetrics": seen,
        "recommendationOptions": options,
    }
    second = {"instanceArn": f"{ARN}i-2", "finding": "Optimized"}
    pages = [
        {"instanceRecommendations": [first], "nextToken": "more"},
        {"instanceRecommendations": [second]},
    ]
    frame, _ = optimizer(tmp_path, GetEC2InstanceRecommendations=pages)
    assert rows(frame, "ResourceId", "Proposed", "MonthlySaving", "SeesMemory", "LookBackDays") == [
        ("i-1", "m6i.large", Decimal("12.5"), "no", 14.0),
        ("i-2", "", None, "", None),
    ]


def test_compute_optimizer_on_databases(tmp_path: Path) -> None:
    seen = [{"name": "CPU", "statistic": "Maximum", "value": 9.0}, {"name": "Memory"}]
    told = {
        "resourceArn": DATABASE,
        "instanceFinding": "Overprovisioned",
        "lookbackPeriodInDays": 14.0,
        "utilizationMetrics": seen,
        "instanceRecommendationOptions": [
            {"dbInstanceClass": "db.m6g.large", "rank": 1, "savingsOpportunity": saves(100)}
        ],
    }
    answer = {"rdsDBRecommendations": [told]}
    frame, _ = optimizer(tmp_path, GetRDSDatabaseRecommendations=answer)
    assert rows(frame, "ResourceId", "Proposed", "MonthlySaving", "SeesMemory") == [
        (DATABASE, "db.m6g.large", Decimal(100), "yes")
    ]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("OptInRequiredException", CoverageStatus.NOT_FOUND),
        ("AccessDeniedException", CoverageStatus.DENIED),
    ],
)
def test_who_did_not_opt_in_is_told_how_and_who_is_denied_is_a_gap(
    tmp_path: Path, code: str, status: CoverageStatus
) -> None:
    refused = refusal(code, "GetEC2InstanceRecommendations")
    frame, reads = optimizer(tmp_path, GetEC2InstanceRecommendations=refused)
    assert frame.empty
    lines = {line.asked: line for line in reads.coverage}
    assert lines["EC2 instances"].status is status
    assert lines["EC2 instances"].remedy
    assert lines["RDS databases"].status is CoverageStatus.COMPLETE


def target(size: str, saving: str, *, is_default: bool) -> dict[str, Any]:
    return {
        "EstimatedMonthlySavings": saving,
        "CurrencyCode": "USD",
        "DefaultTargetInstance": is_default,
        "ResourceDetails": {"EC2ResourceDetails": {"InstanceType": size}},
    }


def present(name: str, **facts: Any) -> dict[str, Any]:
    return {"ResourceId": name, "TotalRunningHoursInLookbackPeriod": "300", **facts}


def test_cost_explorer_tells_target_coverage_and_what_to_end(tmp_path: Path) -> None:
    targets = [
        target("m6i.xlarge", "10", is_default=False),
        target("m6i.large", "20.5", is_default=True),
    ]
    modify = {
        "CurrentInstance": present("i-1", SavingsPlansCoveredHoursInLookbackPeriod="75"),
        "RightsizingType": "MODIFY",
        "ModifyRecommendationDetail": {"TargetInstances": targets},
    }
    used = {"EC2ResourceUtilization": {"MaxMemoryUtilizationPercentage": "20"}}
    end = {
        "CurrentInstance": present("i-2", ResourceUtilization=used),
        "RightsizingType": "TERMINATE",
        "TerminateRecommendationDetail": {"EstimatedMonthlySavings": "70", "CurrencyCode": "USD"},
    }
    metadata = {"LookbackPeriodInDays": "SEVEN_DAYS"}
    pages = [
        {"Metadata": metadata, "RightsizingRecommendations": [modify], "NextPageToken": "more"},
        {"Metadata": metadata, "RightsizingRecommendations": [end]},
    ]
    reads, _ = model_reads(tmp_path, {"ce": {"GetRightsizingRecommendation": pages}})
    frame = read_cost_explorer_advice(Place(reads, None, "us-east-1"))
    names = ("ResourceId", "Finding", "Proposed", "MonthlySaving", "SeesMemory", "CoveredShare")
    assert rows(frame, *names, "LookBackDays") == [
        ("i-1", "MODIFY", "m6i.large", Decimal("20.5"), "no", 0.25, 7.0),
        ("i-2", "TERMINATE", "", Decimal(70), "yes", 0.0, 7.0),
    ]
    assert reads.ledger.usd == Decimal("0.02")


def test_cost_explorer_that_the_payer_did_not_turn_on(tmp_path: Path) -> None:
    refused = refusal("AccessDeniedException", "GetRightsizingRecommendation")
    refused.response["Error"]["Message"] = (
        "Rightsizing EC2 recommendation is an opt-in only feature."
    )
    reads, _ = model_reads(tmp_path, {"ce": {"GetRightsizingRecommendation": refused}})
    assert read_cost_explorer_advice(Place(reads, None, "us-east-1")).empty
    (line,) = reads.coverage
    assert (line.status, line.detail) == (CoverageStatus.NOT_FOUND, "not opted in")


def hub(tmp_path: Path, status: str, *pages: dict[str, Any]) -> tuple[pd.DataFrame, Reads, Any]:
    answers = {
        "ListEnrollmentStatuses": {"items": [{"accountId": "1" * 12, "status": status}]},
        "ListRecommendations": list(pages),
    }
    reads, connection = model_reads(tmp_path, {"cost-optimization-hub": answers})
    frame = read_optimization_hub(Place(reads, None, "eu-west-1"))
    return frame, reads, connection


def test_the_hub_is_asked_of_sizes_alone_on_every_page(tmp_path: Path) -> None:
    server = {
        "resourceId": "i-1",
        "resourceArn": f"{ARN}i-1",
        "recommendedResourceSummary": "m6i.large",
        "estimatedMonthlySavings": 33.3,
        "currencyCode": "USD",
        "actionType": "Rightsize",
    }
    database = {**server, "resourceId": "ledger", "resourceArn": DATABASE}
    frame, _, connection = hub(
        tmp_path, "Active", {"items": [server], "nextToken": "more"}, {"items": [database]}
    )
    assert rows(frame, "ResourceId", "MonthlySaving") == [
        ("i-1", Decimal("33.3")),
        (DATABASE, Decimal("33.3")),
    ]
    asked = [one for name, one in connection.asked if name == "ListRecommendations"]
    assert asked[0]["filter"]["actionTypes"] == ["Rightsize"]


def test_a_hub_that_nobody_enrolled_in_is_not_asked_further(tmp_path: Path) -> None:
    frame, reads, connection = hub(tmp_path, "Inactive")
    assert frame.empty
    assert [name for name, _ in connection.asked] == ["ListEnrollmentStatuses"]
    (line,) = reads.coverage
    assert line.status is CoverageStatus.NOT_FOUND
