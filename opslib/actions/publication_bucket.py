"""Whether a bucket keeps what is published into it: locked, versioned, encrypted and not public.

Source: Amazon S3 User Guide, "Locking objects with Object Lock", "Blocking public access to your
Amazon S3 storage", "Setting default server-side encryption behavior for Amazon S3 buckets".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from opslib.aws.faults import aws_faults
from opslib.errors import NotFound, ParameterError

__all__ = ["check_bucket"]

UNSET = {
    "ObjectLockConfigurationNotFoundError",
    "NoSuchPublicAccessBlockConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
}
PUBLIC_BLOCKS = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)


def check_bucket(client: Any, bucket: str) -> str:
    """Look whether a bucket is fit to publish into; return how it encrypts by default.

    Returns:
        ``AES256``, ``aws:kms``, ...; '' where it has no rule.

    Raises:
        ParameterError: it is not; every problem, each with what to do.
        NotFound: there is no such bucket.
        ReadError: S3 refuses to tell.
    """
    try:
        problems = list(_problems(client, bucket))
    except NotFound:
        raise NotFound(
            f"there is no bucket {bucket}", where=f"s3://{bucket}", remedy="Check its name."
        ) from None
    if problems:
        said, remedies = zip(*problems, strict=True)
        raise ParameterError(
            f"what is published there would not be kept: {'; '.join(said)}",
            where=f"s3://{bucket}",
            remedy=" ".join(remedies),
        )
    rules = _ask(client.get_bucket_encryption, bucket, "ServerSideEncryptionConfiguration")
    if not rules:
        return ""
    return str(rules["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])


def _problems(client: Any, bucket: str) -> Iterator[tuple[str, str]]:
    with aws_faults(f"s3:GetBucketVersioning s3://{bucket}"):
        versioning = client.get_bucket_versioning(Bucket=bucket).get("Status")
    if versioning != "Enabled":
        yield "it keeps no versions", "Turn its versioning on."
    lock = _ask(client.get_object_lock_configuration, bucket, "ObjectLockConfiguration")
    if lock.get("ObjectLockEnabled") != "Enabled":
        yield (
            "it has no Object Lock",
            "Turn Object Lock on (aws s3api put-object-lock-configuration).",
        )
    block = _ask(client.get_public_access_block, bucket, "PublicAccessBlockConfiguration")
    if not all(block.get(name) for name in PUBLIC_BLOCKS):
        yield "it may become public", "Block all public access (aws s3api put-public-access-block)."


def _ask(call: Callable[..., Any], bucket: str, member: str) -> dict[str, Any]:
    """Return one part of a bucket's configuration; empty where it was never set."""
    with aws_faults(f"s3 {member} of s3://{bucket}"):
        try:
            found: dict[str, Any] = call(Bucket=bucket)[member]
        except ClientError as error:
            if error.response["Error"]["Code"] in UNSET:
                return {}
            raise
    return found
