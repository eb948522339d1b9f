"""What goes on in an account on any day, by CloudTrail: most of it reading, none of it to blame.

Rotations of secrets, Terraform's plans and now and then an apply, people looking at the console,
backups, autoscaling's own reading, and content that is put every day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.rotations import rotations_of_day
from opslib.sandbox.shop import (
    CLUSTER,
    SERVICES,
    security_group,
    service_arn,
)
from opslib.sandbox.shop_history import ScalingStep
from opslib.sandbox.shop_people import (
    AUTOSCALING,
    CONTENT,
    ECS,
    PEOPLE,
    TERRAFORM,
    TERRAFORM_APPLY,
    person,
)

__all__ = ["ordinary_day", "scaling_call"]

PLAN_HOURS = (9.3, 15.1)
SATURDAY = 5
APPLIES_A_WEEK = 2
PLAN_READS = (
    ("ec2", "DescribeVpcs"),
    ("ec2", "DescribeSecurityGroups"),
    ("ec2", "DescribeSubnets"),
    ("ecs", "DescribeServices"),
    ("ecs", "DescribeTaskDefinition"),
    ("rds", "DescribeDBClusters"),
    ("iam", "GetRole"),
    ("iam", "ListAttachedRolePolicies"),
    ("elasticloadbalancing", "DescribeTargetGroups"),
    ("lambda", "GetFunction20150331v2"),
    ("ssm", "DescribeParameters"),
    ("s3", "GetBucketPolicy"),
)
CONSOLE_READS = (
    ("ecs", "ListServices"),
    ("ecs", "DescribeServices"),
    ("ecs", "DescribeTasks"),
    ("monitoring", "DescribeAlarms"),
    ("monitoring", "ListDashboards"),
    ("logs", "DescribeLogGroups"),
    ("rds", "DescribeDBInstances"),
    ("ec2", "DescribeInstances"),
    ("health", "DescribeEventAggregates"),
)
APPLIED = (
    ("ec2", "CreateTags", "AWS::EC2::SecurityGroup"),
    ("ecs", "TagResource", "AWS::ECS::Service"),
    ("rds", "AddTagsToResource", "AWS::RDS::DBCluster"),
    ("iam", "TagRole", "AWS::IAM::Role"),
    ("ssm", "PutParameter", "AWS::SSM::Parameter"),
    ("ec2", "AuthorizeSecurityGroupIngress", "AWS::EC2::SecurityGroup"),
    ("rds", "ModifyDBCluster", "AWS::RDS::DBCluster"),
    ("autoscaling", "RegisterScalableTarget", ""),
    ("lambda", "UpdateFunctionConfiguration20150331v2", "AWS::Lambda::Function"),
)


@dataclass(frozen=True, slots=True)
class _Day:
    account: str
    midnight: datetime
    chance: np.random.Generator

    def at(self, hour: float, minutes: float = 0.0) -> datetime:
        """Return a moment of the day, moved at random by up to so many minutes."""
        moved = 60 * self.chance.uniform(0, minutes) if minutes else 0.0
        return self.midnight + timedelta(seconds=int(3600 * hour + moved))

    def some(self, names: tuple[str, ...]) -> str:
        """Return one of several names."""
        return names[int(self.chance.integers(len(names)))]


def ordinary_day(seed: int, account: str, midnight: datetime) -> list[ApiCall]:
    """Return what goes on in an account from a midnight to the next; the same every time."""
    chance = np.random.default_rng([seed, int(account), midnight.toordinal()])
    day = _Day(account, midnight, chance)
    calls = [*rotations_of_day(account, midnight), *_plans(day), *_console(day), *_services(day)]
    if account == PRODUCTION:
        calls += [*_content(day), *_applies(day)]
    return calls


def _read(
    day: _Day, at: datetime, who: Principal, called: tuple[str, str], error: str = ""
) -> ApiCall:
    parameters: dict[str, Any] = {"maxResults": int(day.chance.integers(1, 100))}
    return ApiCall(
        at=at,
        account=day.account,
        principal=who,
        source=called[0],
        name=called[1],
        parameters=parameters,
        read_only=True,
        error=error,
    )


def _plans(day: _Day) -> Iterator[ApiCall]:
    for hour in PLAN_HOURS:
        begun = day.at(hour, 20)
        for number in range(4 * len(PLAN_READS)):
            called = PLAN_READS[number % len(PLAN_READS)]
            yield _read(day, begun + timedelta(seconds=number), TERRAFORM, called)


def _console(day: _Day) -> Iterator[ApiCall]:
    weekend = day.midnight.weekday() >= SATURDAY
    for name in PEOPLE[: 1 if weekend or day.account != PRODUCTION else 3]:
        begun = day.at(8.5, 400)
        who = person(name)
        yield ApiCall(
            at=begun,
            account=day.account,
            principal=who,
            source="signin",
            name="ConsoleLogin",
            response={"ConsoleLogin": "Success"},
        )
        for number in range(int(day.chance.integers(8, 20))):
            called = CONSOLE_READS[int(day.chance.integers(len(CONSOLE_READS)))]
            refused = "AccessDenied" if day.chance.random() < 0.03 else ""  # noqa: PLR2004
            at = begun + timedelta(seconds=int(17 * (number + 1) + day.chance.integers(12)))
            yield _read(day, at, who, called, refused)


def _services(day: _Day) -> Iterator[ApiCall]:
    """Yield what AWS's services do by themselves."""
    for hour in range(24):
        yield _read(day, day.at(hour, 55), AUTOSCALING, ("monitoring", "DescribeAlarms"))
        yield _read(day, day.at(hour, 55), ECS, ("sts", "AssumeRole"))
    backup = Principal(
        role="aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup",
        session="backup",
        service="backup.amazonaws.com",
    )
    for night, batch in ((3.0, "StartBackupJob"), (3.4, "CreateDBClusterSnapshot")):
        yield ApiCall(
            at=day.at(night, 9),
            account=day.account,
            principal=backup,
            source="backup" if batch == "StartBackupJob" else "rds",
            name=batch,
            resource="orders",
            resource_type="AWS::RDS::DBCluster",
            parameters={"dBClusterIdentifier": "orders"},
        )
    for begun in (3.1, 11.1):
        yield ApiCall(
            at=day.at(begun),
            account=day.account,
            principal=Principal(role="run-reports", session="reports", agent="Boto3/1.42.1"),
            source="ecs",
            name="RunTask",
            resource="batch",
            resource_type="AWS::ECS::Cluster",
            parameters={"cluster": "batch", "taskDefinition": "reports", "count": 1},
        )


def _content(day: _Day) -> Iterator[ApiCall]:
    for number in range(int(day.chance.integers(1, 4))):
        name = "/shop/web/banner"
        yield ApiCall(
            at=day.at(8.2 + 4 * number, 200),
            account=day.account,
            principal=CONTENT,
            source="ssm",
            name="PutParameter",
            resource=name,
            resource_type="AWS::SSM::Parameter",
            parameters={"name": name, "value": "HIDDEN_DUE_TO_SECURITY_REASONS"},
            response={"version": 900 + number},
        )


def _applies(day: _Day) -> Iterator[ApiCall]:
    """Yield what Terraform applies: some weekdays, and nothing at weekends."""
    applies = day.chance.random() < APPLIES_A_WEEK / SATURDAY
    if day.midnight.weekday() >= SATURDAY or not applies:
        return
    begun = day.at(10, 300)
    for number in range(int(day.chance.integers(2, 6))):
        source, call, kind = APPLIED[int(day.chance.integers(len(APPLIED)))]
        service = day.some(SERVICES)
        named = _applied_to(kind, service, day.account)
        yield ApiCall(
            at=begun + timedelta(seconds=3 * number),
            account=day.account,
            principal=TERRAFORM_APPLY,
            source=source,
            name=call,
            resource=next(iter(named.values())),
            resource_type=kind,
            parameters=named,
        )


def _applied_to(kind: str, service: str, account: str) -> dict[str, Any]:
    return {
        "AWS::EC2::SecurityGroup": {"groupId": security_group(service)},
        "AWS::ECS::Service": {"resourceArn": service_arn(service, account)},
        "AWS::RDS::DBCluster": {"dBClusterIdentifier": "orders"},
        "AWS::IAM::Role": {"roleName": f"{service}-task"},
        "AWS::SSM::Parameter": {"name": f"/shop/{service}/flags"},
        "AWS::Lambda::Function": {"functionName": "receipt"},
    }.get(kind, {"resourceId": f"service/{CLUSTER}/{service}", "serviceNamespace": "ecs"})


def scaling_call(step: ScalingStep) -> ApiCall:
    """Return the call by which autoscaling takes a step."""
    return ApiCall(
        at=step.at,
        account=step.account,
        principal=AUTOSCALING,
        source="ecs",
        name="UpdateService",
        resource=step.service,
        resource_type="AWS::ECS::Service",
        parameters={"cluster": CLUSTER, "service": step.service, "desiredCount": step.after},
        response={"service": {"serviceName": step.service, "desiredCount": step.after}},
    )
