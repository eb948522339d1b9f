from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from opslib.aws.places import Place
from opslib.aws.savings.sizes.memory import TABLE as MEMORY
from opslib.aws.savings.sizes.memory import read_memory_measures
from opslib.aws.savings.sizes.types import families_of, read_types
from opslib.coverage import CoverageStatus
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads

RESOURCES = pd.DataFrame(
    [
        ("instance", "i-1", {"type": "m6i.large"}),
        ("instance", "i-2", {"type": "m6i.xlarge"}),
        ("database", "db-1", {"class": "db.r6g.large"}),
        ("database", "db-2", {"class": "db.serverless"}),
        ("volume", "vol-1", {"type": "gp3"}),
    ],
    columns=["Kind", "ResourceId", "Settings"],
)
RESOURCES["Settings"] = RESOURCES["Settings"].map(json.dumps)


def agent(name: str, **more: str) -> dict[str, Any]:
    told = {"InstanceId": name, **more}
    dimensions = [{"Name": key, "Value": value} for key, value in told.items()]
    return {"MetricName": "mem_used_percent", "Dimensions": dimensions}


def test_memory_by_the_plainest_metric_of_instances_that_there_are(tmp_path: Path) -> None:
    pages = [
        {"Metrics": [agent("i-1"), agent("i-1", ImageId="ami-1")], "NextToken": "more"},
        {"Metrics": [agent("i-2", ImageId="ami-1", InstanceType="m6i.xlarge"), agent("i-gone")]},
    ]
    reads, _ = model_reads(tmp_path, {"cloudwatch": {"ListMetrics": pages}})
    (asked,) = read_memory_measures(reads, RESOURCES).values()
    assert {(one.resource, one.measure, one.statistic) for one in asked} == {
        ("i-1", "memory_peak", "Maximum"),
        ("i-1", "memory_mean", "Average"),
        ("i-2", "memory_peak", "Maximum"),
        ("i-2", "memory_mean", "Average"),
    }
    dimensions = {one.resource: dict(one.dimensions) for one in asked}
    assert dimensions["i-1"] == {"InstanceId": "i-1"}
    assert set(dimensions["i-2"]) == {"InstanceId", "ImageId", "InstanceType"}


def test_memory_that_may_not_be_listed_leaves_a_gap(tmp_path: Path) -> None:
    denied = refusal("AccessDenied", "ListMetrics")
    reads, _ = model_reads(tmp_path, {"cloudwatch": {"ListMetrics": denied}})
    assert read_memory_measures(reads, RESOURCES) == {}
    (line,) = reads.coverage
    assert (line.table, line.status) == (MEMORY, CoverageStatus.DENIED)


def kind(name: str, **facts: Any) -> dict[str, Any]:
    sizes = {"VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 8192}}
    return {"InstanceType": name, **sizes, **facts}


def test_types_of_the_families_in_use_with_what_they_keep_up(tmp_path: Path) -> None:
    assert families_of(RESOURCES) == ("m6i", "r6g")
    cards = [{"BaselineBandwidthInGbps": 0.5}, {"BaselineBandwidthInGbps": 0.25}]
    told = kind(
        "m6i.large",
        NetworkInfo={"NetworkCards": cards},
        EbsInfo={"EbsOptimizedInfo": {"BaselineBandwidthInMbps": 650}},
    )
    pages = [{"InstanceTypes": [told], "NextToken": "more"}, {"InstanceTypes": [kind("r6g.large")]}]
    reads, connection = model_reads(tmp_path, {"ec2": {"DescribeInstanceTypes": pages}})
    types = read_types(Place(reads, None, "us-east-1"), families_of(RESOURCES))
    rows = types.astype(object).where(types.notna(), None).to_numpy().tolist()
    assert rows == [["m6i.large", 2.0, 8.0, 0.75, 650.0], ["r6g.large", 2.0, 8.0, None, None]]
    (_, asked), *_ = connection.asked
    assert asked["Filters"] == [{"Name": "instance-type", "Values": ["m6i.*", "r6g.*"]}]


def test_nothing_is_asked_where_nothing_has_a_size(tmp_path: Path) -> None:
    reads, connection = model_reads(tmp_path, {})
    assert read_types(Place(reads, None, "us-east-1"), ()).empty
    assert connection.asked == []
