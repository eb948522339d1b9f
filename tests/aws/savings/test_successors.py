"""What runs on a previous generation, and the price of the type that AWS names instead."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.places import Place
from opslib.aws.savings.rows import resource_row
from opslib.aws.savings.successors import read_successors, successor_of
from opslib.coverage import CoverageStatus
from opslib.tables.savings import SAVINGS_RESOURCES
from tests.aws.fakes import refusal
from tests.aws.model_clients import ModelConnection, model_reads

TYPE = {
    "DescribeInstanceTypes": {
        "InstanceTypes": [
            {"InstanceType": "m3.large", "CurrentGeneration": False},
            {"InstanceType": "t1.micro", "CurrentGeneration": True},
        ]
    }
}


def product(price: str, unit: str = "Hrs") -> str:
    dimension = {"unit": unit, "pricePerUnit": {"USD": price}}
    return json.dumps(
        {
            "product": {"sku": "A", "attributes": {"usagetype": "BoxUsage"}},
            "terms": {"OnDemand": {"A": {"priceDimensions": {"A": dimension}}}},
        }
    )


def read(
    tmp_path: Path, answers: dict[str, Any], *instances: tuple[str, str]
) -> tuple[pd.DataFrame, ModelConnection, list[CoverageStatus]]:
    """Return the successors of instances of some types and states, and what was asked."""
    reads, connection = model_reads(tmp_path, answers)
    place = Place(reads, None, "us-east-1")
    rows = [
        resource_row(
            place,
            "instance",
            f"i-{number}",
            settings={"type": kind, "state": state, "operation": "RunInstances"},
        )
        for number, (kind, state) in enumerate(instances)
    ]
    frame = pd.DataFrame(rows, columns=list(SAVINGS_RESOURCES.columns))
    found = read_successors(reads, frame)
    return found, connection, [line.status for line in reads.coverage]


def test_a_price_is_asked_once_for_each_type_that_aws_calls_previous(tmp_path: Path) -> None:
    prices = {"GetProducts": {"PriceList": [product("0.1008"), product("0.2"), product("0")]}}
    running = [("m3.large", "running"), ("m3.large", "running"), ("t1.micro", "running")]
    found, connection, statuses = read(tmp_path, {"ec2": TYPE, "pricing": prices}, *running)
    (row,) = found.to_dict("records")
    assert row == {
        "RegionId": "us-east-1",
        "InstanceType": "m3.large",
        "Operation": "RunInstances",
        "Successor": "m7i.large",
        "HourlyUsd": Decimal("0.1008"),
    }
    assert [name for name, _ in connection.asked] == ["DescribeInstanceTypes", "GetProducts"]
    wanted = {each["Field"]: each["Value"] for each in connection.asked[1][1]["Filters"]}
    assert wanted["instanceType"] == "m7i.large"
    assert (wanted["operation"], wanted["tenancy"]) == ("RunInstances", "Shared")
    assert set(statuses) == {CoverageStatus.COMPLETE}


def test_nothing_is_asked_for_what_is_stopped_or_of_a_family_without_successor(
    tmp_path: Path,
) -> None:
    found, connection, statuses = read(
        tmp_path, {}, ("m3.large", "stopped"), ("m6i.large", "running")
    )
    assert found.empty
    assert (connection.asked, statuses) == ([], [])


def test_a_type_that_the_list_does_not_have_keeps_its_row_without_a_price(tmp_path: Path) -> None:
    answers = {"ec2": TYPE, "pricing": {"GetProducts": {"PriceList": []}}}
    found, _, statuses = read(tmp_path, answers, ("m3.large", "running"))
    assert [pd.isna(price) for price in found["HourlyUsd"]] == [True]
    assert CoverageStatus.NOT_FOUND in statuses


def test_denied_types_leave_a_gap_and_no_row(tmp_path: Path) -> None:
    answers = {"ec2": {"DescribeInstanceTypes": refusal("UnauthorizedOperation")}}
    found, _, statuses = read(tmp_path, answers, ("m3.large", "running"))
    assert found.empty
    assert statuses == [CoverageStatus.DENIED]


@pytest.mark.parametrize(
    ("kind", "successor"),
    [("i2.8xlarge", "i3.8xlarge"), ("m1.small", "m7i.small"), ("m4.large", ""), ("m6i.large", "")],
)
def test_the_successor_has_the_same_size(kind: str, successor: str) -> None:
    assert successor_of(kind) == successor
