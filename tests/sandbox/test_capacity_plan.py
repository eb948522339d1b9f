from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from opslib.sandbox import handlers
from opslib.sandbox.capacity_estate import SERVICES
from opslib.sandbox.capacity_load import FINE_DAYS, fine_grid, make_load, old_grid
from opslib.sandbox.capacity_loads import load_of, request_load, requests_a_task, tasks_of
from opslib.sandbox.capacity_plan import CapacityPlan, Wall, WallKind
from opslib.sandbox.capacity_truths import CAPACITY_FAULTS, PART, plan_capacity
from opslib.sandbox.capacity_walls import LIMITS
from opslib.sandbox.faults import Fault
from opslib.sandbox.overlay import HANDLERS
from opslib.sandbox.scenario import CAPACITY, DEFAULT_EPOCH, plan_scenario
from opslib.sandbox.truths import PlantedTruth
from tests.sandbox.days import plan_of

assert handlers  # imported for the handlers that it registers
SEEDS = range(20)
FIVE, DAY = 300, 86_400
EPOCH = DEFAULT_EPOCH.timestamp()


def told_of(
    name: str, seed: int
) -> tuple[CapacityPlan, tuple[PlantedTruth, ...], tuple[Fault, ...]]:
    return plan_capacity(name, plan_of(name, seed), CAPACITY)


def usage_of(plan: CapacityPlan, wall: Wall, ahead_days: float) -> np.ndarray:
    """Return the usage that a wall is about, from 63 days before the epoch on."""
    grid = fine_grid(EPOCH, ahead_days)
    load = make_load(load_of(plan, wall.kind, wall.resource), plan.seed, grid)
    if wall.kind is not WallKind.ECS_TASKS:
        return load
    spec = next(each for each in SERVICES if each.name == wall.resource)
    return tasks_of(spec, load, requests_a_task(plan, spec), FIVE)


@pytest.mark.parametrize("seed", SEEDS)
def test_usage_is_first_at_its_limit_at_the_planted_moment(seed: int) -> None:
    plan, _, _ = told_of("troubled", seed)
    for wall in plan.walls:
        usage = usage_of(plan, wall, 90)
        limit = LIMITS[wall.kind][wall.resource].value
        first = int(np.flatnonzero(usage >= limit)[0])
        moment = DEFAULT_EPOCH - timedelta(days=FINE_DAYS) + timedelta(seconds=FIVE * first)
        assert moment == wall.at
        assert usage[: FINE_DAYS * DAY // FIVE].max() < 0.97 * limit


@pytest.mark.parametrize("seed", SEEDS)
def test_one_wall_comes_first_and_the_next_are_half_as_far_again(seed: int) -> None:
    plan, truths, faults = told_of("troubled", seed)
    days = [(wall.at - DEFAULT_EPOCH).total_seconds() / DAY for wall in plan.walls]
    assert 15 <= days[0] <= 90
    assert len(days) in {2, 3}
    assert all(1.5 * days[0] <= day <= 86 for day in days[1:])
    assert len({wall.resource for wall in plan.walls}) == len(days)
    first = next(truth for truth in truths if truth.name == "first_wall")
    assert first.at == plan.walls[0].at
    assert faults == ()


def test_seeds_move_what_where_when_and_how_much() -> None:
    plans = [told_of("troubled", seed)[0] for seed in SEEDS]
    assert len({plan.walls[0].kind for plan in plans}) >= 6
    assert {plan.walls[0].growth.kind.value for plan in plans} == {"linear", "compound"}
    assert len({plan.walls[0].at for plan in plans}) == len(plans)
    for part in ("oversized", "undersized", "frail", "crowded", "short_quota"):
        assert len({getattr(plan, part) for plan in plans}) > 1
    for plan in plans:
        assert plan.oversized != plan.undersized
        assert plan.crowded not in {plan.frail, plan.walls[0].resource}


@pytest.mark.parametrize("seed", range(3))
def test_what_is_steady_stays_far_from_every_limit(seed: int) -> None:
    plan, truths, _ = told_of("steady", seed)
    assert truths == ()
    grid = fine_grid(EPOCH, 365)
    for kind, resources in LIMITS.items():
        for resource, limit in resources.items():
            load = make_load(load_of(plan, kind, resource), plan.seed, grid)
            if kind is WallKind.ECS_TASKS:
                spec = next(each for each in SERVICES if each.name == resource)
                load = tasks_of(spec, load, spec.requests_a_task, FIVE)
            assert np.nanmax(load) < 0.65 * limit.value


def test_a_load_goes_on_beyond_the_epoch_as_it_was() -> None:
    plan, _, _ = told_of("troubled", 4)
    for spec in SERVICES[:6]:
        load = request_load(plan, spec)
        known = make_load(load, plan.seed, fine_grid(EPOCH))
        longer = make_load(load, plan.seed, fine_grid(EPOCH, 50))
        assert np.array_equal(known, longer[: len(known)], equal_nan=True)
        assert len(make_load(load, plan.seed, old_grid(EPOCH))) == (455 - 63) * 24


def test_the_crowd_meets_the_maximum_and_nothing_else_does() -> None:
    for seed in range(6):
        plan, _, _ = told_of("troubled", seed)
        spec = next(each for each in SERVICES if each.name == plan.crowded)
        load = make_load(request_load(plan, spec), plan.seed, fine_grid(EPOCH))
        tasks = tasks_of(spec, load, requests_a_task(plan, spec), FIVE)
        at_most = fine_grid(EPOCH).starts[tasks == spec.most]
        assert len(at_most) >= 8
        for moment in at_most:
            assert any(one.begin <= moment < one.end + 4 * FIVE for one in plan.crowds)
            assert datetime.fromtimestamp(float(moment), UTC) < DEFAULT_EPOCH - timedelta(days=10)


def test_two_reads_are_refused_and_nothing_else_is_told() -> None:
    seen = set()
    for seed in SEEDS:
        plan, truths, faults = told_of("denied", seed)
        assert plan.walls == ()
        gaps = [truth for truth in truths if truth.coverage]
        assert len(faults) == len(gaps) == 2
        assert all(truth.claim is None for truth in truths)
        assert {truth.name for truth in truths} <= {"denied_capacity", "incident_peak"}
        seen |= {truth.coverage for truth in gaps}
    assert len(seen) >= 8
    for fault, _ in CAPACITY_FAULTS:
        assert (fault.service, fault.operation) in HANDLERS


def test_the_scenario_holds_the_plan_and_its_truths() -> None:
    scenario = plan_scenario("troubled", 5)
    assert tuple(t for t in scenario.truths if t.part == PART) == told_of("troubled", 5)[1]
    assert plan_scenario("empty", 5).capacity.is_empty
