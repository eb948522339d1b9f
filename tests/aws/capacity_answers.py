"""An account whose capacity is read: nothing in it but what a test says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from opslib.aws.capacity import read_capacity_tables
from opslib.aws.reads import Reads
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityTables
from tests.aws.model_clients import ModelConnection, model_reads

ACCOUNT = "222222222222"
REGION = "us-east-1"
AS_OF = "2026-03-02T06:00:00Z"
NO_BILL: dict[str, Any] = {"ResultsByTime": []}
EMPTY: Mapping[str, Mapping[str, Any]] = {
    "application-autoscaling": {
        "DescribeScalableTargets": {"ScalableTargets": []},
        "DescribeScalingPolicies": {"ScalingPolicies": []},
        "DescribeScalingActivities": {"ScalingActivities": []},
    },
    "autoscaling": {
        "DescribeAutoScalingGroups": {"AutoScalingGroups": []},
        "DescribePolicies": {"ScalingPolicies": []},
        "DescribeScalingActivities": {"Activities": []},
    },
    "ce": {"GetCostAndUsage": NO_BILL},
    "cloudwatch": {
        "GetMetricData": lambda **asked: metric_data(asked),
        "ListMetrics": {"Metrics": []},
    },
    "dynamodb": {"ListTables": {"TableNames": []}},
    "ec2": {
        "DescribeInstances": {"Reservations": []},
        "DescribeInstanceTypes": {"InstanceTypes": []},
        "DescribeNatGateways": {"NatGateways": []},
        "DescribeSubnets": {"Subnets": []},
        "DescribeVolumes": {"Volumes": []},
    },
    "ecs": {"ListClusters": {"clusterArns": []}},
    "eks": {"ListClusters": {"clusters": []}},
    "elasticache": {"DescribeCacheClusters": {"CacheClusters": []}},
    "elbv2": {
        "DescribeLoadBalancers": {"LoadBalancers": []},
        "DescribeTargetGroups": {"TargetGroups": []},
    },
    "lambda": {
        "ListFunctions": {"Functions": []},
        "GetAccountSettings": {"AccountLimit": {"ConcurrentExecutions": 1000}},
    },
    "rds": {
        "DescribeDBClusters": {"DBClusters": []},
        "DescribeDBInstances": {"DBInstances": []},
    },
    "service-quotas": {
        "ListServiceQuotas": {"Quotas": []},
        "ListAWSDefaultServiceQuotas": {"Quotas": []},
    },
}


def metric_data(asked: dict[str, Any], most: int = 3) -> dict[str, Any]:
    """Answer a few datapoints of every metric that is asked for: 1, 2, 3, ..."""
    results = []
    for query in asked["MetricDataQueries"]:
        period = timedelta(seconds=query["MetricStat"]["Period"])
        moments = [asked["StartTime"] + place * period for place in range(most)]
        values = [float(place + 1) for place in range(most)]
        results.append({"Id": query["Id"], "StatusCode": "Complete"})
        results[-1] |= {"Timestamps": moments, "Values": values}
    return {"MetricDataResults": results}


def account_with(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the empty account's answers with those of a test in their place."""
    return {
        service: {**EMPTY.get(service, {}), **answers.get(service, {})}
        for service in {*EMPTY, *answers}
    }


def open_capacity(
    folder: Path, answers: Mapping[str, Mapping[str, Any]], **values: Any
) -> tuple[Reads, ModelConnection, CapacityParameters]:
    """Return a read context of capacity's parameters, whose clients answer as told."""
    given = {
        "environment": "test",
        "as_of": AS_OF,
        "accounts": [{"id": ACCOUNT, "name": "acme", "regions": [REGION]}],
        "history_days": 14,
        "horizon_days": 7,
        **values,
    }
    parameters = CapacityParameters.parse(given)
    reads, connection = model_reads(folder, account_with(answers))
    reads.parameters = parameters
    return reads, connection, parameters


def read_capacity(
    folder: Path, answers: Mapping[str, Mapping[str, Any]], **values: Any
) -> tuple[CapacityTables, Reads, ModelConnection]:
    """Read an account that answers as told."""
    reads, connection, parameters = open_capacity(folder, answers, **values)
    return read_capacity_tables(reads, parameters), reads, connection


def arn(service: str, what: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{what}"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
