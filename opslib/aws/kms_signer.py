"""A key in AWS KMS as a signer: the private key never leaves KMS, the digest alone goes there.

IAM: kms:GetPublicKey and kms:Sign on the key. Its usage is SIGN_VERIFY, its spec ECC_NIST_P256,
ECC_NIST_P384 or RSA. Credentials are the ambient ones (AWS_PROFILE, a role, variables).

Source: AWS KMS Developer Guide, "Asymmetric keys in AWS KMS"; API Reference, Sign.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from securesystemslib.exceptions import Error
from securesystemslib.signer import AWSSigner, Signature, SSlibKey

from opslib.aws.faults import aws_faults
from opslib.errors import ParameterError

__all__ = ["KmsSigner", "open_kms_signer"]

REGION = "AWS_DEFAULT_REGION"
logging.getLogger("securesystemslib").addHandler(logging.NullHandler())
"""The library logs a refused call before it raises it; we say it once."""


class KmsSigner(AWSSigner):
    """The library's signer, with our errors."""

    def sign(self, payload: bytes) -> Signature:
        """Sign ``payload``.

        Raises:
            ReadError: KMS refuses, or cannot be reached.
        """
        with aws_faults(f"kms:Sign {self.aws_key_id}"):
            return super().sign(payload)


def open_kms_signer(key: str, region: str) -> KmsSigner:
    """Return a signer by a key in KMS; its public key is asked for.

    Args:
        key: id, ARN, or alias/NAME.
        region: of the key.

    Raises:
        ParameterError: the key is of a kind that cannot sign.
        ReadError: KMS refuses, or cannot be reached.
    """
    where = f"kms:GetPublicKey {key} in {region}"
    with _in_region(region), aws_faults(where):
        try:
            _, public = AWSSigner.import_(key)
        except Error as error:
            raise ParameterError(
                f"the KMS key cannot sign: {error}",
                where=where,
                remedy="Its usage is SIGN_VERIFY, its spec ECC_NIST_P256, ECC_NIST_P384 or RSA.",
            ) from None
        assert isinstance(public, SSlibKey)
        return KmsSigner(key, public)


@contextmanager
def _in_region(region: str) -> Iterator[None]:
    """Make clients in ``region``: the library makes its own, and takes none."""
    before = os.environ.get(REGION)
    os.environ[REGION] = region
    try:
        yield
    finally:
        if before is None:
            del os.environ[REGION]
        else:
            os.environ[REGION] = before
