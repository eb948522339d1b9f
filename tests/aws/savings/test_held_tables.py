"""Readers of commitments: pages, refusals, none owned, and no request that nothing needs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.savings.commitment_advice import read_commitment_advice
from opslib.aws.savings.commitment_totals import read_commitment_totals, read_covered_spend
from opslib.aws.savings.held_commitments import RESERVED, read_held_commitments
from opslib.coverage import CoverageStatus
from opslib.tables.held_commitments import COMMITMENTS, HELD_TABLES
from opslib.tables.schema import check_table
from tests.analysis.savings.estates import parameters
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads
from tests.policies import Policy

POLICY = Policy.load(Path(__file__).parents[3] / "deploy" / "iam" / "cost_savings.json")
DAYS = tuple(date(2026, 2, 1) + timedelta(days=n) for n in range(10))
MADE = datetime(2025, 6, 1, tzinfo=UTC)
YEAR = 365 * 86_400
SEARCH = ("1" * 36, "2" * 36)
CACHES = "Amazon ElastiCache"
EMPTY: dict[str, dict[str, Any]] = {
    "savingsplans": {"DescribeSavingsPlans": {"savingsPlans": []}},
    "ec2": {"DescribeReservedInstances": {"ReservedInstances": []}},
    "rds": {"DescribeReservedDBInstances": {"ReservedDBInstances": []}},
    "elasticache": {"DescribeReservedCacheNodes": {"ReservedCacheNodes": []}},
    "redshift": {"DescribeReservedNodes": {"ReservedNodes": []}},
    "opensearch": {"DescribeReservedInstances": {"ReservedInstances": []}},
}


def bought(number: int, **facts: Any) -> dict[str, Any]:
    return {
        "savingsPlanArn": f"arn:aws:savingsplans::111111111111:savingsplan/{number}",
        "savingsPlanType": "EC2Instance",
        "ec2InstanceFamily": "m6i",
        "region": "us-east-1",
        "state": "active",
        "start": "2026-02-20T10:00:00.000Z",
        "end": "2027-02-20T09:59:59.000Z",
        "commitment": "1.5",
        "currency": "USD",
        "returnableUntil": "2026-02-20T10:00:00.000Z",
        **facts,
    }


def test_plans_of_every_page_and_until_when_they_are_taken_back(tmp_path: Path) -> None:
    until = "2026-02-27T10:00:00.000Z"
    pages = [
        {"savingsPlans": [bought(1)], "nextToken": "more"},
        {"savingsPlans": [bought(2, returnableUntil=until)]},
    ]
    reads, _ = model_reads(tmp_path, EMPTY | {"savingsplans": {"DescribeSavingsPlans": pages}})
    frame = check_table(read_held_commitments(reads), COMMITMENTS, "held")
    assert frame["HourlyCost"].tolist() == [Decimal("1.5")] * 2
    assert frame["ReturnableUntil"].isna().tolist() == [True, False]
    assert frame["What"].unique().tolist() == ["EC2Instance Savings Plan of m6i"]
    assert {line.table for line in reads.coverage} == set(HELD_TABLES)
    assert {line.status for line in reads.coverage} == {CoverageStatus.COMPLETE}


def test_an_hour_of_a_reservation_is_all_units_with_their_upfront_part(tmp_path: Path) -> None:
    node = {
        "ReservedCacheNodeId": "ri-1",
        "CacheNodeType": "cache.r7g.large",
        "StartTime": MADE,
        "Duration": YEAR,
        "FixedPrice": 876.0,
        "CacheNodeCount": 3,
        "State": "active",
        "OfferingType": "Partial Upfront",
        "RecurringCharges": [
            {"RecurringChargeAmount": 0.05, "RecurringChargeFrequency": "Hourly"},
            {"RecurringChargeAmount": 9.0, "RecurringChargeFrequency": "Monthly"},
        ],
    }
    answers = EMPTY | {
        "elasticache": {"DescribeReservedCacheNodes": {"ReservedCacheNodes": [node]}}
    }
    reads, _ = model_reads(tmp_path, answers)
    (row,) = read_held_commitments(reads).to_dict("records")
    assert row["HourlyCost"] == Decimal("0.45")  # 3 x (0.05 + 876 / 8760)
    assert row["End"] == MADE + timedelta(days=365)
    assert (row["Service"], row["Units"], row["RegionId"]) == (CACHES, 3, "us-east-1")


def test_pages_and_names_of_the_services_that_have_their_own(tmp_path: Path) -> None:
    search: dict[str, Any] = {
        "ReservedInstanceId": SEARCH[0],
        "InstanceType": "r6g.large.search",
        "State": "active",
    }
    search |= {"InstanceCount": 1, "StartTime": MADE, "Duration": YEAR}
    search["PaymentOption"] = "ALL_UPFRONT"
    ec2: dict[str, Any] = {
        "ReservedInstancesId": "e-1",
        "InstanceType": "m5.large",
        "State": "active",
    }
    ec2 |= {"OfferingClass": "standard", "InstanceCount": 1, "End": MADE, "Start": MADE}
    database = {"ReservedDBInstanceId": "mine", "LeaseId": "lease-1", "State": "retired"}
    answers = EMPTY | {
        "opensearch": {
            "DescribeReservedInstances": [
                {"ReservedInstances": [search], "NextToken": "more"},
                {"ReservedInstances": [search | {"ReservedInstanceId": SEARCH[1]}]},
            ]
        },
        "ec2": {"DescribeReservedInstances": {"ReservedInstances": [ec2]}},
        "rds": {
            "DescribeReservedDBInstances": [
                {"ReservedDBInstances": [database | {"DBInstanceClass": "db.t3"}], "Marker": "m"},
                {"ReservedDBInstances": []},
            ]
        },
    }
    reads, _ = model_reads(tmp_path, answers)
    frame = check_table(read_held_commitments(reads), COMMITMENTS, "held")
    told = dict(zip(frame["CommitmentId"], frame["What"], strict=True))
    assert told == {
        "e-1": "standard m5.large reservation",
        "lease-1": "db.t3 reservation",
        SEARCH[0]: "r6g.large.search reservation",
        SEARCH[1]: "r6g.large.search reservation",
    }
    assert set(frame.loc[frame["CommitmentId"] == SEARCH[0], "Payment"]) == {"All Upfront"}


def test_one_list_refused_leaves_the_others(tmp_path: Path) -> None:
    denied = refusal("AccessDenied", "DescribeReservedDBInstances")
    plans = {"DescribeSavingsPlans": {"savingsPlans": [bought(1)]}}
    answers = EMPTY | {"rds": {"DescribeReservedDBInstances": denied}, "savingsplans": plans}
    reads, connection = model_reads(tmp_path, answers)
    assert len(read_held_commitments(reads)) == 1
    gaps = [line.table for line in reads.coverage if line.status.is_gap]
    assert gaps == ["reserved databases"]
    services = {"DescribeSavingsPlans": "savingsplans", "DescribeReservedDBInstances": "rds"}
    services |= {"DescribeReservedNodes": "redshift", "DescribeReservedCacheNodes": "elasticache"}
    for operation, _ in connection.asked:
        for service in [services[operation]] if operation in services else ["ec2", "es"]:
            assert POLICY.allows(f"{service}:{operation}", "*"), operation


def used(number: int) -> dict[str, Any]:
    return {
        "SavingsPlanArn": f"p-{number}",
        "Attributes": {"AccountId": "1" * 12},
        "Utilization": {
            "TotalCommitment": "240",
            "UnusedCommitment": "60",
            "UtilizationPercentage": "75",
        },
        "Savings": {"OnDemandCostEquivalent": "250"},
        "AmortizedCommitment": {"TotalAmortizedCommitment": "241"},
    }


def test_the_use_of_each_commitment_and_only_of_services_reserved(tmp_path: Path) -> None:
    period = {"Start": "2026-02-01", "End": "2026-02-11"}
    whole = {"TimePeriod": period}
    group = {
        "Key": "SUBSCRIPTION_ID",
        "Value": "77",
        "Attributes": {"leaseId": "ri-1", "accountId": "2" * 12},
        "Utilization": {
            "PurchasedHours": "240",
            "UtilizationPercentage": "50",
            "TotalAmortizedFee": "12",
            "RICostForUnusedHours": "6",
            "OnDemandCostOfRIHoursUsed": "10",
        },
    }
    answers = {
        "ce": {
            "GetSavingsPlansUtilizationDetails": [
                {"SavingsPlansUtilizationDetails": [used(1)], "NextToken": "more", **whole},
                {"SavingsPlansUtilizationDetails": [used(2)], **whole},
            ],
            "GetReservationUtilization": {
                "UtilizationsByTime": [{"TimePeriod": period, "Groups": [group]}]
            },
        }
    }
    reads, connection = model_reads(tmp_path, answers)
    frame = read_commitment_totals(reads, None, DAYS, [CACHES])
    assert frame["CommitmentId"].tolist() == ["p-1", "p-2", "ri-1"]
    assert frame["Cost"].tolist() == [Decimal(241), Decimal(241), Decimal(12)]
    assert frame["Unused"].tolist() == [Decimal(60), Decimal(60), Decimal(6)]
    assert frame["UsedShare"].tolist() == [0.75, 0.75, 0.5]
    assert all(asked["TimePeriod"] == period for _, asked in connection.asked)
    of_caches = connection.asked[-1][1]["Filter"]["Dimensions"]
    assert of_caches == {"Key": "SERVICE", "Values": [CACHES]}
    assert reads.ledger.usd == Decimal("0.03")
    assert all(POLICY.allows(f"ce:{name}", "*") for name, _ in connection.asked)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("DataUnavailableException", CoverageStatus.COMPLETE),
        ("AccessDeniedException", CoverageStatus.DENIED),
        ("LimitExceededException", CoverageStatus.THROTTLED),
    ],
)
def test_none_owned_is_no_gap_and_a_refusal_is_one(
    tmp_path: Path, code: str, status: CoverageStatus
) -> None:
    no = refusal(code, "GetSavingsPlansUtilizationDetails")
    refused = {"GetSavingsPlansUtilizationDetails": no, "GetSavingsPlansCoverage": no}
    reads, _ = model_reads(tmp_path, {"ce": refused})
    assert read_commitment_totals(reads, None, DAYS, []).empty
    assert read_covered_spend(reads, None, DAYS, []).empty
    assert {line.status for line in reads.coverage} == {status}


def test_what_is_covered_by_service(tmp_path: Path) -> None:
    period = {"Start": "2026-02-01", "End": "2026-02-11"}
    part = {"OnDemandCost": "30", "CoveragePercentage": "40"}
    covered = {"Attributes": {"SERVICE": "AWS Lambda"}, "Coverage": part, "TimePeriod": period}
    hours = {"TotalRunningHours": "100", "CoverageHoursPercentage": "25"}
    total = {"CoverageHours": hours, "CoverageCost": {"OnDemandCost": "7"}}
    answers = {
        "GetSavingsPlansCoverage": {"SavingsPlansCoverages": [covered]},
        "GetReservationCoverage": {"CoveragesByTime": [], "Total": total},
    }
    reads, connection = model_reads(tmp_path, {"ce": answers})
    frame = read_covered_spend(reads, None, DAYS, [CACHES])
    assert frame["Service"].tolist() == ["AWS Lambda", CACHES]
    assert frame["CoveredShare"].tolist() == [0.4, 0.25]
    assert frame["OnDemand"].tolist() == [Decimal(30), Decimal(7)]
    assert all(POLICY.allows(f"ce:{name}", "*") for name, _ in connection.asked)


def advised(**facts: str) -> dict[str, Any]:
    return {
        "HourlyCommitmentToPurchase": "2",
        "EstimatedSPCost": "75",
        "EstimatedSavingsAmount": "25",
        "EstimatedMonthlySavingsAmount": "300",
        **facts,
    }


def plans_page(*details: dict[str, Any], **token: str) -> dict[str, Any]:
    listed = {"SavingsPlansPurchaseRecommendationDetails": list(details)}
    return {"SavingsPlansPurchaseRecommendation": listed, **token}


def test_advice_is_asked_for_what_the_bill_has_and_no_more(tmp_path: Path) -> None:
    node = {"NodeType": "cache.r7g.large", "Region": "eu-west-1"}
    reserved = {
        "InstanceDetails": {"ElastiCacheInstanceDetails": node},
        "RecommendedNumberOfInstancesToPurchase": "4",
        "EstimatedMonthlySavingsAmount": "80",
        "EstimatedBreakEvenInMonths": "7.5",
    }
    answers = {
        "GetSavingsPlansPurchaseRecommendation": [
            plans_page(advised(), NextPageToken="more"),
            plans_page(advised(UpfrontCost="10")),
            plans_page(),
        ],
        "GetReservationPurchaseRecommendation": {
            "Recommendations": [{"RecommendationDetails": [reserved]}]
        },
    }
    reads, connection = model_reads(tmp_path, {"ce": answers})
    charged = [CACHES, "Amazon Simple Storage Service", RESERVED[0].service]
    frame = read_commitment_advice(reads, None, parameters(), charged)
    assert frame["Plan"].tolist() == ["compute-savings-plan"] * 2 + ["reserved-cache-node"]
    assert frame["CostShare"].tolist()[:2] == [0.75, 0.75]
    assert frame["Upfront"].tolist() == [Decimal(0), Decimal(10), Decimal(0)]
    assert frame["What"].tolist()[2] == "cache.r7g.large"
    assert [asked.get("Service") for _, asked in connection.asked] == [None, None, None, CACHES]
    assert reads.ledger.usd == Decimal("0.04")
    assert [line.detail for line in reads.coverage].count("AWS recommends nothing") == 1
    assert all(POLICY.allows(f"ce:{name}", "*") for name, _ in connection.asked)


def test_advice_of_every_term_as_it_would_be_paid(tmp_path: Path) -> None:
    asked_for = parameters(terms=[1, 3], payment="all_upfront")
    answers = {"GetSavingsPlansPurchaseRecommendation": plans_page(advised())}
    reads, connection = model_reads(tmp_path, {"ce": answers})
    frame = read_commitment_advice(reads, None, asked_for, [])
    assert frame["TermYears"].tolist() == [1, 1, 3, 3]
    assert {asked["PaymentOption"] for _, asked in connection.asked} == {"ALL_UPFRONT"}


def test_advice_that_is_refused_is_a_gap(tmp_path: Path) -> None:
    no = refusal("AccessDeniedException", "GetSavingsPlansPurchaseRecommendation")
    reads, _ = model_reads(tmp_path, {"ce": {"GetSavingsPlansPurchaseRecommendation": no}})
    assert read_commitment_advice(reads, None, parameters(), []).empty
    assert {line.status for line in reads.coverage} == {CoverageStatus.DENIED}
