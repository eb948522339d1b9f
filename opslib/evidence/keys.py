"""Keys on disk: made, opened, and read as an auditor hands them over."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.errors import ParameterError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, Key

__all__ = ["make_key", "open_private_key", "public_path", "read_public_key", "read_public_keys"]

OTHERS = stat.S_IRWXG | stat.S_IRWXO
TAKEN = "Make one: opslib keygen PATH"


def public_path(private: Path) -> Path:
    """Return where the public key of a private one lies."""
    return private.with_name(f"{private.stem}.pub.pem")


def make_key(path: Path) -> Key:
    """Make an Ed25519 key: the private one in ``path``, mode 0600, the public one beside it.

    Args:
        path: where nothing may be yet; the folder is made, for its owner alone.

    Raises:
        ParameterError: there is a key already, or the folder cannot be written.
    """
    from securesystemslib.signer import CryptoSigner  # noqa: PLC0415  slow: it imports boto3

    signer = CryptoSigner.generate_ed25519()
    public = public_path(path)
    if public.exists():
        raise _taken(public)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(signer.private_bytes)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise ParameterError(f"cannot be written: {error.strerror}", where=str(path)) from None
    public.write_text(public_pem(signer), encoding="utf-8")
    return signer.public_key


def public_pem(signer: CryptoSigner) -> str:
    """Return the public key of a signer, as every tool reads it."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    private = serialization.load_pem_private_key(signer.private_bytes, None)
    written: bytes = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return written.decode()


def open_private_key(path: Path) -> CryptoSigner:
    """Return the signer of a private key's file.

    Raises:
        ParameterError: it is absent, readable by others, encrypted, or of a kind that cannot sign.
    """
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415
    from securesystemslib.signer import CryptoSigner  # noqa: PLC0415

    written = _read(path, "private key")
    if path.stat().st_mode & OTHERS:
        raise ParameterError(
            "others than its owner may read the private key",
            where=str(path),
            remedy=f"Look who did, and then: chmod 600 {path}",
        )
    try:
        return CryptoSigner(load_pem_private_key(written, None))
    except TypeError:
        raise ParameterError(
            "the private key is encrypted, and nobody is there to type a passphrase",
            where=str(path),
            remedy="Keep it in AWS KMS, or in a file of mode 0600 without one.",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ParameterError(
            "it is no private key that can sign, in PEM: Ed25519, ECDSA or RSA",
            where=str(path),
            remedy=TAKEN,
        ) from None


def read_public_keys(paths: Iterable[Path]) -> tuple[Key, ...]:
    """Return the public keys in files, as `read_public_key` does."""
    return tuple(read_public_key(path) for path in paths)


def read_public_key(path: Path) -> Key:
    """Return the public key in a file: Ed25519, ECDSA (P-256, P-384, P-521) or RSA, in PEM.

    Raises:
        ParameterError: it is absent, or something else.
    """
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415
    from securesystemslib.signer import SSlibKey  # noqa: PLC0415

    written = _read(path, "public key")
    if b"PRIVATE KEY" in written:
        raise ParameterError(
            "it is a private key, which an auditor never needs",
            where=str(path),
            remedy=f"Give the public one: {public_path(path).name}",
        )
    try:
        return SSlibKey.from_crypto(load_pem_public_key(written))
    except (ValueError, UnsupportedAlgorithm):
        raise ParameterError(
            "it is no public key that signs, in PEM: Ed25519, ECDSA or RSA", where=str(path)
        ) from None


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ParameterError(
            f"the {what} cannot be read: {error.strerror}", where=str(path), remedy=TAKEN
        ) from None


def _taken(path: Path) -> ParameterError:
    return ParameterError(
        "there is a key already, and runs may be signed with it",
        where=str(path),
        remedy="Name another file; docs/evidence.md tells how keys are changed.",
    )
