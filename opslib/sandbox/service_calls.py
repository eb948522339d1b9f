"""The calls that make, alter and remove the resources of a bill, as CloudTrail names them.

Source: API references of the services; eventName and eventSource of each as CloudTrail User
Guide's pages of supported services have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.estate import EAST, EC2, ECS, RDS, S3, VPC, Resource
from opslib.sandbox.resource_ids import billed_id, kind_of, name_of

__all__ = ["ServiceCalls", "call_on", "calls_of"]


@dataclass(frozen=True, slots=True)
class ServiceCalls:
    """How one kind of resource is spoken of.

    Args:
        source: first part of CloudTrail's eventSource.
        created, altered, deleted, tagged, read: calls.
        key: member of a request that names the resource.
        type: of the resource, as LookupEvents names it.
        answered: members of the response that lead to the resource's id; empty for none.
    """

    source: str
    created: str
    altered: str
    deleted: str
    tagged: str
    read: str
    key: str
    type: str
    answered: tuple[str, ...] = ()

    def name(self, deed: str) -> str:
        """Return the call of a deed: created, altered, deleted, tagged or read."""
        return {
            "created": self.created,
            "altered": self.altered,
            "deleted": self.deleted,
            "tagged": self.tagged,
            "read": self.read,
        }[deed]


CALLS: dict[tuple[str, str], ServiceCalls] = {
    (EC2, ""): ServiceCalls(
        "ec2",
        "RunInstances",
        "StartInstances",
        "TerminateInstances",
        "CreateTags",
        "DescribeInstances",
        "instancesSet",
        "AWS::EC2::Instance",
        ("instancesSet",),
    ),
    (RDS, "cluster"): ServiceCalls(
        "rds",
        "CreateDBCluster",
        "ModifyDBCluster",
        "DeleteDBCluster",
        "AddTagsToResource",
        "DescribeDBClusters",
        "dBClusterIdentifier",
        "AWS::RDS::DBCluster",
        ("dBClusterArn",),
    ),
    (RDS, "db"): ServiceCalls(
        "rds",
        "CreateDBInstance",
        "ModifyDBInstance",
        "DeleteDBInstance",
        "AddTagsToResource",
        "DescribeDBInstances",
        "dBInstanceIdentifier",
        "AWS::RDS::DBInstance",
        ("dBInstanceArn",),
    ),
    ("Amazon Redshift", "cluster"): ServiceCalls(
        "redshift",
        "CreateCluster",
        "ResizeCluster",
        "DeleteCluster",
        "CreateTags",
        "DescribeClusters",
        "clusterIdentifier",
        "AWS::Redshift::Cluster",
    ),
    ("Amazon OpenSearch Service", "domain"): ServiceCalls(
        "es",
        "CreateDomain",
        "UpdateDomainConfig",
        "DeleteDomain",
        "AddTags",
        "DescribeDomain",
        "domainName",
        "AWS::OpenSearch::Domain",
        ("domainStatus", "aRN"),
    ),
    ("Amazon ElastiCache", "replicationgroup"): ServiceCalls(
        "elasticache",
        "CreateReplicationGroup",
        "IncreaseReplicaCount",
        "DeleteReplicationGroup",
        "AddTagsToResource",
        "DescribeReplicationGroups",
        "replicationGroupId",
        "AWS::ElastiCache::ReplicationGroup",
        ("aRN",),
    ),
    (ECS, "service"): ServiceCalls(
        "ecs",
        "CreateService",
        "UpdateService",
        "DeleteService",
        "TagResource",
        "DescribeServices",
        "service",
        "AWS::ECS::Service",
        ("service", "serviceArn"),
    ),
    (VPC, "natgateway"): ServiceCalls(
        "ec2",
        "CreateNatGateway",
        "CreateRoute",
        "DeleteNatGateway",
        "CreateTags",
        "DescribeNatGateways",
        "natGatewayId",
        "AWS::EC2::NatGateway",
        ("CreateNatGatewayResponse", "natGateway", "natGatewayId"),
    ),
    ("AWS Data Transfer", "loadbalancer"): ServiceCalls(
        "elasticloadbalancing",
        "CreateLoadBalancer",
        "CreateListener",
        "DeleteLoadBalancer",
        "AddTags",
        "DescribeLoadBalancers",
        "loadBalancerArn",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        ("loadBalancerArn",),
    ),
    ("Amazon CloudFront", "distribution"): ServiceCalls(
        "cloudfront",
        "CreateDistribution2020_05_31",
        "UpdateDistribution2020_05_31",
        "DeleteDistribution2020_05_31",
        "TagResource2020_05_31",
        "GetDistribution2020_05_31",
        "id",
        "AWS::CloudFront::Distribution",
        ("distribution", "aRN"),
    ),
    ("AWS Lambda", "function"): ServiceCalls(
        "lambda",
        "CreateFunction20150331",
        "UpdateFunctionConfiguration20150331v2",
        "DeleteFunction20150331",
        "TagResource20170331v2",
        "GetFunction20150331v2",
        "functionName",
        "AWS::Lambda::Function",
        ("functionArn",),
    ),
    ("AmazonCloudWatch", "log-group"): ServiceCalls(
        "logs",
        "CreateLogGroup",
        "PutSubscriptionFilter",
        "DeleteLogGroup",
        "TagResource",
        "DescribeLogGroups",
        "logGroupName",
        "AWS::Logs::LogGroup",
    ),
    ("Amazon DynamoDB", "table"): ServiceCalls(
        "dynamodb",
        "CreateTable",
        "UpdateTable",
        "DeleteTable",
        "TagResource",
        "DescribeTable",
        "tableName",
        "AWS::DynamoDB::Table",
        ("tableDescription", "tableArn"),
    ),
    (S3, ""): ServiceCalls(
        "s3",
        "CreateBucket",
        "DeleteBucketLifecycle",
        "DeleteBucket",
        "PutBucketTagging",
        "GetBucketPolicy",
        "bucketName",
        "AWS::S3::Bucket",
    ),
    ("Amazon SageMaker", "endpoint"): ServiceCalls(
        "sagemaker",
        "CreateEndpoint",
        "UpdateEndpoint",
        "DeleteEndpoint",
        "AddTags",
        "DescribeEndpoint",
        "endpointName",
        "AWS::SageMaker::Endpoint",
        ("endpointArn",),
    ),
    ("Amazon EMR", "cluster"): ServiceCalls(
        "elasticmapreduce",
        "RunJobFlow",
        "ModifyInstanceGroups",
        "TerminateJobFlows",
        "AddTags",
        "DescribeCluster",
        "jobFlowId",
        "AWS::EMR::Cluster",
        ("clusterArn",),
    ),
}
"""By service of the bill and type of resource."""
ASSIGNED = {"natGatewayId", "loadBalancerArn", "id", "jobFlowId"}
"""Names that AWS gives: who creates the resource does not know them."""


def calls_of(resource: Resource) -> ServiceCalls | None:
    """Return the calls on a resource's kind; None for a kind that nobody calls here."""
    if resource.template.service == EC2 and not resource.id.startswith("i-"):
        return None
    return CALLS.get((resource.template.service, kind_of(resource)))


def call_on(
    resource: Resource, deed: str, at: datetime, principal: Principal, *, error: str = ""
) -> ApiCall:
    """Return a call on a resource.

    Args:
        resource: of a kind that `calls_of` knows.
        deed: created, altered, deleted, tagged or read.
        at: when; CloudTrail knows seconds.
        principal: who.
        error: code of a call that failed.
    """
    calls = calls_of(resource)
    assert calls is not None
    answered = deed == "created" and not error and calls.answered
    return ApiCall(
        at=at.replace(microsecond=0),
        account=resource.account,
        region=resource.region or EAST,
        principal=principal,
        source=calls.source,
        name=calls.name(deed),
        resource=_named(resource, calls),
        resource_type=calls.type,
        parameters=_parameters(resource, calls, deed),
        response=_response(resource, calls.answered) if answered else None,
        read_only=deed == "read",
        error=error,
    )


def _parameters(resource: Resource, calls: ServiceCalls, deed: str) -> dict[str, Any]:
    if resource.template.service == EC2:
        if deed == "created":
            kind = resource.template.meter.partition(":")[2]
            return {"instanceType": kind, "minCount": 1, "maxCount": 1}
        if deed == "tagged":
            tags = {"items": [{"key": "CostCentre", "value": "4711"}]}
            return {"resourcesSet": {"items": [{"resourceId": billed_id(resource)}]}, "tagSet": tags}
        return {"instancesSet": {"items": [{"instanceId": billed_id(resource)}]}}
    if deed == "created" and calls.key in ASSIGNED:
        return {"name": name_of(resource).rpartition("/")[2]}
    return {calls.key: _named(resource, calls)}


def _named(resource: Resource, calls: ServiceCalls) -> str:
    """Return how requests name a resource: by its id, ARN or name."""
    is_whole = resource.template.service == EC2 or calls.key.endswith("Arn")
    return billed_id(resource) if is_whole else name_of(resource)


def _response(resource: Resource, answered: tuple[str, ...]) -> dict[str, Any]:
    if resource.template.service == EC2:
        return {"instancesSet": {"items": [{"instanceId": billed_id(resource)}]}}
    held: Any = name_of(resource) if answered[-1].endswith("Id") else billed_id(resource)
    for member in reversed(answered):
        held = {member: held}
    response: dict[str, Any] = held
    return response
