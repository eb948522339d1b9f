"""Botocore's errors, turned into ours once, at the reader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto

from opslib.errors import (
    AccessDenied,
    CredentialsError,
    NoCredentials,
    NotFound,
    ParameterError,
    ReadError,
    Throttled,
    Unreachable,
)

__all__ = ["aws_faults"]

DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "403",
}
THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "ProvisionedThroughputExceededException",
    "TooManyRequestsException",
    "LimitExceededException",
    "SlowDown",
}
EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
}
MISSING = {"NoSuchBucket", "NoSuchKey", "NotFoundException", "ResourceNotFoundException", "404"}


@contextmanager
def aws_faults(where: str) -> Iterator[None]:
    """Raise botocore's errors as opslib's, naming the call.

    Args:
        where: account, region and call, such as ``acme-payer ce:GetCostAndUsage``.

    Raises:
        AccessDenied, Throttled, NotFound, CredentialsError, Unreachable: by error code.
        ReadError: any other answer of the service.
        ParameterError: the profile named in the parameters does not exist.
    """
    try:
        yield
    except boto.ClientError as error:
        raise _from_code(error, where) from error
    except boto.ProfileNotFound as error:
        raise ParameterError(
            f"{error}",
            where=where,
            remedy="Set profile to one that `aws configure list-profiles` names.",
        ) from error
    except boto.NoCredentialsError as error:
        raise NoCredentials(
            "no AWS credentials",
            where=where,
            remedy="Log in (aws sso login) or set AWS credentials, then try: opslib doctor.",
        ) from error
    except (boto.PartialCredentialsError, boto.SSOError) as error:
        raise CredentialsError(
            _one_line(str(error)),
            where=where,
            remedy="Log in (aws sso login) or set AWS credentials, then try: opslib doctor.",
        ) from error
    except (boto.TokenRetrievalError, boto.CredentialRetrievalError) as error:
        raise CredentialsError(
            _one_line(str(error)), where=where, remedy="Log in again: aws sso login."
        ) from error
    except (boto.HTTPClientError, boto.ConnectionError) as error:
        raise Unreachable(
            _one_line(str(error)),
            where=where,
            remedy="Check the network, the proxy and AWS_ENDPOINT_URL.",
        ) from error


def _from_code(error: boto.ClientError, where: str) -> ReadError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = _one_line(str(error.response.get("Error", {}).get("Message", "")) or code)
    if code in DENIED:
        return AccessDenied(
            message, where=where, remedy="Grant the action; deploy/iam holds the policy."
        )
    if code in THROTTLED:
        return Throttled(
            f"still throttled after retries: {message}",
            where=where,
            remedy="Run it again later; what was read is kept.",
        )
    if code in EXPIRED:
        return CredentialsError(
            f"the credentials were refused: {message}", where=where, remedy="Log in again."
        )
    if code in MISSING:
        return NotFound(message, where=where, remedy="Check the name in the parameters.")
    return ReadError(f"{code}: {message}", where=where)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:400]
