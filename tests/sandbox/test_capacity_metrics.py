from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from opslib.sandbox.capacity_estate import (
    ALB,
    CAPACITY_CLUSTER,
    CPU_IDLE,
    SERVICES,
    target_group_of,
)
from opslib.sandbox.capacity_loads import requests_a_task, target_of
from opslib.sandbox.capacity_metric import CapacityMetric
from opslib.sandbox.capacity_metrics import (
    capacity_metrics,
    find_capacity_metric,
    read_capacity_series,
)
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.capacity_truths import plan_capacity
from opslib.sandbox.estate import IRELAND, PAYER, PRODUCTION, STAGING
from opslib.sandbox.metric_store import Series
from opslib.sandbox.scenario import CAPACITY, DEFAULT_EPOCH
from opslib.sandbox.shop import REGION
from tests.sandbox.answers import ask
from tests.sandbox.days import plan_of

ALWAYS = (DEFAULT_EPOCH - timedelta(days=600), DEFAULT_EPOCH + timedelta(days=2))
PLACES = ((PRODUCTION, REGION), (PRODUCTION, IRELAND), (STAGING, REGION))


@pytest.fixture(scope="module")
def plan() -> CapacityPlan:
    return plan_capacity("troubled", plan_of("troubled", 3), CAPACITY)[0]


def find(plan: CapacityPlan, namespace: str, name: str, **dimensions: str) -> CapacityMetric:
    place = (PRODUCTION, REGION)
    metric = find_capacity_metric(plan, place, namespace, name, frozenset(dimensions.items()))
    assert metric is not None
    return metric


def of_service(plan: CapacityPlan, name: str, service: str) -> CapacityMetric:
    namespace = "ECS/ContainerInsights" if "TaskCount" in name else "AWS/ECS"
    named = {"ClusterName": CAPACITY_CLUSTER, "ServiceName": service}
    return find(plan, namespace, name, **named)


def read(
    plan: CapacityPlan, metric: CapacityMetric, statistic: str = "Average", period: int = 300
) -> Series:
    return read_capacity_series(plan, metric, statistic, period, ALWAYS)


@pytest.mark.parametrize(("period", "days"), [(60, 15), (300, 63), (900, 63), (3600, 455)])
def test_a_finer_period_is_kept_for_less_long(plan: CapacityPlan, period: int, days: int) -> None:
    metric = of_service(plan, "CPUUtilization", "storefront")
    series = read(plan, metric, period=period)
    first = datetime.fromtimestamp(float(series.starts[0]), UTC)
    assert first == DEFAULT_EPOCH - timedelta(days=days)
    assert len(series.starts) == days * 86_400 / period
    assert np.all(np.diff(series.starts) == period)


def test_a_span_before_what_is_kept_has_nothing(plan: CapacityPlan) -> None:
    metric = of_service(plan, "CPUUtilization", "storefront")
    span = (DEFAULT_EPOCH - timedelta(days=90), DEFAULT_EPOCH - timedelta(days=63))
    assert len(read_capacity_series(plan, metric, "Average", 300, span).values) == 0
    assert len(read_capacity_series(plan, metric, "Average", 3600, span).values) == 27 * 24


def test_the_same_plan_gives_the_same_values_and_another_seed_others(plan: CapacityPlan) -> None:
    again = plan_capacity("troubled", plan_of("troubled", 3), CAPACITY)[0]
    other = plan_capacity("troubled", plan_of("troubled", 4), CAPACITY)[0]
    values = [read(one, of_service(one, "CPUUtilization", "profile")) for one in (plan, again)]
    assert np.array_equal(values[0].values, values[1].values)
    moved = read(other, of_service(other, "CPUUtilization", "profile"))
    assert not np.array_equal(values[0].values, moved.values)


def test_every_metric_has_values_that_hold_no_digits_in_which_processors_differ(
    plan: CapacityPlan,
) -> None:
    told = [metric for place in PLACES for metric in capacity_metrics(plan, *place)]
    assert 150 <= len(told) <= 280
    names = {(m.account, m.region, m.namespace, m.name, frozenset(m.dimensions)) for m in told}
    assert len(names) == len(told)
    for metric in told[::3]:
        statistic = "Sum" if metric.is_count else "Average"
        values = read(plan, metric, statistic, 3600).values
        assert values.tolist() == [float(f"{value:.6f}") for value in values]
        if metric.unit == "Bytes":
            assert np.array_equal(values, np.floor(values))
        assert len(values) == 0 if "ThrottleEvents" in metric.name else len(values) > 400
    assert capacity_metrics(plan, PAYER, REGION) == ()


@pytest.mark.parametrize("service", ["storefront", "basket", "ranking", "ledger-api"])
def test_requests_cpu_and_tasks_agree_on_what_a_task_carries(
    plan: CapacityPlan, service: str
) -> None:
    spec = next(each for each in SERVICES if each.name == service)
    behind = {"LoadBalancer": ALB, "TargetGroup": target_group_of(service)}
    requests = read(plan, find(plan, "AWS/ApplicationELB", "RequestCount", **behind), "Sum")
    cpu = read(plan, of_service(plan, "CPUUtilization", service))
    tasks = read(plan, of_service(plan, "RunningTaskCount", service))
    assert np.array_equal(requests.starts, cpu.starts)
    each = requests.values / 300 / tasks.values
    usual = cpu.values < 95
    slope = (target_of(plan, spec) - CPU_IDLE) / requests_a_task(plan, spec)
    assert cpu.values[usual] == pytest.approx(CPU_IDLE + slope * each[usual], abs=1e-4)
    busy = tasks.values > spec.least
    assert np.quantile(cpu.values[busy], 0.8) == pytest.approx(target_of(plan, spec), rel=0.05)
    assert tasks.values.min() >= spec.least
    assert tasks.values.max() <= spec.most


def test_the_odd_ones_are_young_moved_silent_and_erratic(plan: CapacityPlan) -> None:
    young = read(plan, of_service(plan, "CPUUtilization", "wishlist"), period=3600)
    first = datetime.fromtimestamp(float(young.starts[0]), UTC)
    assert DEFAULT_EPOCH - first <= timedelta(days=20)
    silent = read(plan, of_service(plan, "RunningTaskCount", "ledger-api"))
    assert np.diff(silent.starts).max() == pytest.approx(2.2 * 86_400, abs=900)
    behind = {"LoadBalancer": ALB, "TargetGroup": target_group_of("profile")}
    moved = read(plan, find(plan, "AWS/ApplicationELB", "RequestCount", **behind), "Sum", 3600)
    days_back = (DEFAULT_EPOCH.timestamp() - moved.starts) / 86_400
    levels = [moved.values[span].mean() for span in (days_back > 120, days_back < 116)]
    assert levels[1] / levels[0] == pytest.approx(1 / 0.55, rel=0.03)
    erratic = read(plan, of_service(plan, "CPUUtilization", "importer"), period=3600).values
    assert abs(np.corrcoef(erratic[168:], erratic[:-168])[0, 1]) < 0.05
    assert erratic.max() > 10 * np.median(erratic)


def test_days_and_weeks_have_a_shape(plan: CapacityPlan) -> None:
    balancer = find(plan, "AWS/ApplicationELB", "RequestCount", LoadBalancer=ALB)
    requests = read(plan, balancer, "Sum", 3600)
    by_hour = [requests.values[requests.starts // 3600 % 24 == hour].mean() for hour in (4, 18)]
    assert by_hour[1] > 2 * by_hour[0]
    days = np.floor(requests.starts / 86_400 + 3) % 7
    assert requests.values[days == 6].mean() < 0.9 * requests.values[days == 2].mean()


@pytest.mark.parametrize("statistic", ["Sum", "SampleCount", "Minimum", "Maximum", "Average"])
def test_longer_periods_are_made_of_the_shorter(plan: CapacityPlan, statistic: str) -> None:
    metric = of_service(plan, "CPUUtilization", "basket")
    span = (DEFAULT_EPOCH - timedelta(hours=1), DEFAULT_EPOCH)
    minutes, fives, hours = (
        read_capacity_series(plan, metric, statistic, period, span).values
        for period in (60, 300, 3600)
    )
    assert (len(minutes), len(fives), len(hours)) == (60, 12, 1)
    whole = {"Sum": "sum", "SampleCount": "sum", "Minimum": "min", "Maximum": "max"}
    made = getattr(np, whole.get(statistic, "mean"))
    assert hours[0] == pytest.approx(made(fives), rel=1e-6)
    assert hours[0] == pytest.approx(made(minutes), rel=1e-6)


def test_percentiles_lie_between_the_average_and_the_maximum(plan: CapacityPlan) -> None:
    behind = {"LoadBalancer": ALB, "TargetGroup": target_group_of("basket")}
    latency = find(plan, "AWS/ApplicationELB", "TargetResponseTime", **behind)
    levels = [
        read(plan, latency, name).values.mean()
        for name in ("Minimum", "Average", "p90", "p95", "p99", "Maximum")
    ]
    assert levels == sorted(levels)
    assert len(set(levels)) == len(levels)


def query(metric: CapacityMetric, period: int) -> dict[str, Any]:
    named = {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in metric.dimensions],
    }
    return {"Id": "m", "MetricStat": {"Metric": named, "Period": period, "Stat": "Average"}}


def test_cloudwatch_tells_them_where_they_are_and_lists_them(plan: CapacityPlan) -> None:
    metric = of_service(plan, "CPUUtilization", "storefront")
    asked: dict[str, Any] = {
        "MetricDataQueries": [query(metric, 300)],
        "StartTime": DEFAULT_EPOCH - timedelta(hours=2),
        "EndTime": DEFAULT_EPOCH,
    }
    here: dict[str, Any] = {"scenario": "troubled", "seed": 3}
    places: tuple[tuple[dict[str, Any], int], ...] = (
        ({"account": PRODUCTION}, 24),
        ({"account": STAGING}, 0),
        ({"account": PRODUCTION, "region": IRELAND}, 0),
        ({"account": PRODUCTION, "scenario": "empty"}, 0),
    )
    for place, count in places:
        answer = ask("cloudwatch", "GetMetricData", **asked, **{**here, **place})
        assert len(answer["MetricDataResults"][0]["Values"]) == count
    wanted: dict[str, Any] = {
        "Namespace": "ECS/ContainerInsights",
        "MetricName": "RunningTaskCount",
    }
    listed = ask("cloudwatch", "ListMetrics", account=PRODUCTION, **here, **wanted)["Metrics"]
    assert len(listed) == len(SERVICES)


def test_samples_count_the_tasks(plan: CapacityPlan) -> None:
    samples = read(plan, of_service(plan, "CPUUtilization", "basket"), "SampleCount")
    tasks = read(plan, of_service(plan, "RunningTaskCount", "basket"))
    assert np.array_equal(samples.values, 5 * tasks.values)
    batch = find(plan, "AWS/ECS", "CPUUtilization", ClusterName="batch", ServiceName="reports")
    assert set(read(plan, batch, "SampleCount", 60).values) == {3.0}
