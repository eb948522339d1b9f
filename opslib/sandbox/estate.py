"""The accounts of the sandbox and what they pay for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

__all__ = [
    "ACCOUNTS",
    "EAST",
    "EC2",
    "ECS",
    "ELB",
    "IRELAND",
    "LAB",
    "MEMBERS",
    "PAYER",
    "PRODUCTION",
    "RDS",
    "S3",
    "STAGING",
    "VPC",
    "Resource",
    "Template",
    "list_resources",
    "make_tiny_resource",
]

PAYER, PRODUCTION, STAGING = "111111111111", "222222222222", "333333333333"
LAB = "555555555555"
ACCOUNTS = {PAYER: "acme-payer", PRODUCTION: "acme-production", STAGING: "acme-staging"}
"""Those that run the shop."""
MEMBERS = {**ACCOUNTS, LAB: "acme-lab"}
"""All of the organization: the last is for trials, and nobody tidies it up."""
EAST, IRELAND = "us-east-1", "eu-west-1"
PROJECTS = ("shop", "search", "payments", "mobile")

EC2 = "Amazon Elastic Compute Cloud"
RDS = "Amazon Relational Database Service"
ECS = "Amazon Elastic Container Service"
VPC = "Amazon Virtual Private Cloud"
ELB = "Elastic Load Balancing"
S3 = "Amazon Simple Storage Service"


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of charge, for several alike resources.

    Args:
        service: FOCUS ServiceName.
        meter: usage type.
        unit: pricing unit.
        price: USD per unit, as decimal text.
        daily: units a resource uses on a weekday.
        count: resources of this kind.
        name: how resource ids begin.
        weekend: use at weekends as a share of a weekday's.
        noise: standard deviation of a day's use, relative.
        growth: growth a week, relative.
        covered: paid for by the Savings Plan.
    """

    service: str
    meter: str
    unit: str
    price: str
    daily: float
    count: int
    name: str
    weekend: float = 0.9
    noise: float = 0.03
    growth: float = 0.0
    covered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource that is charged, and what becomes of it.

    Args:
        template: what is charged.
        id: its name within the estate, by which its noise is drawn.
        account: the account that uses it.
        region: its region; empty for global services.
        environment: value of tag Environment.
        project: value of tag Project; empty when it was never tagged.
        first_day: first day charged; None for always.
        last_day: last day charged; None for still.
        untagged_from: day from which tag Project is gone.
        scale: use relative to the template.
    """

    template: Template
    id: str
    account: str
    region: str
    environment: str
    project: str
    first_day: date | None = None
    last_day: date | None = None
    untagged_from: date | None = None
    scale: float = field(default=1.0)


LARGE = (
    Template(EC2, "BoxUsage:m6i.2xlarge", "Hrs", "0.384", 24, 8, "i-0a"),
    Template(EC2, "BoxUsage:c6i.4xlarge", "Hrs", "0.68", 24, 5, "i-0b"),
    Template(EC2, "EUW1-BoxUsage:r6i.2xlarge", "Hrs", "0.564", 24, 5, "i-0c"),
    Template(
        RDS, "Aurora:ServerlessV2Usage", "ACU-Hr", "0.12", 240, 3, "cluster:orders", 0.7, 0.06
    ),
    Template(RDS, "InstanceUsage:db.r6g.8xl", "Hrs", "3.6", 24, 1, "db:ledger", 1.0, 0.0),
    Template("Amazon Redshift", "Node:ra3.4xlarge", "Hrs", "3.26", 24, 1, "cluster:bi", 1.0, 0.0),
    Template(
        "Amazon OpenSearch Service", "ESInstance:r6g.4xlarge", "Hrs", "0.67", 96, 1, "domain/logs"
    ),
    Template(
        "Amazon ElastiCache", "NodeUsage:cache.r7g.2xlarge", "Hrs", "0.7", 48, 2, "valkey:cart"
    ),
    Template(
        ECS,
        "USE1-Fargate-vCPU-Hours:perCPU",
        "hours",
        "0.04048",
        360,
        5,
        "service/web",
        0.75,
        0.05,
        0.0,
        True,
    ),
    Template(VPC, "NatGateway-Bytes", "GB", "0.045", 500, 3, "natgateway/nat-0", 0.7, 0.06),
    Template(
        "AWS Data Transfer",
        "DataTransfer-Out-Bytes",
        "GB",
        "0.09",
        300,
        3,
        "egress/edge",
        0.7,
        0.06,
    ),
    Template(
        "Amazon CloudFront",
        "US-DataTransfer-Out-Bytes",
        "GB",
        "0.085",
        900,
        1,
        "distribution/E1",
        0.65,
        0.06,
    ),
    Template(
        "AWS Lambda",
        "Lambda-GB-Second",
        "Second",
        "0.000017",
        1_200_000,
        3,
        "function:resize",
        0.6,
        0.06,
    ),
    Template(
        "AmazonCloudWatch",
        "DataProcessing-Bytes",
        "GB",
        "0.5",
        40,
        3,
        "log-group:/ecs/web",
        0.8,
        0.05,
    ),
    Template(
        "Amazon DynamoDB",
        "WriteRequestUnits",
        "WriteRequestUnits",
        "0.00000125",
        13_000_000,
        3,
        "table/sessions",
        0.7,
        0.06,
    ),
    Template(S3, "TimedStorage-ByteHrs", "GB-Mo", "0.023", 520, 4, "acme-data", 1.0, 0.005, 0.01),
)
"""Kinds that make several per cent of the bill each, alone or together."""

SMALL = (
    Template(EC2, "EBS:VolumeUsage.gp3", "GB-Mo", "0.08", 16.5, 9, "vol-0a", 1.0, 0.0),
    Template(EC2, "EBS:SnapshotUsage", "GB-Mo", "0.05", 40, 3, "snap-0a", 1.0, 0.01, 0.01),
    Template(
        ECS,
        "USE1-Fargate-GB-Hours",
        "hours",
        "0.004445",
        720,
        5,
        "service/web",
        0.75,
        0.05,
        0.0,
        True,
    ),
    Template(VPC, "NatGateway-Hours", "Hrs", "0.045", 24, 3, "natgateway/nat-0", 1.0, 0.0),
    Template(ELB, "LoadBalancerUsage", "Hrs", "0.0225", 24, 3, "loadbalancer/app/web", 1.0, 0.0),
    Template(ELB, "LCUUsage", "LCU-Hrs", "0.008", 160, 3, "loadbalancer/app/web", 0.7, 0.06),
    Template(
        RDS, "Aurora:StorageIOUsage", "IOs", "0.0000002", 9_000_000, 3, "cluster:orders", 0.7, 0.06
    ),
    Template(S3, "Requests-Tier1", "Requests", "0.000005", 240_000, 4, "acme-data", 0.8, 0.05),
    Template(
        "AWS Secrets Manager",
        "USE1-AWSSecretsManager-Secrets",
        "Secrets",
        "0.4",
        0.6,
        3,
        "secret:db",
        1.0,
        0.0,
    ),
    Template(
        "AWS Key Management Service",
        "us-east-1-KMS-Requests",
        "Requests",
        "0.000003",
        300_000,
        2,
        "key/main",
        0.8,
        0.05,
    ),
    Template(
        "AmazonCloudWatch", "CW:MetricMonitorUsage", "Metrics", "0.3", 20, 2, "metrics", 1.0, 0.01
    ),
)

AUTOSCALED = Template(EC2, "BoxUsage:c6g.xlarge", "Hrs", "0.136", 24, 1, "i-0f", 1.0, 0.0)
"""Instances that live a day: `opslib.sandbox.billing` makes new ones every day."""

BATCH = Template(
    "Amazon SageMaker", "Train:ml.p3.2xlarge", "Hrs", "3.825", 30, 1, "training-job/rank"
)
"""A job that runs now and then: `opslib.sandbox.billing` draws when, and for how long."""

FRESH = (
    Template(EC2, "BoxUsage:g5.12xlarge", "Hrs", "5.672", 24, 1, "i-0new", 1.0, 0.0),
    Template(
        "Amazon SageMaker", "Host:ml.g5.8xlarge", "Hrs", "3.06", 48, 1, "endpoint/rank", 1.0, 0.0
    ),
    Template(
        "Amazon EMR", "BoxUsage:r6g.16xlarge", "Hrs", "0.27", 360, 1, "cluster/j-1", 1.0, 0.02
    ),
)
"""Kinds that no resource of the estate has yet."""


TINY = Template(EC2, "EBS:VolumeUsage.gp2", "GB-Mo", "0.1", 0.3, 1, "vol-0tiny", 1.0, 0.0)
"""A volume too small to speak of, that appears in the report's week: no finding names it."""


def make_tiny_resource(first_day: date) -> Resource:
    """Return the resource that appears and does not matter."""
    return replace(_resource(TINY, 0, 0), first_day=first_day)


def list_resources() -> list[Resource]:
    """Return the estate: every template's resources over accounts, regions and projects."""
    return [
        _resource(template, place, number)
        for place, template in enumerate((*LARGE, *SMALL))
        for number in range(template.count)
    ]


def _resource(template: Template, place: int, number: int) -> Resource:
    account = (PRODUCTION, PRODUCTION, STAGING, PRODUCTION, PAYER)[(place + number) % 5]
    region = IRELAND if template.meter.startswith("EUW1-") else EAST
    environment = {PRODUCTION: "prod", STAGING: "staging", PAYER: "shared"}[account]
    project = "platform" if account == PAYER else PROJECTS[(place * 3 + number) % len(PROJECTS)]
    return Resource(
        template=template,
        id=_identity(template, region, account, number),
        account=account,
        region="" if template.service == "Amazon CloudFront" else region,
        environment=environment,
        project="" if template.meter == "CW:MetricMonitorUsage" else project,
    )


def _identity(template: Template, region: str, account: str, number: int) -> str:
    if template.name.startswith(("i-0", "vol-0", "snap-0")):
        return f"{template.name}{number:02d}{abs(hash_text(template.meter)) % 16**12:012x}"
    if template.service == S3:
        return f"{template.name}-{number}"
    service = template.service.split()[-1].lower()
    return f"arn:aws:{service}:{region}:{account}:{template.name}-{number}"


def hash_text(text: str) -> int:
    """Return a number that is the same in every process, unlike ``hash``."""
    value = 5381
    for character in text:
        value = (value * 33 + ord(character)) % 2**61
    return value
