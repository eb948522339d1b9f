from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from opslib.analysis.capacity.alerts.history import check_alerts
from opslib.analysis.capacity.headroom.recovery_region import check_recovery
from opslib.analysis.capacity.headroom.zone_losses import check_zone_loss
from opslib.analysis.capacity.sizes.rightsizing import rightsize
from opslib.parameters.capacity_plans import usual_alerts
from opslib.present.capacity.alerts import tabulate_alerts
from opslib.present.capacity.headroom import tabulate_headroom
from opslib.present.capacity.sizes import tabulate_sizes
from tests.analysis.capacity.small_estates import Estate, flat, parameters

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def estate() -> Estate:
    estate = Estate()
    for name, cpu, memory in (("i-over", 20, 20), ("i-under", 90, 75), ("i-blind", 5, None)):
        estate.resource("ec2", name, instance_type="m7g.2xlarge")
        estate.limit(name, "CPU", flat(cpu))
        if memory is not None:
            estate.limit(name, "memory", flat(memory))
        estate.cost(name, "BoxUsage:m7g.2xlarge", 300)
    return estate


def test_sizes_answer_first_and_promise_only_what_is_certain(estate: Estate) -> None:
    sizes = rightsize(estate.tables(), parameters())
    shown = tabulate_sizes(sizes, 10, "USD")
    first, second, third = shown.plain.splitlines()[:3]
    assert first == "1 size too large, $150.00 a month, 1 too small, 1 not known, of 3"
    assert second.startswith(
        "i-under (ec2, one) | m7g.2xlarge | m7g.4xlarge | 90% | 75% | +$300.00"
    )
    assert third.startswith("i-over (ec2, one) | m7g.2xlarge | m7g.xlarge | 20% | 20% | -$150.00")
    assert "m7g.large, if that is known" in shown.markup
    assert "-$225.00, uncertain" in shown.markup


def test_sizes_outside_the_bill_are_counted_apart(estate: Estate) -> None:
    sizes = rightsize(estate.tables(), parameters())
    over = next(one for one in sizes if one.name == "i-over")
    two = tabulate_sizes([over, replace(over, saving_a_month=None)], 1, "USD")
    assert two.plain.startswith(
        "2 sizes too large, $150.00 a month (1 of them not in the bill), 0 too small"
    )
    assert "The first 1 of 2 are shown." in two.markup
    alone = tabulate_sizes([replace(over, saving_a_month=None)], 1, "USD")
    assert alone.plain.startswith("1 size too large (1 of them not in the bill)")
    assert "| unknown |" in alone.plain


def test_nothing_to_judge_is_said() -> None:
    assert tabulate_sizes((), 5, "").plain.startswith("No size was read")
    assert tabulate_alerts((), 5).plain.startswith("No alert was held against history")
    headroom = tabulate_headroom((), (), 5).plain
    assert "Losing the zone that most is in: nothing was judged" in headroom
    assert "Quotas of the recovery region: nothing was judged" in headroom


def test_alerts_count_their_verdicts(estate: Estate) -> None:
    asked: list[Any] = [one.model_dump() for one in usual_alerts()]
    told = parameters(alerts=asked)
    shown = tabulate_alerts(
        check_alerts(estate.tables(), told, rightsize(estate.tables(), told)), 10
    )
    lines = shown.plain.splitlines()
    assert lines[0] == "Of 8 alerts on resources: 2 size too small, 3 never tested and 3 unknown"
    assert (
        "| i-under | size too small | 1 | 1 | 0 | none | change m7g.2xlarge to m7g.4xlarge"
        in lines[1]
    )
    assert lines[2].startswith(
        "memory: memory above 70% (Average, 3 x 300 s) | i-under | size too small | 1 | 1 | 0 | "
        "none | change m7g.2xlarge to m7g.4xlarge, or spread its load, and leave the alert"
    )
    assert "its size is too small, which is what the 1 alarm in 21 days told" in shown.markup
    assert lines[3:] == ["3 alerts never tested by trouble", "3 alerts that cannot be judged"]
    assert "would have said nothing" in shown.markup


def test_headroom_says_what_remains_and_what_holds() -> None:
    estate = Estate()
    estate.resource("ecs", "web", ("a", "b"), region="us-east-1")
    estate.limit("web", "CPU", flat(60))
    estate.limit("web", "tasks", None, value=8, metric="most tasks")
    estate.resource("ecs", "lone", ("a",))
    estate.limit("lone", "CPU", flat(60))
    estate.quota("us-east-1", "L-1", 900, [640.0])
    estate.quota("eu-west-1", "L-1", 500, None)
    asked = parameters(recovery_region="eu-west-1")
    losses = check_zone_loss(estate.tables(), asked)
    shown = tabulate_headroom(losses, check_recovery(estate.tables(), asked), 5)
    lines = shown.plain.splitlines()
    assert lines[0] == "Losing the zone that most is in: not enough for 2 of 2"
    assert lines[1].startswith(
        "lone | ecs, one | a: 1 | 60% | nothing left | 60% |  | after scaling"
    )
    assert lines[2].startswith("web | ecs, one | a: 1, b: 1 | 60% | 120% | 15% |  | after scaling")
    assert " | 4; at 60%: 4 | " in lines[2]
    assert lines[3] == "Quotas of eu-west-1: not enough for 1 of 1"
    assert lines[4].startswith("quota L-1 of EC2 (L-1) | one | 640 | unknown | 500 | no")


def test_names_from_outside_are_escaped(estate: Estate) -> None:
    estate.resource("ec2", HOSTILE, instance_type="m7g.2xlarge")
    estate.limit(HOSTILE, "CPU", flat(20))
    estate.limit(HOSTILE, "memory", flat(20))
    estate.resource("ecs", HOSTILE + "2", (HOSTILE,))
    estate.quota("us-east-1", HOSTILE, 1, [2.0])
    asked = parameters(recovery_region="eu-west-1")
    tables = estate.tables()
    sizes = [replace(one, saving_a_month=Decimal(1)) for one in rightsize(tables, asked)]
    losses, quotas = check_zone_loss(tables, asked), check_recovery(tables, asked)
    for shown in (
        tabulate_sizes(sizes, 9, "USD"),
        tabulate_alerts(check_alerts(tables, asked), 9),
        tabulate_headroom(losses, quotas, 9),
    ):
        assert "script&gt;" in shown.markup
        assert HOSTILE not in shown.markup
