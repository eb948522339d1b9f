"""What quotas are called: their names alone do not tell whose they are."""

from __future__ import annotations

from opslib.wording import printable

__all__ = ["quota_words"]

SERVICES = {
    "autoscaling": "EC2 Auto Scaling",
    "dynamodb": "DynamoDB",
    "ebs": "EBS",
    "ec2": "EC2",
    "ecs": "ECS",
    "eks": "EKS",
    "elasticache": "ElastiCache",
    "elasticloadbalancing": "Elastic Load Balancing",
    "fargate": "Fargate",
    "lambda": "Lambda",
    "rds": "RDS",
    "vpc": "VPC",
}
"""AWS's names of the services by Service Quotas' codes; others are called by their code."""


def quota_words(service: str, name: str) -> str:
    """Return a quota's name with its service, unless the name says it.

    Args:
        service: code of Service Quotas.
        name: of the quota, as AWS calls it.

    >>> quota_words("lambda", "Concurrent executions")
    'Concurrent executions of Lambda'
    >>> quota_words("fargate", "Fargate On-Demand vCPU resource count")
    'Fargate On-Demand vCPU resource count'
    """
    told = SERVICES.get(service, printable(service))
    said = printable(name)
    return said if told.lower() in said.lower() else f"{said} of {told}"
