from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.capacity.sizes.findings import find_sizes
from opslib.analysis.capacity.sizes.rightsizing import Direction, Rightsizing, rightsize
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Severity
from opslib.present.capacity.sizes import tabulate_sizes
from opslib.tables.capacity import UsageHistory
from tests.analysis.capacity.small_estates import DAY, WEEK, Estate, flat, parameters, series

LARGE, XLARGE, DOUBLE, FOURFOLD = "m7g.large", "m7g.xlarge", "m7g.2xlarge", "m7g.4xlarge"


def judge(estate: Estate, **changes: Any) -> Rightsizing:
    (sized,) = rightsize(estate.tables(), parameters(**changes))
    return sized


def machine(cpu: Any, memory: Any = None, kind: str = DOUBLE) -> Estate:
    estate = Estate()
    estate.resource("ec2", "i-1", instance_type=kind)
    estate.limit("i-1", "CPU", cpu)
    if memory is not None:
        estate.limit("i-1", "memory", memory)
    return estate


def test_half_the_size_carries_twice_the_use() -> None:
    sized = judge(machine(flat(34), flat(30)))
    assert (sized.direction, sized.proposed) == (Direction.OVER, XLARGE)
    assert sized.certain
    assert sized.cpu_p99_percent == 34
    assert "68% CPU and 60% memory" in sized.why


def test_the_headroom_stays_free_on_the_smaller_size() -> None:
    assert judge(machine(flat(36), flat(30))).direction is Direction.RIGHT
    assert judge(machine(flat(36), flat(30)), rightsizing_headroom_percent=25).proposed == XLARGE


def test_no_size_below_a_quarter_is_proposed() -> None:
    assert judge(machine(flat(1), flat(1), kind="m7g.8xlarge")).proposed == DOUBLE


def test_memory_holds_a_size_that_cpu_would_leave() -> None:
    sized = judge(machine(flat(5), flat(60)))
    assert sized.direction is Direction.RIGHT
    assert "120% memory" in sized.why


def test_unreported_memory_leaves_it_open() -> None:
    sized = judge(machine(flat(5)))
    assert sized.direction is Direction.UNKNOWN
    assert not sized.certain
    assert "memory is not reported" in sized.why
    assert find_sizes([sized], "USD") == ()


def test_thirteen_days_are_not_judged() -> None:
    sized = judge(machine(flat(5, 13 / 7), flat(5, 13 / 7)))
    assert sized.direction is Direction.UNKNOWN
    assert "fewer than 2 whole weeks" in sized.why


def test_a_batch_of_an_hour_each_week_is_a_peak() -> None:
    cpu = flat(10, 4)
    for week in range(4):
        cpu[week * WEEK + 100 : week * WEEK + 112] = 90
    assert np.quantile(cpu, 0.99) == 10
    assert judge(machine(cpu, flat(10, 4))).direction is Direction.RIGHT


def test_one_bad_afternoon_is_no_peak() -> None:
    cpu = flat(10, 4)
    cpu[500:512] = 100
    assert judge(machine(cpu, flat(10, 4))).direction is Direction.OVER


def test_use_beyond_the_headroom_for_a_twentieth_of_the_time_is_too_much() -> None:
    cpu = flat(40, 4).reshape(-1, DAY)
    cpu[:, :15] = 85
    sized = judge(machine(cpu.ravel(), flat(40, 4)))
    assert (sized.direction, sized.proposed) == (Direction.UNDER, FOURFOLD)
    cpu[:, 14] = 40
    assert judge(machine(cpu.ravel(), flat(40, 4))).direction is Direction.RIGHT


@pytest.mark.parametrize(("memory", "direction"), [(89, Direction.RIGHT), (91, Direction.UNDER)])
def test_memory_is_short_where_it_is_nearly_full(memory: int, direction: Direction) -> None:
    assert judge(machine(flat(40), flat(memory))).direction is direction


def test_one_busy_week_of_four_is_not_too_small() -> None:
    cpu = flat(40, 4)
    cpu[:WEEK] = 95
    assert judge(machine(cpu, flat(40, 4))).direction is Direction.RIGHT


def test_no_larger_size_is_said() -> None:
    sized = judge(machine(flat(99), flat(40), kind="m7g.8xlarge"))
    assert (sized.direction, sized.proposed) == (Direction.UNDER, None)
    assert "there is no larger size" in sized.why


def test_a_burstable_size_above_its_baseline_is_too_small() -> None:
    sized = judge(machine(flat(25), flat(40), kind="t3.small"))
    assert (sized.direction, sized.proposed) == (Direction.UNDER, "t3.large")
    assert "25% on average, 20% is earned" in sized.why


def test_a_smaller_burstable_size_must_earn_the_busiest_day() -> None:
    assert judge(machine(flat(25), flat(10), kind="t3.large")).direction is Direction.RIGHT
    assert judge(machine(flat(15), flat(10), kind="t3.large")).proposed == "t3.small"


def test_gaps_that_could_hide_the_peak_leave_it_open() -> None:
    cpu = flat(10, 4)
    cpu[1000:1100] = np.nan
    sized = judge(machine(cpu, flat(10, 4)))
    assert sized.direction is Direction.UNKNOWN
    assert "1.2% of the values are missing" in sized.why
    cpu[1050:1100] = 10
    assert judge(machine(cpu, flat(10, 4))).direction is Direction.OVER


@pytest.mark.parametrize(("here", "there", "saved"), [(0.4, 0.21, "142.50"), (0.4, None, "150.00")])
def test_what_it_saves_is_of_the_bill(here: float, there: float | None, saved: str) -> None:
    estate = machine(flat(20), flat(20))
    estate.cost("i-1", f"BoxUsage:{DOUBLE}", 300.0)
    estate.cost("i-1", "DataTransfer-Out-Bytes", 1000.0)
    estate.price("us-east-1", f"BoxUsage:{DOUBLE}", here)
    if there:
        estate.price("us-east-1", f"BoxUsage:{XLARGE}", there)
        estate.price("eu-west-1", f"BoxUsage:{XLARGE}", 99.0)
    sized = judge(estate)
    assert sized.saving_a_month == Decimal(saved)
    assert ("ratio of vCPUs" in sized.why) == (there is None)
    (finding,) = find_sizes([sized], "USD")
    assert finding.kind == "capacity.oversized"
    assert finding.amount is not None
    assert finding.amount.mid == -Decimal(saved)
    assert f"${saved}" in finding.sentence


def test_a_larger_size_costs_more() -> None:
    estate = machine(flat(85), flat(20))
    estate.cost("i-1", f"BoxUsage:{DOUBLE}", 300.0)
    sized = judge(estate)
    assert sized.saving_a_month == Decimal("-300.00")
    (finding,) = find_sizes([sized], "USD")
    assert (finding.kind, finding.severity) == ("capacity.undersized", Severity.MEDIUM)


def test_a_bill_that_does_not_name_it_promises_nothing() -> None:
    sized = judge(machine(flat(20), flat(20)))
    assert sized.saving_a_month is None
    assert "the bill does not name it" in sized.why
    (finding,) = find_sizes([sized], "USD")
    assert finding.amount is None


@pytest.mark.parametrize(
    ("connections", "direction"), [(400, Direction.RIGHT), (300, Direction.OVER)]
)
def test_a_database_is_held_by_its_connections(connections: int, direction: Direction) -> None:
    estate = Estate()
    estate.database("rds", "orders", "db.r6g.xlarge")
    estate.limit("orders", "CPU", flat(10))
    estate.limit("orders", "memory", flat(10))
    estate.limit("orders", "connections", flat(connections), value=1000)
    assert judge(estate).direction is direction


def database(cpu: float, at_most: float, size: str = "db.r6g.xlarge") -> Estate:
    """Return a database of whose memory no more than ``at_most`` percent is used."""
    estate = Estate()
    estate.database("rds", "orders", size)
    estate.limit("orders", "CPU", flat(cpu))
    estate.measure("orders", "memory", flat(at_most), role="bound", statistic="Minimum")
    return estate


@pytest.mark.parametrize(
    ("cpu", "at_most", "direction", "proposed"),
    [
        (10, 30, Direction.OVER, "db.r6g.large"),
        (10, 60, Direction.UNKNOWN, "db.r6g.large"),
        (10, 95, Direction.UNKNOWN, "db.r6g.large"),
        (50, 60, Direction.RIGHT, None),
        (50, 95, Direction.UNKNOWN, None),
        (90, 95, Direction.UNDER, None),
    ],
)
def test_memory_that_caches_fill_proves_only_what_fits(
    cpu: float, at_most: float, direction: Direction, proposed: str | None
) -> None:
    sized = judge(database(cpu, at_most))
    assert (sized.direction, sized.proposed) == (direction, proposed)
    assert (sized.memory_p99_percent, sized.memory_at_most_percent) == (None, at_most)


def test_a_bound_is_told_as_one() -> None:
    assert "at most 60% memory at its peak" in judge(database(10, 30)).why
    told = "at most 95% of memory is used, and how much of it are caches is unknown"
    assert told in judge(database(50, 95)).why
    (finding,) = find_sizes([judge(database(90, 99))], "USD")
    assert finding.severity is Severity.MEDIUM
    shown = tabulate_sizes([judge(database(10, 30))], 5, "USD").plain
    assert "| 10% | at most 30% |" in shown


def test_a_bound_with_gaps_proves_nothing() -> None:
    estate = database(10, 30)
    hidden = flat(30)
    hidden[-len(hidden) // 20 :] = np.nan
    estate.usage["orders#memory"] = UsageHistory(fine=series(hidden), coarse=None)
    assert judge(estate).direction is Direction.UNKNOWN


def test_databases_begin_at_large() -> None:
    estate = Estate()
    estate.database("rds", "orders", "db.r6g.xlarge")
    estate.limit("orders", "CPU", flat(1))
    estate.limit("orders", "memory", flat(1))
    assert judge(estate).proposed == "db.r6g.large"
    machine_of_family = machine(flat(1), flat(1), kind="r6g.xlarge")
    assert judge(machine_of_family).proposed == "r6g.medium"


def test_meters_of_databases_write_sizes_shorter() -> None:
    estate = Estate()
    estate.database("rds", "orders", "db.r6g.xlarge")
    estate.limit("orders", "CPU", flat(10))
    estate.limit("orders", "memory", flat(10))
    estate.cost("orders", "USE1-InstanceUsage:db.r6g.xl", 400.0)
    assert judge(estate).saving_a_month == Decimal("200.00")


def test_serverless_clusters_and_members_of_groups_have_no_size_to_change() -> None:
    estate = Estate()
    estate.database("aurora", "ledger", "db.serverless")
    estate.resource("ec2", "i-2", instance_type=LARGE, group="fleet")
    assert rightsize(estate.tables(), parameters()) == ()


def cache(engine: str, **cpu: float) -> Estate:
    estate = Estate()
    estate.resource("cache", "cart", node_type="cache.r6g.xlarge", engine=engine)
    for limit, value in cpu.items():
        estate.limit("cart", limit.replace("_", " "), flat(value))
    return estate


def test_the_engine_of_a_cache_has_one_thread_on_any_size() -> None:
    assert judge(cache("valkey", CPU=50, memory=20)).proposed == "cache.r6g.large"
    assert judge(cache("memcached", CPU=50, memory=20)).direction is Direction.RIGHT


def test_of_several_nodes_the_busiest_counts() -> None:
    estate = cache("valkey", CPU=50, memory=20)
    estate.limit("cart", "memory (cart-002)", flat(60))
    sized = judge(estate)
    assert (sized.direction, sized.memory_p99_percent) == (Direction.RIGHT, 60)


def test_an_unknown_family_is_said() -> None:
    estate = Estate()
    estate.resource("ec2", "i-1", instance_type="z9.huge")
    estate.limit("i-1", "CPU", flat(5))
    sized = judge(estate)
    assert (sized.direction, sized.current) == (Direction.UNKNOWN, "z9.huge")
    assert "were not read" in sized.why


def service(cpu: float, memory: float, *, scaled: str = "", launch_type: str = "FARGATE") -> Estate:
    estate = Estate()
    estate.resource("ecs", "web", task_cpu=2.0, task_memory_mib=8192, launch_type=launch_type)
    estate.limit("web", "CPU", flat(cpu))
    estate.limit("web", "memory", flat(memory))
    if scaled:
        estate.scale("web", "ecs:service:DesiredCount", 20, metric=scaled)
    return estate


def test_a_task_takes_the_smallest_that_fits() -> None:
    estate = service(30, 20)
    estate.cost("web", "USE1-Fargate-vCPU-Hours:perCPU", 100.0)
    estate.cost("web", "USE1-Fargate-GB-Hours", 40.0)
    estate.cost("web", "USE1-Fargate-EphemeralStorage-GB-Hours", 7.0)
    sized = judge(estate)
    assert (sized.direction, sized.proposed) == (Direction.OVER, "1 vCPU, 3 GiB")
    assert sized.saving_a_month == Decimal("75.00")


def test_what_scaling_holds_says_nothing_of_a_task() -> None:
    sized = judge(service(5, 20, scaled="ECSServiceAverageCPUUtilization"))
    assert sized.proposed == "2 vCPU, 4 GiB"
    assert sized.cpu_p99_percent == 5
    assert judge(service(85, 60, scaled="ECSServiceAverageCPUUtilization")).direction is (
        Direction.RIGHT
    )


def test_without_its_scaling_no_task_is_judged() -> None:
    denied = Coverage(
        table="capacity scaling",
        asked="targets",
        status=CoverageStatus.DENIED,
        account="one",
        region="us-east-1",
    )
    tables = service(5, 20).tables()
    (sized,) = rightsize(tables, parameters(), [denied])
    assert (sized.direction, sized.proposed) == (Direction.UNKNOWN, None)
    assert "its scaling was not read" in sized.why
    (elsewhere,) = rightsize(tables, parameters(), [replace(denied, region="eu-west-1")])
    assert elsewhere.direction is Direction.OVER


def test_scaling_by_steps_may_follow_anything() -> None:
    estate = service(5, 5)
    estate.scale("web", "ecs:service:DesiredCount", 20)
    sized = judge(estate)
    assert sized.direction is Direction.UNKNOWN
    assert sized.why == "scaling may hold all that is measured of it"


def test_tasks_launched_nobody_knows_how_are_not_judged() -> None:
    assert judge(service(5, 5, launch_type="")).why == "how its tasks are launched is not known"


def test_tasks_that_share_instances_are_not_judged() -> None:
    sized = judge(service(5, 5, launch_type="EC2"))
    assert sized.direction is Direction.UNKNOWN
    assert "the instances are what is paid for" in sized.why


levels = st.lists(st.integers(1, 100), min_size=7, max_size=7)


@settings(max_examples=60, deadline=None)
@given(levels, levels, st.integers(0, 60))
def test_more_use_never_turns_too_small_into_too_large(
    cpu: list[int], memory: list[int], more: int
) -> None:
    """Nor right into too large."""
    order = [Direction.OVER, Direction.RIGHT, Direction.UNDER]
    less = judge(machine(by_day(cpu), by_day(memory)))
    now = judge(machine(by_day(cpu) + more, by_day(memory) + more))
    assert order.index(now.direction) >= order.index(less.direction)


@settings(max_examples=60, deadline=None)
@given(levels, levels, st.integers(DAY, 4 * WEEK - 1), st.integers(1, 2 * WEEK))
def test_a_gap_never_makes_anything_fine(
    cpu: list[int], memory: list[int], first: int, length: int
) -> None:
    whole = judge(machine(by_day(cpu), by_day(memory)))
    gappy = by_day(cpu)
    gappy[first : first + length] = np.nan
    assert judge(machine(gappy, by_day(memory))).direction in {whole.direction, Direction.UNKNOWN}


def by_day(levels: list[int]) -> Any:
    return np.tile(np.repeat(np.array(levels, dtype=float), DAY), 4)
