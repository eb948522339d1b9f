from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from opslib.analysis.capacity.demand.models import DemandModel, learn_demand
from opslib.analysis.capacity.demand.traffic import plan_traffic
from opslib.analysis.capacity.scaling.findings import find_traffic
from opslib.findings import Verdict
from opslib.tables.capacity import CapacityTables
from tests.analysis.capacity.estates import parameters
from tests.analysis.capacity.scaled import (
    history,
    limit_row,
    resource_row,
    scaled_estate,
    series_row,
    target_row,
)

DAY = 288
IDLE, PER_TASK = 6.0, 40.0
"""A task is at 6% without requests, and at the target of 60% with 40 requests a second."""


def requests_of(days: int, seed: int = 1) -> np.ndarray:
    chance = np.random.default_rng(seed)
    shape = 1 + 0.6 * np.sin(2 * np.pi * np.arange(days * DAY) / DAY)
    drift = np.repeat(chance.normal(size=days * 24) * 0.1, 12)
    return 200 * shape * np.exp(drift)


def cpu_of(requests: np.ndarray, tasks: np.ndarray, cost: Any = 1.0) -> np.ndarray:
    slope = (60 - IDLE) / PER_TASK
    use: np.ndarray = np.minimum(IDLE + slope * requests / tasks * cost, 100)
    return use


def service(
    requests: np.ndarray, tasks: np.ndarray, cpu: np.ndarray, **more: Any
) -> CapacityTables:
    return scaled_estate(
        resources=[resource_row("api")],
        series=[
            series_row("api", "CPU"),
            series_row("api", "requests", "demand"),
            series_row("api", "tasks", "units"),
        ],
        targets=[target_row("api", 2, 10)],
        usage={
            "api/CPU": history(cpu),
            "api/requests": history(requests),
            "api/tasks": history(tasks),
        },
        **more,
    )


def learned(tables: CapacityTables, **chosen: Any) -> DemandModel:
    (model,) = learn_demand(tables, parameters(**chosen))
    return model


def tracked(requests: np.ndarray, cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return tasks that follow their own CPU to 60%, and that CPU."""
    tasks, cpu = np.empty_like(requests), np.empty_like(requests)
    running = 8.0
    for period, load in enumerate(requests):
        tasks[period] = running
        cpu[period] = cpu_of(load, np.array(running), cost[period])
        if cpu[period] > 60 or (cpu[period] < 54 and period % 3 == 0):
            running = max(2.0, np.ceil(running * cpu[period] / 60))
    return tasks, cpu


def test_what_a_task_carries_is_read_off_a_clean_line() -> None:
    requests = requests_of(14)
    tasks = np.where(np.arange(len(requests)) % DAY < 144, 9.0, 6.0)
    model = learned(service(requests, tasks, cpu_of(requests, tasks)))
    assert model.per_unit is not None
    assert float(model.per_unit.mid) == pytest.approx(PER_TASK, rel=1e-3)
    assert model.idle_percent == pytest.approx(IDLE, rel=1e-2)
    assert model.unit == "tasks"
    assert model.most_seen == pytest.approx(requests.reshape(-1, 12).mean(axis=1).max())
    assert not model.shifted
    higher = learned(
        service(requests, tasks, cpu_of(requests, tasks)), target_utilisation_percent=80
    )
    assert higher.per_unit is not None
    assert float(higher.per_unit.mid) == pytest.approx(
        PER_TASK * (80 - IDLE) / (60 - IDLE), rel=1e-3
    )


def test_the_interval_holds_as_often_as_it_says_where_tasks_follow_their_own_cpu() -> None:
    """Hours that cost more make more tasks run: the line must not take them for cheap ones."""
    held, middles, tries = 0, [], 60
    for seed in range(tries):
        chance = np.random.default_rng(seed)
        cost = np.exp(np.repeat(chance.normal(size=28) * 0.04, DAY))
        cost *= np.exp(np.repeat(chance.normal(size=28 * 24) * 0.05, 12))
        requests = requests_of(28, seed)
        model = learned(service(requests, *tracked(requests, cost)))
        assert model.per_unit is not None, model.why_not
        held += float(model.per_unit.low) <= PER_TASK <= float(model.per_unit.high)
        middles.append(float(model.per_unit.mid))
    # 80% of 60 are 48, give or take 2.6 standard deviations of a binomial.
    assert 40 <= held <= 56
    assert np.mean(middles) == pytest.approx(PER_TASK, rel=0.01)


def test_least_squares_would_take_dear_hours_for_cheap_ones() -> None:
    requests = requests_of(63)
    cost = np.exp(np.repeat(np.random.default_rng(7).normal(size=63 * 24) * 0.1, 12))
    tasks, cpu = tracked(requests, cost)
    slope, idle = np.polyfit(requests / tasks, cpu, 1)
    assert (60 - idle) / slope > PER_TASK * 1.05
    model = learned(service(requests, tasks, cpu))
    assert model.per_unit is not None
    assert float(model.per_unit.mid) == pytest.approx(PER_TASK, rel=0.02)


def test_full_processors_do_not_bend_the_line() -> None:
    requests = requests_of(14)
    tasks = np.full_like(requests, 5.0)
    cpu = cpu_of(requests, tasks)
    assert (cpu == 100).any()
    model = learned(service(requests, tasks, cpu))
    assert model.per_unit is not None
    assert float(model.per_unit.mid) == pytest.approx(PER_TASK, rel=0.01)


def test_outliers_do_not_bend_the_line() -> None:
    requests = requests_of(14)
    tasks = np.full_like(requests, 9.0)
    cpu = cpu_of(requests, tasks, np.exp(np.random.default_rng(1).normal(size=14 * DAY) * 0.05))
    cpu[: DAY // 4] = 90
    model = learned(service(requests, tasks, cpu))
    assert model.per_unit is not None
    assert float(model.per_unit.mid) == pytest.approx(PER_TASK, rel=0.01)


def test_after_a_release_that_costs_more_only_its_days_count() -> None:
    requests = requests_of(28)
    tasks = np.full_like(requests, 9.0)
    cost = np.repeat([1.0, 1.5], [18 * DAY, 10 * DAY])
    model = learned(service(requests, tasks, cpu_of(requests, tasks, cost)))
    assert model.shifted
    assert model.days == 10
    assert model.per_unit is not None
    assert float(model.per_unit.mid) == pytest.approx(PER_TASK / 1.5, rel=0.02)


def test_after_a_release_of_days_ago_nothing_is_told() -> None:
    requests = requests_of(28)
    tasks = np.full_like(requests, 9.0)
    cost = np.repeat([1.0, 1.5], [24 * DAY, 4 * DAY])
    model = learned(service(requests, tasks, cpu_of(requests, tasks, cost)))
    assert model.per_unit is None
    assert model.why_not == "a request came to cost another amount 4 days ago"


@pytest.mark.parametrize(
    ("days", "cpu", "why"),
    [
        (5, None, "5 days with requests and use, 7 are wanted"),
        (14, 30.0, "requests explain only 0% of how its use varies"),
        (14, np.nan, "0 days with requests and use"),
    ],
)
def test_what_cannot_be_learned_is_told_without_a_number(
    days: int, cpu: float | None, why: str
) -> None:
    requests = requests_of(days)
    tasks = np.full_like(requests, 9.0)
    use = cpu_of(requests, tasks) if cpu is None else np.full_like(requests, cpu)
    if cpu == 30.0:
        use = use + np.random.default_rng(1).normal(size=len(use))
    model = learned(service(requests, tasks, use))
    assert model.per_unit is None
    assert why in model.why_not


def test_a_steady_load_tells_nothing() -> None:
    steady = np.full(14 * DAY, 200.0)
    noise = np.random.default_rng(1).normal(size=len(steady))
    model = learned(service(steady, np.full_like(steady, 9.0), 30 + noise))
    assert model.per_unit is None
    assert model.why_not


def test_use_that_falls_with_requests_is_no_demand() -> None:
    requests = requests_of(14)
    model = learned(service(requests, np.full_like(requests, 9.0), 90 - requests / 5))
    assert model.per_unit is None
    assert model.why_not


def workload() -> CapacityTables:
    """Return an API and a database: 2 connections, and one for every 5 requests a second."""
    requests = requests_of(14)
    tasks = np.full_like(requests, 9.0)
    cpu = cpu_of(requests, tasks)
    return scaled_estate(
        resources=[
            resource_row("api", Workload="shop"),
            resource_row("orders", "aurora", Workload="shop"),
            resource_row("other", "aurora"),
        ],
        limits=[
            limit_row("orders", "connections", "orders/connections", 200),
            limit_row("orders", "storage", "orders/storage", 200, Change="storage"),
        ],
        series=[
            series_row("api", "CPU"),
            series_row("api", "requests", "demand"),
            series_row("api", "consumed LCUs", "demand", IsRate=False),
            series_row("api", "tasks", "units"),
            series_row("orders", "connections", Unit="connections"),
            series_row("orders", "storage", Unit="GiB"),
        ],
        targets=[target_row("api", 2, 10)],
        usage={
            "api/CPU": history(cpu),
            "api/requests": history(requests),
            "api/consumed LCUs": history(requests * 3),
            "api/tasks": history(tasks),
            "orders/connections": history(2 + requests / 5),
            "orders/storage": history(requests),
        },
    )


def test_what_stands_behind_is_learned_from_the_requests_of_its_workload() -> None:
    api, orders, other = learn_demand(workload(), parameters())
    assert (api.name, orders.unit, other.name) == ("api", "connections", "other")
    assert orders.per_unit is not None
    assert float(orders.per_unit.mid) == pytest.approx(5, rel=1e-3)
    assert orders.idle_units == pytest.approx(2, rel=1e-2)
    assert orders.target_percent is None
    assert other.per_unit is None
    assert other.why_not == "no requests of it or of its workload are recorded"


def test_a_traffic_plan_becomes_tasks_and_connections() -> None:
    tables = workload()
    plan = [
        {"name": "sale", "resource": "api", "requests_a_second": 600},
        {"name": "typo", "resource": "apo", "requests_a_second": 1},
    ]
    chosen = parameters(traffic_plan=plan)
    tasks, connections, unknown = plan_traffic(learn_demand(tables, chosen), tables, chosen)
    assert tasks.needed is not None
    # 600 / 40 are 15 tasks, of at most 10.
    assert tasks.needed.mid in {15, 16}
    assert tasks.maximum == 10
    assert tasks.verdict is Verdict.FAIL
    assert tasks.is_extrapolated
    most = int(tasks.needed.high)
    assert tasks.remedy == (
        f"set the maximum of its scaling target (ecs:service:DesiredCount) to {most} (10 now); its "
        f"minimum to {tasks.needed.mid} before (2 now) if the traffic comes at once"
    )
    assert "beyond is extrapolated" in tasks.why
    assert connections.needed is not None
    assert float(connections.needed.mid) == pytest.approx(122, rel=1e-2)
    assert connections.verdict is Verdict.PASS
    assert connections.remedy == ""
    assert "grew along" not in connections.why
    assert unknown.needed is None
    assert unknown.verdict is Verdict.INCONCLUSIVE
    assert unknown.why == "it was not read"
    (finding,) = find_traffic([tasks, connections, unknown])
    assert finding.action.startswith("Before the traffic comes, set the maximum of its scaling")


def test_behind_several_services_everything_grows_along() -> None:
    """Two services take 1 and 3 of 4 requests; 0.2 connections of the database each."""
    requests = requests_of(14)
    tables = scaled_estate(
        resources=[
            resource_row(name, kind, Workload="shop")
            for name, kind in (("api", "ecs"), ("web", "ecs"), ("orders", "aurora"))
        ],
        limits=[limit_row("orders", "connections", "orders/connections", 200)],
        series=[
            series_row("api", "requests", "demand"),
            series_row("web", "requests", "demand"),
            series_row("orders", "connections", Unit="connections"),
        ],
        usage={
            "api/requests": history(requests / 4),
            "web/requests": history(requests * 3 / 4),
            "orders/connections": history(requests / 5),
        },
    )
    plan = [{"name": "sale", "resource": "api", "requests_a_second": 100}]
    chosen = parameters(traffic_plan=plan)
    _, connections = plan_traffic(learn_demand(tables, chosen), tables, chosen)
    assert connections.name == "orders"
    assert connections.requests_a_second == pytest.approx(400)
    assert connections.needed is not None
    assert float(connections.needed.mid) == pytest.approx(80, rel=1e-3)
    assert "as if its whole workload grew along" in connections.why


def test_a_plan_for_what_was_not_learned_is_inconclusive() -> None:
    requests = requests_of(3)
    tasks = np.full_like(requests, 9.0)
    tables = service(requests, tasks, cpu_of(requests, tasks))
    chosen = parameters(traffic_plan=[{"name": "sale", "resource": "api", "requests_a_second": 1}])
    (need,) = plan_traffic(learn_demand(tables, chosen), tables, chosen)
    assert need.needed is None
    assert need.verdict is Verdict.INCONCLUSIVE
    assert need.why.startswith("3 days")


def test_two_target_groups_are_summed() -> None:
    requests = requests_of(14)
    tasks = np.full_like(requests, 9.0)
    tables = service(requests, tasks, cpu_of(requests, tasks))
    half = dict(tables.usage)
    half["api/requests"] = history(requests / 4)
    half["api/requests (2)"] = history(requests * 3 / 4)
    rows = [series_row("api", one, "demand") for one in ("requests", "requests (2)")]
    split = scaled_estate(
        resources=[resource_row("api")],
        series=[series_row("api", "CPU"), series_row("api", "tasks", "units"), *rows],
        usage=half,
    )
    whole, summed = learned(tables), learned(split)
    assert whole.per_unit is not None
    assert summed.per_unit is not None
    assert float(summed.per_unit.mid) == pytest.approx(float(whole.per_unit.mid))


def test_a_function_without_a_limit_of_its_own_is_learned() -> None:
    calls = requests_of(14)
    tables = scaled_estate(
        resources=[resource_row("resize", "lambda")],
        series=[
            series_row("resize", "concurrency", Unit="executions"),
            series_row("resize", "invocations", "demand"),
        ],
        usage={
            "resize/concurrency": history(calls * 0.5),
            "resize/invocations": history(calls),
        },
    )
    model = learned(tables)
    assert model.unit == "concurrency"
    assert model.per_unit is not None
    assert float(model.per_unit.mid) == pytest.approx(2)


def test_how_many_ran_has_to_be_known() -> None:
    tables = scaled_estate(
        resources=[resource_row("api")],
        series=[series_row("api", "CPU"), series_row("api", "requests", "demand")],
        usage={"api/CPU": history(requests_of(14) / 10), "api/requests": history(requests_of(14))},
    )
    assert learned(tables).why_not == "how many tasks ran is not recorded"
