"""The DSSE envelope: a payload and the signatures over it.

Source: secure-systems-lab/dsse, "DSSE: Dead Simple Signing Envelope" (envelope.md, protocol.md).
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opslib.errors import EvidenceError

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import Key, Signer

__all__ = ["PAYLOAD_TYPE", "open_envelope", "payload_of", "seal_payload"]

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def seal_payload(payload: bytes, signer: Signer | None) -> bytes:
    """Return an envelope around ``payload`` as JSON.

    Args:
        payload: what is signed.
        signer: signs it; None leaves it without a signature, as an unsigned environment does.
    """
    from securesystemslib.dsse import Envelope  # noqa: PLC0415  slow: it imports boto3

    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    if signer is not None:
        envelope.sign(signer)
    return json.dumps(envelope.to_dict(), indent=1).encode()


def payload_of(written: bytes) -> bytes:
    """Return what an envelope holds, whoever signed it.

    Raises:
        EvidenceError: it is no envelope of a statement.
    """
    try:
        told = json.loads(written)
        payload, held = b64decode(told["payload"], validate=True), told["payloadType"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise EvidenceError("it is no DSSE envelope") from None
    return _checked(payload, held)


def open_envelope(written: bytes, keys: Sequence[Key]) -> bytes:
    """Return what an envelope holds, signed by one of ``keys``.

    Raises:
        EvidenceError: it is no envelope, bears no signature, or none that one of the keys made.
    """
    from securesystemslib.exceptions import VerificationError  # noqa: PLC0415

    envelope = _parse(written)
    if not envelope.signatures:
        raise EvidenceError("it bears no signature")
    try:
        envelope.verify(list(keys), 1)
    except (VerificationError, ValueError):
        known = {key.keyid for key in keys}
        if known & envelope.signatures.keys():
            raise EvidenceError("the signature does not fit what is signed") from None
        named = ", ".join(keyid[:12] for keyid in envelope.signatures)
        raise EvidenceError(
            f"it is signed with another key: {named}; if that is an earlier one that you trust, "
            "give it too"
        ) from None
    return envelope.payload


def _parse(written: bytes) -> Envelope:
    from securesystemslib.dsse import Envelope  # noqa: PLC0415
    from securesystemslib.exceptions import Error  # noqa: PLC0415

    try:
        envelope = Envelope.from_dict(json.loads(written))
    except (Error, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise EvidenceError("it is no DSSE envelope") from None
    _checked(envelope.payload, envelope.payload_type)
    return envelope


def _checked(payload: bytes, payload_type: str) -> bytes:
    if payload_type != PAYLOAD_TYPE:
        raise EvidenceError("the envelope holds no in-toto Statement")
    return payload
