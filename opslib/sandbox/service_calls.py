"""The calls that make, alter and remove the resources of a bill, as CloudTrail names them.

Source: API references of the services; eventName and eventSource of each as CloudTrail User
Guide's pages of supported services have them.
"""

from __future__ import annotations

from dataclasses import dataclass

from opslib.sandbox.estate import EC2, ECS, RDS, S3, VPC

__all__ = ["ASSIGNED", "CALLS", "NAMED", "ServiceCalls"]


@dataclass(frozen=True, slots=True)
class ServiceCalls:
    """How one kind of resource is spoken of.

    Args:
        source: first part of CloudTrail's eventSource.
        created, altered, deleted, tagged, read: calls.
        key: member of a request that names the resource.
        type: of the resource, as LookupEvents names it.
        answered: members of the response that lead to the resource's id, of lists with [];
            empty for none.
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
        ("loadBalancers[]", "loadBalancerArn"),
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
        ("jobFlowId",),
    ),
}
"""By service of the bill and type of resource."""
NAMED = "<name>"
"""Stands in a request for the name that it gives."""
ASSIGNED: dict[str, dict[str, str]] = {
    "natGatewayId": {"subnetId": "subnet-0b1c2d3e4f5a60718"},
    "loadBalancerArn": {"name": NAMED, "type": "network"},
    "jobFlowId": {"name": "nightly-ranking", "releaseLabel": "emr-7.12.0"},
    "id": {"callerReference": "2026"},
}
"""Names that AWS gives, with what a request asks for instead: who creates does not know them."""
