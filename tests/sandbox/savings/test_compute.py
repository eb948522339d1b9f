"""What the account for trials holds of compute and block storage, as EC2 lists it."""

from __future__ import annotations

from typing import Any

import pytest

from opslib.sandbox.estate import EAST, IRELAND, LAB, PRODUCTION
from opslib.sandbox.savings.planted import PlantedResource
from opslib.sandbox.scenario import plan_scenario
from tests.sandbox.answers import ask, ask_all

SEED = 3
KINDS = {
    "volume": ("DescribeVolumes", "Volumes", "VolumeId"),
    "snapshot": ("DescribeSnapshots", "Snapshots", "SnapshotId"),
    "image": ("DescribeImages", "Images", "ImageId"),
    "address": ("DescribeAddresses", "Addresses", "AllocationId"),
}
COMPUTE = {
    "unattached_volume",
    "gp2_volume",
    "unassociated_address",
    "old_snapshot",
    "stopped_instance",
    "previous_generation_instance",
}


def planted(kind: str, scenario: str = "troubled") -> list[PlantedResource]:
    return [one for one in plan_scenario(scenario, SEED).lab.resources if one.kind == kind]


def listed(operation: str, name: str, **asked: Any) -> list[dict[str, Any]]:
    told = {"account": LAB, "scenario": "troubled", "seed": SEED, **asked}
    return [
        one
        for region in (EAST, IRELAND)
        for page in ask_all("ec2", operation, "NextToken", **told, region=region)
        for one in page[name]
    ]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_planted_resource_is_listed_in_its_region(kind: str) -> None:
    operation, name, key = KINDS[kind]
    assert {one[key] for one in listed(operation, name)} == {one.id for one in planted(kind)}


def test_volumes_come_in_pages() -> None:
    whole = [one.id for one in planted("volume") if one.region == EAST]
    asked: dict[str, Any] = {"account": LAB, "scenario": "troubled", "seed": SEED}
    pages = ask_all(
        "ec2", "DescribeVolumes", "NextToken", **asked, MaxResults=max(1, len(whole) - 1)
    )
    assert len(pages) > 1
    assert [one["VolumeId"] for page in pages for one in page["Volumes"]] == whole


def test_instances_by_state_with_the_reason_of_their_stop() -> None:
    told = listed("DescribeInstances", "Reservations")
    held = {one["InstanceId"]: one for group in told for one in group["Instances"]}
    for one in planted("instance"):
        state = "stopped" if "stop_reason" in one.details else "running"
        assert held[one.id]["State"]["Name"] == state
        assert held[one.id]["StateTransitionReason"] == one.details.get("stop_reason", "")
    filters = [{"Name": "instance-state-name", "Values": ["running"]}]
    running = listed("DescribeInstances", "Reservations", Filters=filters)
    states = {one["State"]["Name"] for group in running for one in group["Instances"]}
    assert states == {"running"}


@pytest.mark.parametrize("operation", ["DescribeSnapshots", "DescribeImages", "DescribeAddresses"])
def test_other_accounts_are_left_to_moto(operation: str) -> None:
    with pytest.raises(AssertionError, match="left to moto"):
        ask("ec2", operation, account=PRODUCTION)


def test_each_kind_is_wasted_in_troubled_alone_and_its_charges_are_on_the_bill() -> None:
    troubled = plan_scenario("troubled", SEED)
    wasted = [one for one in troubled.lab.resources if one.wasted in COMPUTE]
    assert {one.wasted for one in wasted} == COMPUTE
    assert all(one.saving and one.saving > 1 for one in wasted)
    billed = set(troubled.bill["resource"])
    assert {one.billed_as or one.id for one in wasted if one.charges} <= billed
    steady = plan_scenario("steady", SEED).lab.resources
    assert steady
    assert not [one for one in steady if one.wasted]


def test_the_price_list_has_the_successors_on_linux() -> None:
    def price_list(operation: str) -> list[str]:
        told = {"instanceType": "m7i.large", "operation": operation}
        filters = [
            {"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in told.items()
        ]
        asked: dict[str, Any] = {"ServiceCode": "AmazonEC2", "Filters": filters}
        found: list[str] = ask("pricing", "GetProducts", **asked)["PriceList"]
        return found

    assert len(price_list("RunInstances")) == 1
    assert price_list("RunInstances:0002") == []
