from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opslib.sandbox.estate import PRODUCTION, STAGING
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import plan_scenario
from tests.sandbox.answers import ask, ask_all, by_dimension, by_tag

FEBRUARY = {"Start": "2026-02-01", "End": "2026-03-01"}
BILL = plan_scenario("steady", 1).bill
IN_FEBRUARY = BILL[[date(2026, 2, 1) <= day < date(2026, 3, 1) for day in BILL["day"]]]


def usage(**asked: Any) -> dict[str, Any]:
    usual = {"TimePeriod": FEBRUARY, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"]}
    return ask("ce", "GetCostAndUsage", **(usual | asked))


def amounts(answer: dict[str, Any], metric: str = "UnblendedCost") -> dict[str, Decimal]:
    (result,) = answer["ResultsByTime"]
    return {g["Keys"][0]: Decimal(g["Metrics"][metric]["Amount"]) for g in result["Groups"]}


def refusal(**asked: Any) -> str:
    with pytest.raises(AwsError) as refused:
        usage(**asked)
    return str(refused.value.code)


def test_groups_are_the_exact_sums_of_the_bill() -> None:
    answer = usage(GroupBy=by_dimension("SERVICE"), Metrics=["UnblendedCost", "AmortizedCost"])
    for metric, column in (("UnblendedCost", "billed"), ("AmortizedCost", "effective")):
        of_bill = IN_FEBRUARY.groupby("service")[column].sum().to_dict()
        assert amounts(answer, metric) == of_bill


def test_without_groups_the_total_is_told_apart_from_them() -> None:
    (result,) = usage()["ResultsByTime"]
    assert Decimal(result["Total"]["UnblendedCost"]["Amount"]) == sum(IN_FEBRUARY["billed"])
    assert result["Groups"] == []


def test_tag_groups_carry_their_key_and_untagged_spend_an_empty_value() -> None:
    projects = set(IN_FEBRUARY["project"])
    assert set(amounts(usage(GroupBy=by_tag("Project")))) == {f"Project${p}" for p in projects}
    assert "" in projects


def test_a_tag_that_nobody_activated_holds_everything_under_no_value() -> None:
    assert amounts(usage(GroupBy=by_tag("Team"))) == {"Team$": sum(IN_FEBRUARY["billed"])}


def test_charges_without_a_place_are_global_or_of_no_region() -> None:
    regions = amounts(usage(GroupBy=by_dimension("REGION")))
    assert set(regions) == {"us-east-1", "eu-west-1", "global", "NoRegion"}
    cloudfront = IN_FEBRUARY[IN_FEBRUARY["service"] == "Amazon CloudFront"]
    assert regions["NoRegion"] == Decimal(380 + 420 - 25)
    assert regions["global"] >= sum(cloudfront["billed"])


def test_a_quantity_has_a_unit_only_where_all_of_it_has_the_same() -> None:
    answer = usage(GroupBy=by_dimension("SERVICE"), Metrics=["UsageQuantity"])
    (result,) = answer["ResultsByTime"]
    units = {g["Keys"][0]: g["Metrics"]["UsageQuantity"]["Unit"] for g in result["Groups"]}
    assert units["Amazon Redshift"] == "Hrs"
    assert units["Amazon Virtual Private Cloud"] == "N/A"


def test_accounts_come_with_their_names() -> None:
    named = usage(GroupBy=by_dimension("LINKED_ACCOUNT"))["DimensionValueAttributes"]
    assert {"Value": STAGING, "Attributes": {"description": "acme-staging"}} in named
    assert usage(GroupBy=by_dimension("SERVICE"))["DimensionValueAttributes"] == []


def test_a_linked_account_sees_its_own_bill_only() -> None:
    seen = usage(account=PRODUCTION, GroupBy=by_dimension("LINKED_ACCOUNT"))
    of_bill = IN_FEBRUARY[IN_FEBRUARY["account"] == PRODUCTION]["billed"]
    assert amounts(seen) == {PRODUCTION: sum(of_bill)}


def test_every_period_asked_for_is_answered_even_an_empty_one() -> None:
    answer = usage(
        scenario="empty", Granularity="DAILY", GroupBy=by_dimension("SERVICE"), TimePeriod=FEBRUARY
    )
    assert len(answer["ResultsByTime"]) == 28
    assert all(result["Groups"] == [] for result in answer["ResultsByTime"])


@pytest.mark.parametrize(("month", "estimated"), [("2026-01", False), ("2026-02", True)])
def test_a_month_is_an_estimate_until_its_bill_is_final(month: str, estimated: bool) -> None:
    period = {"Start": f"{month}-01", "End": f"{month}-05"}
    answer = usage(TimePeriod=period, Granularity="DAILY")
    assert {result["Estimated"] for result in answer["ResultsByTime"]} == {estimated}


def test_days_of_a_month_add_up_to_it_over_pages() -> None:
    asked = {
        "TimePeriod": {"Start": "2025-12-15", "End": "2026-03-02"},
        "Metrics": ["AmortizedCost"],
        "GroupBy": by_dimension("SERVICE", "USAGE_TYPE"),
    }
    sums = []
    for granularity in ("DAILY", "MONTHLY"):
        pages = ask_all("ce", "GetCostAndUsage", "NextPageToken", Granularity=granularity, **asked)
        groups = [g for page in pages for r in page["ResultsByTime"] for g in r["Groups"]]
        sums.append(sum(Decimal(g["Metrics"]["AmortizedCost"]["Amount"]) for g in groups))
        assert len(pages) == (2 if granularity == "DAILY" else 1)
    assert sums[0] == sums[1]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"TimePeriod": {"Start": "2026-02-30", "End": "2026-03-01"}}, "ValidationException"),
        ({"TimePeriod": {"Start": "2026-03-01", "End": "2026-03-01"}}, "ValidationException"),
        ({"Metrics": ["Cost"]}, "ValidationException"),
        ({"GroupBy": by_dimension("SERVICE", "REGION", "USAGE_TYPE")}, "ValidationException"),
        ({"NextPageToken": "two"}, "InvalidNextTokenException"),
        ({"NextPageToken": "99999"}, "InvalidNextTokenException"),
        ({"Granularity": "HOURLY"}, "SandboxNotImplemented"),
        ({"GroupBy": by_dimension("AZ")}, "SandboxNotImplemented"),
        ({"Filter": {"CostCategories": {"Key": "a", "Values": ["b"]}}}, "SandboxNotImplemented"),
        ({"Filter": {"Dimensions": {"Key": "AZ", "Values": ["b"]}}}, "SandboxNotImplemented"),
        (
            {"Filter": {"Tags": {"Key": "Project", "MatchOptions": ["STARTS_WITH"]}}},
            "SandboxNotImplemented",
        ),
        (
            {"Filter": {"And": [], "Not": {"Tags": {"Key": "Project", "Values": [""]}}}},
            "ValidationException",
        ),
    ],
)
def test_what_it_cannot_answer_is_refused_and_never_ignored(
    asked: dict[str, Any], code: str
) -> None:
    assert refusal(**asked) == code


def test_cost_allocation_tags_are_listed_in_pages() -> None:
    pages = ask_all("ce", "ListCostAllocationTags", "NextToken", MaxResults=1)
    tags = [tag for page in pages for tag in page["CostAllocationTags"]]
    assert [(tag["TagKey"], tag["Status"]) for tag in tags] == [
        ("Environment", "Active"),
        ("Project", "Active"),
    ]
    assert ask("ce", "ListCostAllocationTags", Status="Inactive")["CostAllocationTags"] == []
