from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from opslib.sandbox.estate import PRODUCTION, STAGING
from opslib.sandbox.metric_store import gap_of, read_series
from opslib.sandbox.scenario import DEFAULT_EPOCH
from opslib.sandbox.shop import ALB, target_group
from opslib.sandbox.shop_metrics import ShopMetric, find_metric, list_metrics
from tests.sandbox.days import plan_of

ALWAYS = (DEFAULT_EPOCH - timedelta(days=600), DEFAULT_EPOCH + timedelta(days=1))


def of_service(name: str, service: str = "web") -> ShopMetric:
    dimensions = {("LoadBalancer", ALB), ("TargetGroup", target_group(service))}
    metric = find_metric("AWS/ApplicationELB", name, frozenset(dimensions))
    assert metric is not None
    return metric


@pytest.mark.parametrize(("period", "days"), [(60, 15), (300, 63), (3600, 455)])
def test_a_finer_period_is_kept_for_less_long(period: int, days: int) -> None:
    metric = of_service("RequestCount")
    series = read_series(plan_of("steady", 1), PRODUCTION, metric, "Sum", period, ALWAYS)
    first = datetime.fromtimestamp(float(series.starts[0]), UTC)
    assert first == DEFAULT_EPOCH - timedelta(days=days)
    assert len(series.starts) == days * 86_400 / period
    assert np.all(np.diff(series.starts) == period)


@pytest.mark.parametrize("statistic", ["Sum", "Minimum", "Maximum", "Average"])
def test_longer_periods_are_made_of_the_minutes(statistic: str) -> None:
    plan, metric = plan_of("steady", 1), of_service("TargetResponseTime")
    span = (DEFAULT_EPOCH - timedelta(hours=1), DEFAULT_EPOCH)
    minutes = read_series(plan, PRODUCTION, metric, statistic, 60, span).values
    (hour,) = read_series(plan, PRODUCTION, metric, statistic, 3600, span).values
    expected = {
        "Sum": minutes.sum(),
        "Minimum": minutes.min(),
        "Maximum": minutes.max(),
        "Average": minutes.mean(),
    }
    assert hour == pytest.approx(expected[statistic], abs=60 * 0.5e-6)


@pytest.mark.parametrize("statistic", ["Sum", "Average", "p95"])
def test_values_hold_no_digits_in_which_processors_differ(statistic: str) -> None:
    plan, metric = plan_of("troubled", 1), of_service("TargetResponseTime")
    span = (DEFAULT_EPOCH - timedelta(hours=24), DEFAULT_EPOCH)
    values = read_series(plan, PRODUCTION, metric, statistic, 300, span).values
    assert len(values) == 288
    assert values.tolist() == [float(f"{value:.6f}") for value in values]


def test_statistics_tell_of_the_same_requests() -> None:
    plan = plan_of("steady", 1)
    span = (DEFAULT_EPOCH - timedelta(hours=3), DEFAULT_EPOCH)
    counted = read_series(plan, PRODUCTION, of_service("RequestCount"), "Sum", 60, span)
    time = of_service("TargetResponseTime")
    sampled = read_series(plan, PRODUCTION, time, "SampleCount", 60, span)
    assert np.array_equal(counted.values, sampled.values)
    levels = [
        read_series(plan, PRODUCTION, time, statistic, 60, span).values.mean()
        for statistic in ("Minimum", "p50", "Average", "p95", "p99")
    ]
    assert levels == sorted(levels)


def test_days_and_weeks_differ_and_staging_has_a_twentieth() -> None:
    plan, metric = plan_of("steady", 1), of_service("RequestCount")
    hours = read_series(plan, PRODUCTION, metric, "Sum", 3600, ALWAYS)
    by_hour = [hours.values[hours.starts // 3600 % 24 == hour].mean() for hour in (3, 19)]
    assert by_hour[1] > 2 * by_hour[0]
    days = np.floor(hours.starts / 86_400 + 3) % 7
    assert hours.values[days == 6].mean() < 0.9 * hours.values[days == 2].mean()
    staging = read_series(plan, STAGING, metric, "Sum", 3600, ALWAYS)
    assert staging.values.mean() == pytest.approx(hours.values.mean() / 20, rel=0.02)


def test_the_onset_is_seen_within_a_period_of_the_struck_component() -> None:
    for seed in range(8):
        plan = plan_of("troubled", seed)
        assert plan.incident is not None
        incident = plan.incident
        span = (incident.onset - timedelta(hours=2), incident.rolled_back_at)
        metric = of_service("TargetResponseTime")
        if incident.latency_factor < 2:
            metric = of_service("HTTPCode_Target_5XX_Count")
        statistic = "p95" if metric.name == "TargetResponseTime" else "Sum"
        series = read_series(plan, PRODUCTION, metric, statistic, 60, span)
        onset = incident.onset.timestamp()
        before = series.values[series.starts < onset - 60]
        after = series.values[series.starts >= onset + incident.ramp.total_seconds()]
        assert np.median(after) > np.median(before) * 1.05


def test_staging_and_quiet_days_are_spared() -> None:
    plan = plan_of("troubled", 5)
    assert plan.incident is not None
    span = (plan.incident.onset, plan.incident.rolled_back_at)
    metric = of_service("TargetResponseTime")
    levels = {
        (name, account): np.median(
            read_series(plan_of(name, 5), account, metric, "p95", 60, span).values
        )
        for name in ("steady", "troubled")
        for account in (PRODUCTION, STAGING)
    }
    assert levels["troubled", PRODUCTION] > 1.4 * levels["steady", PRODUCTION]
    assert levels["troubled", STAGING] < 1.2 * levels["steady", STAGING]


@pytest.mark.parametrize("seed", range(12))
def test_one_metric_reports_nothing_for_an_hour(seed: int) -> None:
    plan = plan_of("troubled", seed)
    gaps = [(metric, gap_of(plan, PRODUCTION, metric)) for metric in list_metrics()]
    ((metric, (begin, end)),) = [(one, gap) for one, gap in gaps if gap[1]]
    assert end - begin == 3600
    statistic = "Sum" if metric.unit == "Count" else "Average"
    series = read_series(plan, PRODUCTION, metric, statistic, 60, ALWAYS)
    assert not ((series.starts >= begin) & (series.starts < end)).any()
    assert ((series.starts >= begin - 600) & (series.starts < begin)).sum() == 10


def test_what_never_fails_reports_nothing_or_zero_as_its_service_does() -> None:
    plan = plan_of("steady", 1)
    span = (DEFAULT_EPOCH - timedelta(hours=4), DEFAULT_EPOCH)
    table = frozenset({("TableName", "sessions"), ("Operation", "GetItem")})
    throttled = find_metric("AWS/DynamoDB", "ThrottledRequests", table)
    named = frozenset({("FunctionName", "receipt")})
    failed = find_metric("AWS/Lambda", "Errors", named)
    assert throttled is not None
    assert failed is not None
    assert len(read_series(plan, PRODUCTION, throttled, "Sum", 60, span).starts) == 0
    assert len(read_series(plan, PRODUCTION, failed, "Sum", 60, span).starts) == 240
