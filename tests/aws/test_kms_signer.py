"""A key in AWS KMS as a signer.

KMS signs a digest as it is (MessageType DIGEST); moto digests it once more, so this KMS is ours.
"""

from __future__ import annotations

import os
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.signer import SSlibKey

from opslib.aws.kms_signer import open_kms_signer
from opslib.errors import AccessDenied, ParameterError
from opslib.evidence.envelope import open_envelope, seal_payload


class Kms:
    """What KMS answers for one ECDSA key."""

    def __init__(self, algorithms: tuple[str, ...] = ("ECDSA_SHA_256",)) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.algorithms = algorithms
        self.asked: list[dict[str, Any]] = []
        self.denied = False
        self.region = ""

    def client(self, service: str) -> Kms:
        assert service == "kms"
        self.region = os.environ["AWS_DEFAULT_REGION"]
        return self

    def get_public_key(self, KeyId: str) -> dict[str, Any]:  # noqa: N803  boto3's names
        public = self.key.public_key()
        written = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"PublicKey": written, "SigningAlgorithms": list(self.algorithms)}

    def sign(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self.denied:
            told = {"Error": {"Code": "AccessDeniedException", "Message": "no kms:Sign"}}
            raise ClientError(told, "Sign")
        digest = ec.ECDSA(utils.Prehashed(hashes.SHA256()))
        return {"Signature": self.key.sign(asked["Message"], digest)}


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Kms:
    made = Kms()
    monkeypatch.setattr(boto3, "client", made.client)
    return made


def test_what_kms_signed_verifies_by_the_public_key_that_an_auditor_has(kms: Kms) -> None:
    signer = open_kms_signer("alias/opslib", "eu-west-1")
    envelope = seal_payload(b"{}", signer)
    public = SSlibKey.from_crypto(kms.key.public_key())
    assert open_envelope(envelope, [public]) == b"{}"
    assert kms.asked[0]["KeyId"] == "alias/opslib"
    assert (kms.asked[0]["MessageType"], len(kms.asked[0]["Message"])) == ("DIGEST", 32)
    assert kms.region == "eu-west-1"
    assert "AWS_DEFAULT_REGION" not in os.environ


def test_a_refusal_of_kms_is_ours(kms: Kms) -> None:
    signer = open_kms_signer("alias/opslib", "eu-west-1")
    kms.denied = True
    with pytest.raises(AccessDenied, match=r"no kms:Sign \[kms:Sign alias/opslib\]"):
        seal_payload(b"{}", signer)


def test_a_key_that_cannot_sign_is_refused(kms: Kms) -> None:
    kms.algorithms = ("ECDSA_SHA_512",)
    with pytest.raises(ParameterError, match="the KMS key cannot sign"):
        open_kms_signer("alias/opslib", "eu-west-1")
