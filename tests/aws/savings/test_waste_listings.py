"""Addresses and snapshots as AWS lists them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.places import Place
from opslib.aws.savings.addresses import list_addresses
from opslib.aws.savings.snapshots import list_snapshots
from opslib.coverage import CoverageStatus
from opslib.errors import AccessDenied
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads

MADE = datetime(2025, 1, 1, tzinfo=UTC)


def place(tmp_path: Path, answers: dict[str, Any]) -> Place:
    reads, _ = model_reads(tmp_path, {"ec2": answers})
    return Place(reads, None, "us-east-1")


def snapshot(name: str) -> dict[str, Any]:
    return {"SnapshotId": name, "StartTime": MADE, "VolumeId": "vol-1", "VolumeSize": 8}


def image(name: str, *snapshots: str) -> dict[str, Any]:
    devices = [{"DeviceName": "/dev/sda", "Ebs": {"SnapshotId": one}} for one in snapshots]
    return {
        "ImageId": name,
        "BlockDeviceMappings": [*devices, {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}],
    }


def test_an_address_tells_what_holds_it_and_no_age(tmp_path: Path) -> None:
    told = [
        {"AllocationId": "eipalloc-1", "PublicIp": "198.51.100.1"},
        {
            "AllocationId": "eipalloc-2",
            "PublicIp": "198.51.100.2",
            "AssociationId": "eipassoc-2",
            "InstanceId": "i-1",
            "NetworkInterfaceId": "eni-1",
            "ServiceManaged": "nat",
            "Tags": [{"Key": "Name", "Value": "edge"}],
        },
        {"PublicIp": "198.51.100.3", "InstanceId": ""},
    ]
    rows = list_addresses(place(tmp_path, {"DescribeAddresses": {"Addresses": told}}))
    assert [(row["ResourceId"], row["Name"]) for row in rows] == [
        ("eipalloc-1", "eipalloc-1"),
        ("eipalloc-2", "edge"),
        ("198.51.100.3", "198.51.100.3"),
    ]
    assert all(pd.isna(row["CreatedAt"]) for row in rows)
    settings = [json.loads(row["Settings"]) for row in rows]
    assert settings[1]["instance"] == "i-1"
    assert settings[1]["managed_by"] == "nat"
    assert settings[0].keys() == settings[2].keys() == {"address"}


def test_a_denied_listing_of_addresses_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(AccessDenied):
        list_addresses(place(tmp_path, {"DescribeAddresses": refusal("UnauthorizedOperation")}))


def test_snapshots_of_every_page_with_the_images_of_every_page(tmp_path: Path) -> None:
    answers = {
        "DescribeSnapshots": [
            {"Snapshots": [snapshot("snap-1")], "NextToken": "more"},
            {"Snapshots": [snapshot("snap-2")]},
        ],
        "DescribeImages": [
            {"Images": [image("ami-2", "snap-1", "snap-9")], "NextToken": "more"},
            {"Images": [image("ami-1", "snap-1")]},
        ],
    }
    fetched = list_snapshots(place(tmp_path, answers))
    settings = [json.loads(told) for told in fetched.frame["Settings"]]
    assert [told["images"] for told in settings] == [["ami-1", "ami-2"], []]
    assert settings[0]["volume"] == "vol-1"
    assert fetched.status is CoverageStatus.COMPLETE


def test_only_own_snapshots_are_asked_for_and_images_only_where_there_are_any(
    tmp_path: Path,
) -> None:
    reads, connection = model_reads(tmp_path, {"ec2": {"DescribeSnapshots": {"Snapshots": []}}})
    assert list_snapshots(Place(reads, None, "us-east-1")).frame.empty
    assert connection.asked == [("DescribeSnapshots", {"OwnerIds": ["self"]})]


def test_denied_images_leave_a_gap_and_what_needs_a_snapshot_unknown(tmp_path: Path) -> None:
    answers = {
        "DescribeSnapshots": {"Snapshots": [snapshot("snap-1")]},
        "DescribeImages": refusal("UnauthorizedOperation", "DescribeImages"),
    }
    fetched = list_snapshots(place(tmp_path, answers))
    assert fetched.status is CoverageStatus.DENIED
    assert "images" not in json.loads(fetched.frame["Settings"][0])
