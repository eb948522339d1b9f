"""What the account for trials holds of stores and groups, as their services list it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from opslib.aws.savings.groups import mean_price
from opslib.sandbox.estate import EAST, LAB, PRODUCTION
from opslib.sandbox.overlay import READ_OF_CONTENT
from opslib.sandbox.savings.lab import plan_lab
from opslib.sandbox.savings.metrics import find_lab_metric, read_lab_series
from opslib.sandbox.savings.planted import PlantedResource
from opslib.sandbox.scenario import plan_scenario
from tests.sandbox.answers import ask, ask_all

SEED = 3
HERE: dict[str, Any] = {"account": LAB, "region": EAST, "scenario": "troubled", "seed": SEED}
STORES = {
    "idle_database",
    "idle_cache",
    "bucket_without_lifecycle",
    "over_provisioned_table",
    "spot_candidate",
}


def planted(kind: str, scenario: str = "troubled") -> list[PlantedResource]:
    return [one for one in plan_scenario(scenario, SEED).lab.resources if one.kind == kind]


def test_caches_come_in_pages_with_their_tags() -> None:
    pages = ask_all("elasticache", "DescribeCacheClusters", "Marker", **HERE, MaxRecords=2)
    told = [one for page in pages for one in page["CacheClusters"]]
    assert len(pages) > 1
    assert [one["ARN"] for one in told] == [one.id for one in planted("cache_node")]
    cache = planted("cache")[0]
    tags = ask("elasticache", "ListTagsForResource", ResourceName=cache.id, **HERE)["TagList"]
    assert {one["Key"]: one["Value"] for one in tags} == cache.tags


def test_requests_are_counted_of_the_buckets_that_are_planted_so() -> None:
    for one in planted("bucket"):
        told = ask("s3", "ListBucketMetricsConfigurations", Bucket=one.id, **HERE)
        assert bool(told["MetricsConfigurationList"]) is one.details["is_counted"]


@pytest.mark.parametrize(
    ("query", "is_read"),
    [
        ("metrics", True),
        ("metrics=&x-id=L", True),
        ("list-type=2&prefix=metrics", False),
        ("", False),
    ],
)
def test_of_content_only_what_is_asked_by_name_is_read(query: str, *, is_read: bool) -> None:
    assert bool(READ_OF_CONTENT.search(query)) is is_read


def test_only_the_scaled_table_has_targets() -> None:
    asked = {"ServiceNamespace": "dynamodb", **HERE}
    told = ask("application-autoscaling", "DescribeScalableTargets", **asked)
    scaled = {one["ResourceId"] for one in told["ScalableTargets"]}
    (table,) = (one for one in planted("table") if one.details["is_scaled"])
    assert scaled == {f"table/{table.details['name']}"}


def test_a_group_saves_what_the_price_history_tells() -> None:
    (group,) = (one for one in planted("instance_group") if one.wasted)
    told = ask("autoscaling", "DescribeAutoScalingGroups", **HERE)["AutoScalingGroups"]
    (listed,) = (one for one in told if one["AutoScalingGroupARN"] == group.id)
    history = ask("ec2", "DescribeSpotPriceHistory", **HERE)["SpotPriceHistory"]
    epoch = plan_scenario("troubled", SEED).epoch
    saved = Decimal(0)
    for one in listed["Instances"]:
        zone = one["AvailabilityZone"]
        changes = [
            (price["Timestamp"], Decimal(price["SpotPrice"]))
            for price in history
            if price["AvailabilityZone"] == zone
        ]
        saved += 720 * (Decimal("0.136") - mean_price(changes, epoch - timedelta(days=30), epoch))
    assert group.saving is not None
    assert float(saved) == pytest.approx(float(group.saving))


def test_other_accounts_see_none_of_it() -> None:
    there = {**HERE, "account": PRODUCTION}
    told = ask("autoscaling", "DescribeAutoScalingGroups", **there)["AutoScalingGroups"]
    assert not {one.details["name"] for one in planted("instance_group")} & {
        one["AutoScalingGroupName"] for one in told
    }
    assert not ask("ec2", "DescribeSpotPriceHistory", **there)["SpotPriceHistory"]


def test_a_sum_of_finer_periods_is_that_of_the_hours() -> None:
    scenario = plan_scenario("troubled", SEED)
    (table,) = (one for one in planted("table") if one.details["name"] == "nightly")
    name, where = "ConsumedReadCapacityUnits", frozenset({("TableName", "nightly")})
    found = find_lab_metric(scenario.lab, table.region, "AWS/DynamoDB", name, where)
    assert found is not None
    metric, since = found
    end = scenario.epoch.replace(hour=0)
    span = (end - timedelta(days=2), end)
    sums = {
        period: read_lab_series(metric, since, end, "Sum", period, span).values
        for period in (60, 300, 3600)
    }
    assert sums[60].sum() == pytest.approx(sums[3600].sum())
    assert sums[300].sum() == pytest.approx(sums[3600].sum())
    assert metric.noon is not None
    assert sums[60].max() == pytest.approx(metric.noon / 60)


@pytest.mark.parametrize("scenario", ["steady", "troubled", "denied"])
def test_what_only_looks_like_waste_is_in_every_scenario(scenario: str) -> None:
    plan, _ = plan_lab(scenario, (SEED,), datetime(2026, 3, 2, 6, tzinfo=UTC))
    held = plan.resources
    names = {one.details.get("name", one.id) for one in held}
    assert names >= {"unwatched", "newcomer", "listeners-001", "nightly", "silent", "one-zone"}
    wasted = {one.wasted for one in held} & STORES
    assert wasted == (STORES if scenario == "troubled" else set())
