from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.dr.restore_time import RestoreTime, estimate_restore_minutes
from opslib.tables.drills import RESTORE_JOBS
from tests.analysis.dr.backups import AS_OF, DAY, HOUR, ORDERS, Row, frame
from tests.analysis.dr.drill_records import restore_job

OTHER = "arn:aws:rds:us-east-1:2:cluster:other"


def estimate(jobs: Sequence[Row], size: float | None = 1e10, kind: str = "Aurora") -> RestoreTime:
    return estimate_restore_minutes(frame(jobs, RESTORE_JOBS), ORDERS, kind, size, AS_OF)


def test_past_restores_of_the_same_resource_bound_the_next() -> None:
    jobs = [restore_job(n * DAY, minutes) for n, minutes in enumerate([20, 50, 30])]
    told = estimate([*jobs, restore_job(DAY, 500, ResourceArn=OTHER, JobId="other")])
    assert told.minutes is not None
    ends = (told.minutes.low, told.minutes.mid, told.minutes.high)
    assert [float(end) for end in ends] == [20, 30, 50]
    assert told.minutes.confidence == 0.5
    assert (told.jobs, told.basis) == (3, "restores of the same resource")
    assert told.sentence.startswith("It is likely to take 30.0 minutes, 20.0 to 50.0")


def alike(sizes: Sequence[float], minutes: Sequence[float]) -> list[Row]:
    pairs = enumerate(zip(sizes, minutes, strict=True))
    return [restore_job(n * DAY, m, SizeBytes=s, ResourceArn=OTHER) for n, (s, m) in pairs]


@pytest.mark.parametrize(
    ("sizes", "minutes", "low", "high"),
    [
        ([1e9, 2e9, 4e9], [10, 20, 40], 100, 100),  # in proportion
        ([1e9, 2e9, 4e9], [10, 10, 10], 10, 10),  # whatever the size
        ([1e9, 2e9, 4e9], [40, 20, 10], 5, 80),  # never less for more
        ([1e9, 1e9], [10, 12], 8.3, 144),  # not known: both ends
    ],
)
def test_restores_of_the_kind_are_put_to_size(
    sizes: list[float], minutes: list[float], low: float, high: float
) -> None:
    told = estimate(alike(sizes, minutes))
    assert told.minutes is not None
    assert float(told.minutes.low) == pytest.approx(low, abs=0.11)
    assert float(told.minutes.high) == pytest.approx(high, abs=0.11)
    assert told.jobs == len(sizes)
    assert "put to size" in told.basis


@pytest.mark.parametrize(
    ("jobs", "size"),
    [
        ([], 1e10),
        (alike([1e9, 2e9], [10, 20]), None),
        (alike([1e9], [10]), 1e10),
        ([restore_job(n * DAY, ResourceType="RDS", ResourceArn=OTHER) for n in range(3)], 1e10),
        ([restore_job(n * DAY, Status="FAILED") for n in range(3)], 1e10),
        ([restore_job(n * DAY, Status="COMPLETED", CompletedAt=None) for n in range(3)], 1e10),
        ([restore_job(-n * HOUR) for n in (1, 2, 3)], 1e10),
    ],
)
def test_too_little_is_not_known(jobs: list[Row], size: float | None) -> None:
    told = estimate(jobs, size)
    assert told.minutes is None
    assert told.basis == "not known"


def test_one_restore_is_told_without_an_interval() -> None:
    told = estimate([restore_job(DAY, 33)])
    assert told.minutes is None
    assert "the one there was took 33 minutes" in told.sentence


@settings(max_examples=50)
@given(
    minutes=st.lists(st.integers(1, 5000), min_size=2, max_size=30),
    size=st.floats(1e6, 1e13),
)
def test_the_ends_are_in_order_and_more_restores_make_surer(
    minutes: list[int], size: float
) -> None:
    told = estimate([restore_job(n * DAY, m, JobId=str(n)) for n, m in enumerate(minutes)], size)
    assert told.minutes is not None
    assert told.jobs == min(len(minutes), 20)
    assert Decimal(0) < told.minutes.low <= told.minutes.high
    assert told.minutes.confidence == (told.jobs - 1) / (told.jobs + 1)


def test_the_interval_holds_as_often_as_it_says() -> None:
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        *past, coming = chance.lognormal(3, 0.6, 6)
        told = estimate([restore_job(n * DAY, float(m)) for n, m in enumerate(past)])
        held += holds(told, coming)
    assert 0.58 < held / 300 < 0.76  # (5 - 1) / (5 + 1), give or take three deviations


def test_the_interval_by_size_holds_at_least_as_often_as_it_says() -> None:
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(200):
        sizes = 10 ** chance.uniform(9, 12, 6)
        minutes = 5 * (sizes / 1e9) ** 0.6 * chance.lognormal(0, 0.3, 6)
        told = estimate(alike(sizes[:-1].tolist(), minutes[:-1].tolist()), float(sizes[-1]))
        held += holds(told, minutes[-1])
    assert held / 200 > 0.57  # three deviations below (5 - 1) / (5 + 1)


def holds(told: RestoreTime, coming: float) -> bool:
    assert told.minutes is not None
    return float(told.minutes.low) - 0.06 <= coming <= float(told.minutes.high) + 0.06
