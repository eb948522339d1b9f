"""Keys on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from opslib.errors import ParameterError
from opslib.evidence.envelope import open_envelope, seal_payload
from opslib.evidence.keys import make_key, open_private_key, public_path, read_public_key

PAYLOAD = b"{}"


def write_private(path: Path, key: ed25519.Ed25519PrivateKey, password: bytes = b"") -> None:
    kept = BestAvailableEncryption(password) if password else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, kept))
    path.chmod(0o600)


def test_a_key_that_was_made_signs_and_its_public_part_verifies(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "prod.pem"
    made = make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    public = read_public_key(public_path(path))
    assert public == made
    assert open_envelope(seal_payload(PAYLOAD, open_private_key(path)), [public]) == PAYLOAD


@pytest.mark.parametrize("there", ["prod.pem", "prod.pub.pem"])
def test_no_key_is_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(ParameterError, match="a key already"):
        make_key(tmp_path / "prod.pem")
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


@pytest.mark.parametrize(
    "make",
    [
        lambda: ec.generate_private_key(ec.SECP256R1()),
        lambda: ec.generate_private_key(ec.SECP384R1()),
        lambda: rsa.generate_private_key(65537, 2048),
    ],
)
def test_keys_of_other_kinds_sign_too(tmp_path: Path, make: Callable[[], object]) -> None:
    key = make()
    write_private(tmp_path / "key.pem", key)  # type: ignore[arg-type]
    signer = open_private_key(tmp_path / "key.pem")
    assert open_envelope(seal_payload(PAYLOAD, signer), [signer.public_key]) == PAYLOAD


def test_a_private_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "prod.pem")
    (tmp_path / "prod.pem").chmod(0o640)
    with pytest.raises(ParameterError, match="others than its owner"):
        open_private_key(tmp_path / "prod.pem")


def test_what_is_no_private_key_is_one_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    with pytest.raises(ParameterError, match="cannot be read"):
        open_private_key(file)
    write_private(file, ed25519.Ed25519PrivateKey.generate(), b"password")
    with pytest.raises(ParameterError, match="is encrypted"):
        open_private_key(file)
    write_private(file, x25519.X25519PrivateKey.generate())  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="no private key that can sign"):
        open_private_key(file)
    file.write_text("a key")
    with pytest.raises(ParameterError, match="no private key that can sign"):
        open_private_key(file)


def test_what_is_no_public_key_is_one_clear_error(tmp_path: Path) -> None:
    make_key(tmp_path / "prod.pem")
    with pytest.raises(ParameterError, match="it is a private key"):
        read_public_key(tmp_path / "prod.pem")
    other = x25519.X25519PrivateKey.generate().public_key()
    file = tmp_path / "x.pem"
    file.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(ParameterError, match="no public key that signs"):
        read_public_key(file)
    file.write_text("a key")
    with pytest.raises(ParameterError, match="no public key that signs"):
        read_public_key(file)
    with pytest.raises(ParameterError, match="cannot be read"):
        read_public_key(tmp_path)
