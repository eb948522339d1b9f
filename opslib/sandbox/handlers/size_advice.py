"""What AWS's own services advise on sizes: Cost Explorer, Compute Optimizer, Optimization Hub.

The organization is opted in to all of them, but for Cost Optimization Hub in every other story.

Source: AWS Billing and Cost Management API Reference, GetRightsizingRecommendation,
ListEnrollmentStatuses and ListRecommendations; AWS Compute Optimizer API Reference,
GetEC2InstanceRecommendations and GetRDSDatabaseRecommendations.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from opslib.sandbox.estate import LAB, PAYER, hash_text
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.savings.planted import PlantedAdvice, PlantedResource

__all__ = [
    "get_database_recommendations",
    "get_instance_recommendations",
    "get_rightsizing_recommendation",
    "list_enrollment_statuses",
    "list_recommendations",
]

INSTANCES_A_PAGE, LISTED_A_PAGE = 4, 100
LOOK_BACK_HOURS = 7 * 24
TYPES = {"instance": "Ec2Instance", "database": "RdsDbInstance"}
Advised = tuple[PlantedResource, PlantedAdvice]


def _advised(caller: Caller, *kinds: str) -> Iterator[Advised]:
    """Yield what is advised on of the account for trials, where the caller may see it."""
    for one in caller.scenario.lab.resources if caller.account in {LAB, PAYER} else ():
        if one.kind in kinds and one.advice is not None:
            yield one, one.advice


def _here(caller: Caller, kind: str) -> list[Advised]:
    """Return the same of the caller's own account and region."""
    own = _advised(caller, kind) if caller.account == LAB else ()
    return [pair for pair in own if pair[0].region == caller.region]


@op("compute-optimizer", "GetEC2InstanceRecommendations")
def get_instance_recommendations(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer compute-optimizer:GetEC2InstanceRecommendations."""
    held = _here(caller, "instance")
    page, token = take_page(held, asked.get("nextToken"), INSTANCES_A_PAGE)
    told = {"instanceRecommendations": [_instance(*one) for one in page], "errors": []}
    return told | ({"nextToken": token} if token else {})


@op("compute-optimizer", "GetRDSDatabaseRecommendations")
def get_database_recommendations(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer compute-optimizer:GetRDSDatabaseRecommendations."""
    held = _here(caller, "database")
    page, token = take_page(held, asked.get("nextToken"), INSTANCES_A_PAGE)
    told = {"rdsDBRecommendations": [_database(*one) for one in page], "errors": []}
    return told | ({"nextToken": token} if token else {})


def _instance(one: PlantedResource, advice: PlantedAdvice) -> dict[str, Any]:
    options = [_option("instanceType", advice)] if advice.proposed else []
    return {
        "instanceArn": f"arn:aws:ec2:{one.region}:{LAB}:instance/{one.id}",
        "accountId": LAB,
        "instanceName": one.tags.get("Name", ""),
        "currentInstanceType": one.details["type"],
        "finding": "Overprovisioned" if advice.proposed else "Optimized",
        "utilizationMetrics": _measured("Cpu", "Memory", advice),
        "lookBackPeriodInDays": float(advice.look_back_days),
        "recommendationOptions": options,
        "instanceState": "running",
    }


def _database(one: PlantedResource, advice: PlantedAdvice) -> dict[str, Any]:
    options = [_option("dbInstanceClass", advice)] if advice.proposed else []
    return {
        "resourceArn": one.id,
        "accountId": LAB,
        "engine": "postgres",
        "currentDBInstanceClass": one.details["class"],
        "instanceFinding": "Overprovisioned" if advice.proposed else "Optimized",
        "utilizationMetrics": _measured("CPU", "Memory", advice),
        "lookbackPeriodInDays": float(advice.look_back_days),
        "instanceRecommendationOptions": options,
    }


def _measured(cpu: str, memory: str, advice: PlantedAdvice) -> list[dict[str, Any]]:
    names = (cpu, memory) if advice.sees_memory else (cpu,)
    return [{"name": name, "statistic": "Maximum", "value": 20.0} for name in names]


def _option(size: str, advice: PlantedAdvice) -> dict[str, Any]:
    saved = {"currency": "USD", "value": float(advice.saving)}
    opportunity = {"estimatedMonthlySavings": saved}
    return {size: advice.proposed, "rank": 1, "savingsOpportunity": opportunity}


@op("ce", "GetRightsizingRecommendation")
def get_rightsizing_recommendation(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetRightsizingRecommendation to the payer: what covered hours leave to save."""
    if caller.account != PAYER:
        said = "Rightsizing EC2 recommendation is an opt-in only feature of the PAYER account."
        raise AwsError("AccessDeniedException", said)
    held = [
        (one, advice)
        for one, advice in _advised(caller, "instance")
        if advice.in_cost_explorer and advice.proposed
    ]
    page, token = take_page(
        held, asked.get("NextPageToken"), asked.get("PageSize") or LISTED_A_PAGE
    )
    answer: dict[str, Any] = {
        "Metadata": {"LookbackPeriodInDays": "SEVEN_DAYS"},
        "RightsizingRecommendations": [_rightsizing(*one) for one in page],
    }
    return answer | ({"NextPageToken": token} if token else {})


def _rightsizing(one: PlantedResource, advice: PlantedAdvice) -> dict[str, Any]:
    covered = LOOK_BACK_HOURS * advice.covered_share
    saving = advice.saving * (1 - Decimal(str(advice.covered_share)))
    used = {"MaxCpuUtilizationPercentage": "20"}
    if advice.sees_memory:
        used["MaxMemoryUtilizationPercentage"] = "20"
    target = {
        "EstimatedMonthlySavings": f"{saving:.2f}",
        "CurrencyCode": "USD",
        "DefaultTargetInstance": True,
        "ResourceDetails": {"EC2ResourceDetails": {"InstanceType": advice.proposed}},
    }
    return {
        "AccountId": LAB,
        "CurrentInstance": {
            "ResourceId": one.id,
            "InstanceName": one.tags.get("Name", ""),
            "ResourceDetails": {"EC2ResourceDetails": {"InstanceType": one.details["type"]}},
            "ResourceUtilization": {"EC2ResourceUtilization": used},
            "SavingsPlansCoveredHoursInLookbackPeriod": f"{covered:g}",
            "TotalRunningHoursInLookbackPeriod": f"{LOOK_BACK_HOURS}",
            "CurrencyCode": "USD",
        },
        "RightsizingType": "MODIFY",
        "ModifyRecommendationDetail": {"TargetInstances": [target]},
    }


@op("cost-optimization-hub", "ListEnrollmentStatuses")
def list_enrollment_statuses(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer cost-optimization-hub:ListEnrollmentStatuses of the caller's account."""
    del asked
    status = "Active" if _is_enrolled(caller) else "Inactive"
    return {"items": [{"accountId": caller.account, "status": status}]}


def _is_enrolled(caller: Caller) -> bool:
    return caller.scenario.seed % 2 == 0


@op("cost-optimization-hub", "ListRecommendations")
def list_recommendations(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer cost-optimization-hub:ListRecommendations by type of resource."""
    if not _is_enrolled(caller):
        raise AwsError("AccessDeniedException", "the account is not enrolled")
    wanted = (asked.get("filter") or {}).get("resourceTypes") or list(TYPES.values())
    held = [
        (one, advice)
        for one, advice in _advised(caller, *TYPES)
        if advice.proposed and TYPES[one.kind] in wanted
    ]
    size = asked.get("maxResults") or LISTED_A_PAGE
    page, token = take_page(held, asked.get("nextToken"), size)
    return {"items": [_listed(*one) for one in page]} | ({"nextToken": token} if token else {})


def _listed(one: PlantedResource, advice: PlantedAdvice) -> dict[str, Any]:
    is_instance = one.kind == "instance"
    arn = f"arn:aws:ec2:{one.region}:{LAB}:instance/{one.id}" if is_instance else one.id
    return {
        "recommendationId": f"{hash_text(one.id):x}",
        "accountId": LAB,
        "region": one.region,
        "resourceId": one.id.rpartition(":")[2],
        "resourceArn": arn,
        "currentResourceType": TYPES[one.kind],
        "recommendedResourceType": TYPES[one.kind],
        "recommendedResourceSummary": advice.proposed,
        "estimatedMonthlySavings": float(advice.saving),
        "currencyCode": "USD",
        "actionType": "Rightsize",
        "source": "ComputeOptimizer",
    }
