"""Which IAM action each API operation needs.

Source: AWS Service Authorization Reference. Most actions are named after the operation; the
exceptions that opslib calls are listed.
"""

from __future__ import annotations

__all__ = ["iam_action"]

EXCEPTIONS = {
    ("budgets", "DescribeBudgets"): "budgets:ViewBudget",
    ("budgets", "DescribeNotificationsForBudget"): "budgets:ViewBudget",
    ("efs", "DescribeFileSystems"): "elasticfilesystem:DescribeFileSystems",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "GetBucketReplication"): "s3:GetReplicationConfiguration",
    ("s3", "GetObjectLockConfiguration"): "s3:GetBucketObjectLockConfiguration",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "GetObjectTagging"): "s3:GetObjectVersionTagging",
    ("s3", "ListBucketMetricsConfigurations"): "s3:GetMetricsConfiguration",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "HeadObject"): "s3:GetObject",
}
PREFIXES = {
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
}
"""IAM's names of services that botocore calls otherwise."""


def iam_action(service: str, operation: str) -> str:
    """Return the IAM action that allows ``operation`` of ``service`` (botocore's names)."""
    usual = f"{PREFIXES.get(service, service)}:{operation}"
    return EXCEPTIONS.get((service, operation), usual)
