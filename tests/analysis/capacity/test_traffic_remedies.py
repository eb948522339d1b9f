"""Each kind of need names the setting that holds it, and its number."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from opslib.analysis.capacity.demand.remedies import Shortfall, find_remedy
from opslib.estimate import Estimate
from tests.analysis.capacity.scaled import limit_row, resource_row, scaled_estate, target_row
from tests.analysis.capacity.small_estates import TYPES

EACH = "if the traffic comes at once"


def remedy(
    service: str,
    unit: str,
    ends: tuple[str, str, str],
    maximum: float | None = None,
    *,
    change: str = "",
    target: dict[str, Any] | None = None,
    **settings: Any,
) -> str:
    """Return the remedy of a resource that needs ``ends`` of a unit."""
    low, mid, high = (Decimal(end) for end in ends)
    tables = scaled_estate(
        resources=[resource_row("one", service, Settings=json.dumps(settings))],
        limits=[limit_row("one", unit, "", maximum, Change=change)] if change and maximum else [],
        targets=[target] if target else [],
    )
    types = pd.DataFrame(TYPES, columns=["InstanceType", "Vcpus", "MemoryGib"])
    short = Shortfall(
        resource="one",
        service=service,
        unit=unit,
        needed=Estimate(low=low, mid=mid, high=high, confidence=0.8),
        maximum=maximum,
    )
    return find_remedy(short, replace(tables, types=types))


def test_what_scales_is_told_its_maximum_and_its_minimum() -> None:
    own = target_row("one", 3, 40)
    assert remedy("ecs", "tasks", ("41", "44", "47"), 40, target=own) == (
        "set the maximum of its scaling target (ecs:service:DesiredCount) to 47 (40 now); its "
        f"minimum to 44 before (3 now) {EACH}"
    )
    high_enough = target_row("one", 45, 46)
    assert "minimum" not in remedy("ecs", "tasks", ("41", "44", "47"), 46, target=high_enough)
    group = target_row("one", 2, 4, Dimension="autoscaling:group")
    told = remedy("asg", "instances", ("5", "6", "7"), 4, target=group)
    assert told.startswith("set the group's maximum size to 7 (4 now)")
    assert remedy("ecs", "tasks", ("5", "6", "7")) == "run 7 tasks, or scale it up to that"


def test_capacity_units_of_aurora_go_by_halves_and_end() -> None:
    own = target_row("one", 2, 64, Dimension="rds:cluster:acu")
    assert remedy("aurora", "ACU", ("76.8", "79.1", "82.2"), 64, target=own, max=64) == (
        "set the maximum capacity of its Serverless v2 scaling, in ACU, to 82.5 (64 now); its "
        f"minimum to 79.5 before (2 now) {EACH}"
    )
    assert remedy("aurora", "ACU", ("200", "250", "300"), 128, target=own).startswith(
        "spread reads over more instances: one has 256 ACU at most"
    )


def test_connections_are_pooled_or_follow_what_they_follow() -> None:
    ends = ("700", "720", "740.5")
    database = remedy("rds", "connections", ends, 600)
    assert database.startswith("pool connections (RDS Proxy, or in the application), or give it")
    assert "max_connections of 741 (600 now) by a larger class" in database
    assert "by a higher maximum of ACU" in remedy("aurora", "connections", ends, 600, max=64)
    assert remedy("cache", "connections", ends, 600).startswith("pool connections, or add nodes")


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (("1.3", "1.33", "1.34"), "change db.r6g.large to db.r6g.xlarge (1.34 times its vCPUs"),
        (("2.5", "2.6", "2.7"), "take another family than that of db.r6g.large for 2.7 times"),
    ],
)
def test_a_database_is_told_its_class(ends: tuple[str, str, str], expected: str) -> None:
    settings: dict[str, Any] = {"class": "db.r6g.large"}
    told = remedy("rds", "instances of its class", ends, 1, **settings)
    assert told.startswith(expected)
    assert told.endswith("serve reads from a replica")


def test_an_instance_whose_family_was_not_read_is_told_how_many_vcpus() -> None:
    told = remedy("ec2", "instances of its type", ("2", "2", "2"), 1, instance_type="x9.large")
    assert told == "take a type with 2 times its vCPUs, or run more of them behind a balancer"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("quota_increase", "ask AWS for a table's quota of 901 read units a second (800 now)"),
        ("scaling_setting", "set its maximum on-demand read throughput to 901 (800 now)"),
        ("provisioned_capacity", "provision 901 read capacity units (800 now)"),
    ],
)
def test_a_table_is_told_by_what_limits_it(change: str, expected: str) -> None:
    ends = ("880", "890", "900.2")
    assert remedy("dynamodb", "read capacity", ends, 800, change=change) == expected


def test_a_table_that_scales_is_told_the_side_that_is_short() -> None:
    reads = target_row("one", 5, 800, Dimension="dynamodb:table:ReadCapacityUnits")
    told = remedy("dynamodb", "read capacity", ("880", "890", "900"), 800, target=reads)
    assert "(dynamodb:table:ReadCapacityUnits) to 900 (800 now)" in told
    told = remedy("dynamodb", "write capacity", ("880", "890", "900"), 800, target=reads)
    assert told.startswith("provision 900 write capacity units")


def test_operations_and_concurrency_name_volume_and_quota() -> None:
    ends = ("880", "890", "900")
    assert remedy("rds", "IOPS", ends, 600, storage_type="gp3") == "provision 900 IOPS (600 now)"
    assert remedy("rds", "IOPS", ends, 600, storage_type="gp2") == (
        "move it to gp3 with 900 IOPS (600 now), or allocate 300 GiB"
    )
    quota = remedy("lambda", "concurrency", ends, 600, change="quota_increase")
    assert quota == "ask AWS for a quota of 900 concurrent executions (600 now)"
    own = remedy("lambda", "concurrency", ends, 600, change="scaling_setting")
    assert own == "set its reserved concurrency to 900 (600 now)"
    assert "quota of concurrent executions has 900 left" in remedy("lambda", "concurrency", ends)
