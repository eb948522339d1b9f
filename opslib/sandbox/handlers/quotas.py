"""Service Quotas: those applied to an account, AWS's defaults, and the metrics of their usage.

Source: Service Quotas API Reference.
"""

from __future__ import annotations

from typing import Any

from opslib.sandbox.capacity_quotas import QUOTA_SERVICES, QUOTAS, Quota, value_of
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError

__all__ = [
    "get_service_quota",
    "list_aws_default_service_quotas",
    "list_service_quotas",
    "list_services",
]

MOST_A_PAGE = 100


@op("service-quotas", "ListServices")
def list_services(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer servicequotas:ListServices: the same in every account."""
    assert caller.account
    services = [{"ServiceCode": code, "ServiceName": name} for code, name in QUOTA_SERVICES.items()]
    return _page("Services", services, asked)


@op("service-quotas", "ListServiceQuotas")
def list_service_quotas(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer servicequotas:ListServiceQuotas of a service."""
    plan = caller.scenario.capacity
    told = [
        _quota(quota, value_of(plan, quota, caller.region), caller)
        for quota in _of_service(asked["ServiceCode"])
        if asked.get("QuotaCode") in {None, quota.code}
    ]
    return _page("Quotas", told, asked)


@op("service-quotas", "ListAWSDefaultServiceQuotas")
def list_aws_default_service_quotas(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer servicequotas:ListAWSDefaultServiceQuotas of a service."""
    told = [_quota(quota, quota.default, caller) for quota in _of_service(asked["ServiceCode"])]
    return _page("Quotas", told, asked)


@op("service-quotas", "GetServiceQuota")
def get_service_quota(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer servicequotas:GetServiceQuota."""
    plan = caller.scenario.capacity
    for quota in _of_service(asked["ServiceCode"]):
        if quota.code == asked["QuotaCode"]:
            return {"Quota": _quota(quota, value_of(plan, quota, caller.region), caller)}
    raise AwsError("NoSuchResourceException", "The request failed because there is no such quota.")


def _of_service(code: str) -> list[Quota]:
    if code not in QUOTA_SERVICES:
        raise AwsError(
            "NoSuchResourceException",
            "The request failed because the specified service does not exist.",
        )
    return [quota for quota in QUOTAS if quota.service == code]


def _page(name: str, items: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(items, asked.get("NextToken"), size)
    return {name: page} | ({"NextToken": token} if token else {})


def _quota(quota: Quota, value: float, caller: Caller) -> dict[str, Any]:
    where = f"arn:aws:servicequotas:{caller.region}:{caller.account}"
    told: dict[str, Any] = {
        "ServiceCode": quota.service,
        "ServiceName": QUOTA_SERVICES[quota.service],
        "QuotaArn": f"{where}:{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": quota.adjustable,
        "GlobalQuota": False,
    }
    if quota.a_second:
        told["Period"] = {"PeriodValue": 1, "PeriodUnit": "SECOND"}
    if quota.usage is not None:
        namespace, metric, dimensions = quota.usage
        told["UsageMetric"] = {
            "MetricNamespace": namespace,
            "MetricName": metric,
            "MetricDimensions": dict(dimensions),
            "MetricStatisticRecommendation": quota.statistic,
        }
    return told
