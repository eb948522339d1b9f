"""What people and machines of an account do on ordinary days: operations, weights, parameters."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ACCOUNT", "BY_ADMINS", "BY_PEOPLE", "BY_TERRAFORM", "PIPELINE", "PROJECT", "Operation"]

ACCOUNT = "111122223333"
PARTNER = "464622532012"
"""A known outsider, whose role Terraform makes over and over."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call that is made in the ordinary course of things.

    Args:
        service: without ``.amazonaws.com``.
        name: of the operation.
        weight: how often it is chosen among others.
        parameters: of the request.
    """

    service: str
    name: str
    weight: float = 1.0
    parameters: dict[str, Any] = field(default_factory=dict)


def _listed(text: str) -> list[Operation]:
    """Return the operations of lines ``service: Name weight, Name weight``."""
    found = []
    for line in text.strip().splitlines():
        service, _, calls = line.strip().partition(": ")
        for call in calls.split(", "):
            name, _, weight = call.partition(" ")
            found.append(Operation(service, name, float(weight or 1)))
    return found


def _policy(action: str, principal: object = None) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    if principal is not None:
        statement["Principal"] = principal  # type: ignore[assignment]
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _trust(who: str, name: str) -> dict[str, str]:
    return {"assumeRolePolicyDocument": _policy("sts:AssumeRole", {who: name})}


def _open_to(cidr: str, port: int) -> dict[str, Any]:
    rule = {"fromPort": port, "toPort": port, "ipRanges": {"items": [{"cidrIp": cidr}]}}
    return {"groupId": "sg-01", "ipPermissions": {"items": [rule]}}


def _shared_with(account: str) -> dict[str, Any]:
    return {"createVolumePermission": {"add": {"items": [{"userId": account}]}}}


HIDDEN = {"value": "HIDDEN_DUE_TO_SECURITY_REASONS"}
BY_PEOPLE = [
    *_listed("""
        ec2: CreateTags 10, StopInstances 5, StartInstances 5, RebootInstances 2, DeleteVolume
        ec2: TerminateInstances 3, RevokeSecurityGroupIngress 3, CreateSnapshot 3, CreateImage
        ec2: DeleteSnapshot 2, CreateKeyPair 0.5, ModifySecurityGroupRules, ModifyInstanceAttribute
        s3: CreateBucket, PutBucketTagging, DeleteBucket 0.5, PutBucketLifecycle 0.5
        monitoring: PutMetricAlarm 3, DeleteAlarms, DisableAlarmActions 0.5, PutDashboard 4
        logs: CreateLogGroup, DeleteLogGroup 0.7, PutRetentionPolicy, StartQuery 20
        athena: StartQueryExecution 20
        lambda: UpdateFunctionConfiguration20150331v2 3, CreateFunction20150331 0.7
        lambda: UpdateFunctionCode20150331v2 3
        ssm: StartSession 4, TerminateSession 4, SendCommand 0.7
        secretsmanager: PutSecretValue, CreateSecret 0.5
        rds: ModifyDBInstance, CreateDBSnapshot, RebootDBInstance 0.5
        rds: RestoreDBInstanceFromDBSnapshot 0.3
        dynamodb: UpdateTable, CreateTable 0.3
        sqs: CreateQueue 0.5, PurgeQueue 0.3
        events: PutRule, DisableRule 0.5
        ecs: UpdateService 3, ExecuteCommand, StopTask
        sns: Subscribe 0.7
        route53: ChangeResourceRecordSets
        states: StartExecution 2
        glue: StartJobRun 2
        codepipeline: StartPipelineExecution 2
        codecommit: GitPush 3
        cloudformation: CreateChangeSet, DeleteStack 0.3
        wafv2: UpdateIPSet 0.4
        acm: RequestCertificate 0.3
        kms: CreateKey 0.2
        budgets: ModifyBudget 0.2
        support: CreateCase 0.1
    """),
    Operation("ec2", "RunInstances", 3, {"userData": "<sensitiveDataRemoved>"}),
    Operation("ec2", "AuthorizeSecurityGroupIngress", 4, _open_to("81.2.3.4/32", 22)),
    Operation("ec2", "CreateRoute", 0.3, {"destinationCidrBlock": "0.0.0.0/0"}),
    Operation("ssm", "PutParameter", 3, HIDDEN),
]
BY_ADMINS = [
    *_listed("""
        iam: CreateAccessKey 0.7, DeleteAccessKey 0.7, CreateUser 0.3, CreateLoginProfile 0.3
        iam: DeleteUser 0.2, DetachRolePolicy 0.3, AddUserToGroup 0.3
        config: PutConfigRule 0.3
        guardduty: ArchiveFindings, CreateFilter 0.2
        cloudtrail: StartQuery
        kms: ScheduleKeyDeletion 0.1
        sso: CreateAccountAssignment 0.5
        ec2: CreateFlowLogs 0.1, DeleteFlowLogs 0.05
    """),
    Operation("iam", "CreatePolicyVersion", 0.7, {"policyDocument": _policy("s3:*")}),
    Operation("iam", "UpdateAssumeRolePolicy", 0.3, _trust("Service", "ec2.amazonaws.com")),
    Operation(
        "iam",
        "AttachRolePolicy",
        0.7,
        {"policyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess", "roleName": "x"},
    ),
    Operation("ec2", "ModifySnapshotAttribute", 0.2, _shared_with(ACCOUNT)),
    Operation("ec2", "ModifyImageAttribute", 0.3, _shared_with("222233334444")),
]
BY_TERRAFORM = [
    *_listed("""
        ec2: CreateSecurityGroup, RevokeSecurityGroupEgress, DeleteSecurityGroup, CreateTags
        iam: CreateInstanceProfile, DeletePolicy
        s3: PutBucketEncryption, PutBucketVersioning, PutBucketPublicAccessBlock
        rds: ModifyDBInstance
        monitoring: PutMetricAlarm
        logs: PutRetentionPolicy
        elasticloadbalancing: CreateListener
        route53: ChangeResourceRecordSets
        sqs: SetQueueAttributes
        cloudtrail: UpdateTrail 0.05
    """),
    Operation("ec2", "AuthorizeSecurityGroupIngress", 1, _open_to("0.0.0.0/0", 443)),
    Operation("iam", "CreateRole", 1, _trust("AWS", f"arn:aws:iam::{PARTNER}:root")),
    Operation("iam", "CreateRole", 1, _trust("Service", "ecs-tasks.amazonaws.com")),
    Operation("iam", "PutRolePolicy", 1, {"policyDocument": _policy("dynamodb:*")}),
    Operation("kms", "PutKeyPolicy", 1, {"policy": _policy("kms:*", {"AWS": ACCOUNT})}),
    Operation("ec2", "CreateLaunchTemplateVersion", 1, {"userData": "<sensitiveDataRemoved>"}),
]
PIPELINE = _listed("""
    ecr: PutImage
    ecs: RegisterTaskDefinition, UpdateService
    lambda: UpdateFunctionCode20150331v2, PublishVersion20150331
    cloudformation: ExecuteChangeSet
""")
"""What a deployment calls, in its order."""
PROJECT = [
    Operation("iam", "CreateRole", 1, _trust("AWS", f"arn:aws:iam::{ACCOUNT}:root")),
    Operation(
        "iam",
        "AttachRolePolicy",
        1,
        {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "roleName": "setup"},
    ),
    *_listed("""
        s3: CreateBucket, PutBucketVersioning
        ecr: CreateRepository
        kinesis: CreateStream
        opensearch: CreateDomain
        codebuild: CreateProject
        iam: CreateOpenIDConnectProvider
        kms: CreateKey, CreateAlias
        ec2: CreateVpc, CreateSubnet, CreateInternetGateway, AttachInternetGateway
    """),
    Operation("ec2", "CreateRoute", 1, {"destinationCidrBlock": "0.0.0.0/0"}),
]
"""What a person calls once who sets a project up."""
