"""How an environment signs: what signing.yaml may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from opslib.errors import ParameterError
from opslib.parameters.signing import load_signing, parse_signing

ARN = "awskms:arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_an_environment_without_the_file_signs_nothing(tmp_path: Path) -> None:
    assert load_signing(tmp_path / "signing.yaml") is None


def test_a_key_of_kms_tells_its_region_and_a_file_needs_none() -> None:
    assert parse_signing(f"key: {ARN}\nstate: /var/heads", "f").kms_region == "eu-west-1"
    assert parse_signing("key: ~/prod.pem\nstate: /var/heads", "f").kms_region == ""
    told = parse_signing(
        "key: awskms:alias/opslib\nstate: s3://b-1x/heads/\nregion: us-east-1", "f"
    )
    assert (told.kms_region, told.state) == ("us-east-1", "s3://b-1x/heads")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("key: ~/a.pem\nstat: /x", "unknown name 'stat'; did you mean 'state'? [f:2]"),
        ("key: ~/a.pem", "'state' is missing"),
        ("key: keys/a.pem\nstate: /x", "write a whole path"),
        ('key: "-----BEGIN PRIVATE KEY-----"\nstate: /x', "never written into parameters"),
        ("key: awskms:alias/opslib\nstate: /x", "region is missing"),
        ("key: ~/a.pem\nstate: s3://b-1x/heads", "region is missing"),
        ("key: ~/a.pem\nstate: s3://b-1x", "write it as s3://bucket/prefix"),
        ("key: 'awskms:'\nstate: /x", "write awskms: and a key's id"),
        ("key: ~/a.pem\nstate: /x\nearlier_keys: [a.pem]", "write a whole path"),
        ("- key", "name: value pairs are expected"),
    ],
)
def test_what_cannot_be_is_told_by_line_and_name(text: str, says: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_signing(text, "f")
    assert says in str(caught.value)
