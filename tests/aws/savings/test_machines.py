from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.databases import list_databases, measure_database
from opslib.aws.savings.instances import list_instances, measure_instance
from tests.aws.model_clients import model_reads

MADE = datetime(2025, 1, 1, tzinfo=UTC)


def instance(name: str, state: str = "running", **facts: Any) -> dict[str, Any]:
    told = {"InstanceId": name, "InstanceType": "m6i.large", "LaunchTime": MADE}
    return {**told, "State": {"Name": state}, **facts}


def place(tmp_path: Path, answers: dict[str, Any]) -> Place:
    reads, _ = model_reads(tmp_path, answers)
    return Place(reads, None, "us-east-1")


def read_out(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "Settings": json.loads(row["Settings"])}


def test_instances_of_every_page_but_those_that_are_gone(tmp_path: Path) -> None:
    devices = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": "vol-1"}}]
    first = instance("i-1", Tags=[{"Key": "Name", "Value": "web"}], BlockDeviceMappings=devices)
    pages = [
        {"Reservations": [{"Instances": [first]}], "NextToken": "more"},
        {
            "Reservations": [
                {"Instances": [instance("i-2", "stopped"), instance("i-3", "terminated")]}
            ]
        },
    ]
    rows = list_instances(place(tmp_path, {"ec2": {"DescribeInstances": pages}}))
    assert [(row["ResourceId"], row["Name"]) for row in rows] == [("i-1", "web"), ("i-2", "i-2")]
    settings = json.loads(rows[0]["Settings"])
    assert settings == {"state": "running", "type": "m6i.large", "volumes": ["vol-1"]}


def test_only_what_runs_is_measured(tmp_path: Path) -> None:
    listed = {"Reservations": [{"Instances": [instance("i-1"), instance("i-2", "stopped")]}]}
    rows = list_instances(place(tmp_path, {"ec2": {"DescribeInstances": listed}}))
    asked = [measure_instance(read_out(row)) for row in rows]
    told = {(one.measure, one.metric, one.statistic) for one in asked[0]}
    assert ("cpu_peak", "CPUUtilization", "p99.5") in told
    assert asked[1] == ()


def test_databases_by_arn_measured_by_identifier(tmp_path: Path) -> None:
    arn = "arn:aws:rds:us-east-1:555555555555:db:ledger"
    told = {
        "DBInstanceIdentifier": "ledger",
        "DBInstanceArn": arn,
        "DBInstanceClass": "db.r6g.large",
        "Engine": "postgres",
        "InstanceCreateTime": MADE,
    }
    graph = {**told, "DBInstanceIdentifier": "graph", "Engine": "neptune"}
    answers = {"rds": {"DescribeDBInstances": {"DBInstances": [told, graph]}}}
    rows = list_databases(place(tmp_path, answers))
    assert [(row["ResourceId"], row["Name"]) for row in rows] == [(arn, "ledger")]
    asked = measure_database(read_out(rows[0]))
    assert {tuple(one.dimensions.items()) for one in asked} == {
        (("DBInstanceIdentifier", "ledger"),)
    }
    assert {one.measure for one in asked} >= {"connections", "cpu_peak", "memory_free"}
