"""The metrics that the shop reports to CloudWatch: which there are, and what each tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from opslib.sandbox.shop import ALB, CLUSTER, SERVICES, target_group

__all__ = ["MetricModel", "ShopMetric", "find_metric", "list_metrics"]

Dimensions = tuple[tuple[str, str], ...]


class MetricModel(StrEnum):
    """How the values of a metric come about."""

    REQUESTS = "requests"
    LATENCY = "latency"
    ERRORS = "errors"
    GAUGE = "gauge"
    DAILY = "daily"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopMetric:
    """One metric.

    Args:
        namespace, name, dimensions: as CloudWatch knows it.
        unit: CloudWatch's unit.
        component: that it is about.
        model: how its values come about.
        factor: of a latency, units in a millisecond; of requests or errors, counts a request; of
            a gauge, its value at full load.
        idle: of a gauge, its value without load.
        most: of a gauge, what it cannot exceed.
        strain: of a gauge, how it follows the component's slowness: 0 not at all.
        says_zero: whether a period without any is reported as 0, or not at all.
    """

    namespace: str
    name: str
    dimensions: Dimensions
    unit: str
    component: str
    model: MetricModel
    factor: float = 1.0
    idle: float = 0.0
    most: float = float("inf")
    strain: float = 0.0
    says_zero: bool = True

    @property
    def key(self) -> str:
        """Return what tells it from all others."""
        return f"{self.namespace} {self.name} {self.dimensions}"


@cache
def list_metrics() -> tuple[ShopMetric, ...]:
    """Return every metric of the shop."""
    services = [metric for service in SERVICES for metric in _service_metrics(service)]
    front = _balancer_metrics("web", (("LoadBalancer", ALB),))
    return (*services, *front, *_store_metrics(), *_function_metrics(), *_client_metrics())


@cache
def find_metric(
    namespace: str, name: str, dimensions: frozenset[tuple[str, str]]
) -> ShopMetric | None:
    """Return the metric of exactly these dimensions; None where there is none."""
    for metric in list_metrics():
        known = (metric.namespace, metric.name, frozenset(metric.dimensions))
        if known == (namespace, name, dimensions):
            return metric
    return None


def _balancer_metrics(component: str, dimensions: Dimensions) -> list[ShopMetric]:
    told = (
        ("RequestCount", "Count", MetricModel.REQUESTS, 1.0, True),
        ("TargetResponseTime", "Seconds", MetricModel.LATENCY, 0.001, True),
        ("HTTPCode_Target_5XX_Count", "Count", MetricModel.ERRORS, 1.0, False),
    )
    return [
        ShopMetric(
            namespace="AWS/ApplicationELB",
            name=name,
            dimensions=dimensions,
            unit=unit,
            component=component,
            model=model,
            factor=factor,
            says_zero=says_zero,
        )
        for name, unit, model, factor, says_zero in told
    ]


def _service_metrics(service: str) -> list[ShopMetric]:
    behind = (("LoadBalancer", ALB), ("TargetGroup", target_group(service)))
    named = (("ClusterName", CLUSTER), ("ServiceName", service))
    return [
        *_balancer_metrics(service, behind),
        _gauge("AWS/ApplicationELB", "HealthyHostCount", behind, service, (3, 3), "Count"),
        _gauge("AWS/ECS", "CPUUtilization", named, service, (18, 52), "Percent", strain=0.25),
        _gauge("AWS/ECS", "MemoryUtilization", named, service, (48, 58), "Percent", strain=0.03),
    ]


def _gauge(
    namespace: str,
    name: str,
    dimensions: Dimensions,
    component: str,
    span: tuple[float, float],
    unit: str,
    *,
    strain: float = 0.0,
) -> ShopMetric:
    """Return a gauge that goes from the one to the other of ``span`` with the load."""
    return ShopMetric(
        namespace=namespace,
        name=name,
        dimensions=dimensions,
        unit=unit,
        component=component,
        model=MetricModel.GAUGE,
        idle=span[0],
        factor=span[1],
        most=100.0 if unit == "Percent" else float("inf"),
        strain=strain,
    )


def _counted(
    namespace: str, name: str, dimensions: Dimensions, component: str, each: float = 1.0
) -> ShopMetric:
    return ShopMetric(
        namespace=namespace,
        name=name,
        dimensions=dimensions,
        unit="Bytes" if "Bytes" in name else "Count",
        component=component,
        model=MetricModel.REQUESTS,
        factor=each,
    )


def _failed(
    namespace: str, name: str, dimensions: Dimensions, component: str, *, says_zero: bool
) -> ShopMetric:
    return ShopMetric(
        namespace=namespace,
        name=name,
        dimensions=dimensions,
        unit="Count",
        component=component,
        model=MetricModel.ERRORS,
        says_zero=says_zero,
    )


def _slow(
    namespace: str, name: str, dimensions: Dimensions, component: str, each: float = 1.0
) -> ShopMetric:
    return ShopMetric(
        namespace=namespace,
        name=name,
        dimensions=dimensions,
        unit="Milliseconds",
        component=component,
        model=MetricModel.LATENCY,
        factor=each,
    )


def _store_metrics() -> list[ShopMetric]:
    cluster = (("DBClusterIdentifier", "orders"),)
    table = (("Operation", "GetItem"), ("TableName", "sessions"))
    node = (("CacheClusterId", "shop-cache-001"),)
    rds, dynamodb, cache_ = "AWS/RDS", "AWS/DynamoDB", "AWS/ElastiCache"
    return [
        _gauge(rds, "DatabaseConnections", cluster, "orders", (35, 120), "Count", strain=0.3),
        _gauge(rds, "CPUUtilization", cluster, "orders", (12, 46), "Percent", strain=0.3),
        _slow(rds, "SelectLatency", cluster, "orders", 0.7),
        _slow(rds, "CommitLatency", cluster, "orders", 0.4),
        _counted(dynamodb, "ConsumedReadCapacityUnits", table[1:], "sessions", 0.5),
        _failed(dynamodb, "ThrottledRequests", table, "sessions", says_zero=False),
        _slow(dynamodb, "SuccessfulRequestLatency", table, "sessions", 0.8),
        _gauge(cache_, "EngineCPUUtilization", node, "shop-cache", (4, 19), "Percent", strain=0.2),
        _counted(cache_, "CacheHits", node, "shop-cache", 0.93),
        _counted(cache_, "CacheMisses", node, "shop-cache", 0.07),
    ]


def _function_metrics() -> list[ShopMetric]:
    named = (("FunctionName", "receipt"),)
    gateway = (("NatGatewayId", "nat-0a1b2c3d4e5f60718"),)
    batch = (("Job", "reports"),)
    nat = "AWS/NATGateway"
    return [
        _counted("AWS/Lambda", "Invocations", named, "receipt"),
        _failed("AWS/Lambda", "Errors", named, "receipt", says_zero=True),
        _slow("AWS/Lambda", "Duration", named, "receipt", 0.9),
        _counted("AWS/Lambda", "Throttles", named, "receipt", 0.0),
        _counted(nat, "BytesOutToDestination", gateway, "gateway", 6_200.0),
        _gauge(nat, "ActiveConnectionCount", gateway, "gateway", (20, 240), "Count", strain=0.4),
        ShopMetric(
            namespace="Shop/Batch",
            name="ReportMinutes",
            dimensions=batch,
            unit="None",
            component="reports",
            model=MetricModel.DAILY,
        ),
    ]


def _client_metrics() -> list[ShopMetric]:
    """Return what callers report of those that report little themselves."""
    made = []
    for component in ("orders", "sessions", "shop-cache", "receipt", "gateway"):
        named = (("Dependency", component),)
        made += [
            _counted("Shop/Clients", "Requests", named, component),
            _failed("Shop/Clients", "Errors", named, component, says_zero=True),
            _slow("Shop/Clients", "Latency", named, component),
        ]
    return made
