"""The usage of service quotas in CloudWatch, and the metrics of Lambda functions."""

from __future__ import annotations

from collections.abc import Iterator

from opslib.sandbox.capacity_estate import FUNCTIONS
from opslib.sandbox.capacity_load import Load
from opslib.sandbox.capacity_loads import function_load, load_of
from opslib.sandbox.capacity_metric import (
    CapacityMetric,
    Dimensions,
    Recipe,
    constant,
    counted,
    follows,
    gauge,
)
from opslib.sandbox.capacity_plan import CapacityPlan, WallKind
from opslib.sandbox.capacity_quotas import LITTLE, QUOTAS, Quota
from opslib.sandbox.capacity_service_metrics import vcpus_in_use
from opslib.sandbox.estate import IRELAND, PRODUCTION, STAGING
from opslib.sandbox.shop import REGION

__all__ = ["list_usage_metrics"]

LAMBDA = "AWS/Lambda"
PLACES = ((PRODUCTION, REGION), (PRODUCTION, IRELAND), (STAGING, REGION), (STAGING, IRELAND))


def list_usage_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    """Yield the usage of quotas, and the metrics of Lambda functions that one of them limits."""
    for quota in QUOTAS:
        if quota.usage is None:
            continue
        for account, region in PLACES:
            yield _usage_metric(plan, quota, quota.usage, account, region)
    yield from _function_metrics(plan)


def _usage_metric(
    plan: CapacityPlan,
    quota: Quota,
    usage: tuple[str, str, Dimensions],
    account: str,
    region: str,
) -> CapacityMetric:
    namespace, name, dimensions = usage
    return CapacityMetric(
        namespace=namespace,
        name=name,
        dimensions=dimensions,
        unit="Count" if namespace == LAMBDA else "None",
        recipe=_used(plan, quota, account, region),
        is_count=quota.a_second,
        account=account,
        region=region,
    )


def _used(plan: CapacityPlan, quota: Quota, account: str, region: str) -> Recipe:
    if quota.a_second:
        return follows(plan, Load(key=f"calls {account} {region}", level=0.8, noise=0.1))
    if (account, region) != (PRODUCTION, REGION) or quota.code not in LITTLE:
        return constant(LITTLE.get(quota.code, 3.0))
    if quota.code == "L-3032A538":
        return vcpus_in_use(plan)
    kind = WallKind.EC2_VCPU if quota.code == "L-1216C47A" else WallKind.LAMBDA_CONCURRENCY
    return follows(plan, load_of(plan, kind, quota.name))


def _function_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    for spec in FUNCTIONS:
        named, load = (("FunctionName", spec.name),), function_load(plan, spec)
        yield gauge(LAMBDA, "ConcurrentExecutions", named, "Count", follows(plan, load))
        yield counted(LAMBDA, "Invocations", named, follows(plan, load, 1 / spec.seconds))
        slow = constant(spec.seconds * 1000)
        yield gauge(LAMBDA, "Duration", named, "Milliseconds", slow, spread=0.8)
        for name in ("Throttles", "Errors"):
            yield counted(LAMBDA, name, named, constant(0.0))
