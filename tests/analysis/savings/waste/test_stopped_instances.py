"""Instances that are stopped for long while their disks and addresses are charged."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Option
from opslib.analysis.savings.recommendation import Basis, Reason, Recommendation
from opslib.analysis.savings.waste.stopped_instances import check_stopped_instances, stop_of
from tests.analysis.savings.estates import DAYS, judging_of, thing

GP3, IDLE = "EBS:VolumeUsage.gp3", "PublicIPv4:IdleAddress"
LONG_AGO = "User initiated (2026-01-30 06:00:00 GMT)"
"""31 days before the report."""


def server(transition: str | None, name: str = "i-1", state: str = "stopped") -> Thing:
    return thing("instance", name, state=state, type="m6i.large", transition=transition)


def disk(name: str, *instances: str) -> Thing:
    told: dict[str, Any] = {"state": "in-use", "type": "gp3", "gib": 100}
    return thing("volume", name, **told, instances=list(instances))


CHARGED = [
    ("vol-1", GP3, "5", "0.08", DAYS),
    ("vol-2", GP3, "10", "0.08", DAYS),
    ("eip-1", IDLE, "24", "0.005", DAYS),
]


def said(*things: Thing, knows_resources: bool = True) -> list[Option]:
    told = judging_of(things, CHARGED, knows_resources=knows_resources)
    return list(check_stopped_instances(told))


def test_disks_and_addresses_go_with_the_instance() -> None:
    address = thing("address", "eip-1", days_old=None, instance="i-1", association="a")
    (option,) = said(server(LONG_AGO), disk("vol-1", "i-1"), disk("vol-2", "i-2"), address)
    assert isinstance(option, Recommendation)
    assert (option.saving, option.basis) == (Decimal("15.6"), Basis.BILL)
    assert [line.resource for line in option.lines] == ["vol-1", "eip-1"]
    assert "31 days, and 1 volume and 1 Elastic IP" in option.sentence


@pytest.mark.parametrize("state", ["running", "pending"])
def test_a_disk_that_another_instance_uses_stays(state: str) -> None:
    shared, own = disk("vol-2", "i-1", "i-2"), disk("vol-1", "i-1")
    (option,) = said(server(LONG_AGO), server("", "i-2", state), shared, own)
    assert isinstance(option, Recommendation)
    assert [line.resource for line in option.lines] == ["vol-1"]


@pytest.mark.parametrize(
    ("transition", "reason"),
    [
        ("User initiated (2026-02-01 06:00:00 GMT)", Reason.TOO_YOUNG),
        ("", Reason.UNKNOWN),
        (None, Reason.UNKNOWN),
        ("Server.ScheduledStop", Reason.UNKNOWN),
    ],
)
def test_one_stopped_lately_or_nobody_knows_when_is_not_accused(
    transition: str | None, reason: Reason
) -> None:
    (option,) = said(server(transition), disk("vol-1", "i-1"))
    assert getattr(option, "reason", None) is reason


def test_what_runs_or_holds_nothing_is_no_option() -> None:
    assert said(server(LONG_AGO), disk("vol-1", "i-2")) == []
    assert said(server(LONG_AGO, state="running"), disk("vol-1", "i-1")) == []


def test_without_resources_on_the_bill_the_disks_are_estimated_by_size() -> None:
    (option,) = said(server(LONG_AGO), disk("vol-9", "i-1"), knows_resources=False)
    assert isinstance(option, Recommendation)
    assert (option.saving, option.basis) == (Decimal(8), Basis.ESTIMATE)


@pytest.mark.parametrize(
    ("reason", "moment"),
    [
        ("User initiated (2026-01-04 14:29:07 GMT)", datetime(2026, 1, 4, 14, 29, 7, tzinfo=UTC)),
        ("User initiated (2026-13-04 14:29:07 GMT)", None),
        ("Server.InternalError", None),
        ("User initiated (2026-01-04 14:29:07 GMT) twice", None),
    ],
)
def test_the_moment_of_a_stop(reason: str, moment: datetime | None) -> None:
    assert stop_of(reason) == moment
