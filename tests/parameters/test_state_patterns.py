from __future__ import annotations

import pytest

from opslib.errors import ParameterError
from opslib.parameters.state_patterns import expand_patterns

TREE = "s3://acme-state/{environment}/{layer}/terraform.tfstate"


def test_names_make_one_pattern_each_and_each_must_be_there() -> None:
    patterns = expand_patterns([TREE, TREE], ["prod", "dev"], ["network"])
    assert [p.key for p in patterns] == [
        "prod/network/terraform.tfstate",
        "dev/network/terraform.tfstate",
    ]
    assert all(p.is_one and p.layer == "network" for p in patterns)
    assert patterns[0].prefix == patterns[0].key
    assert patterns[0].match("dev/network/terraform.tfstate") is None


def test_without_names_the_keys_tell_them() -> None:
    (pattern,) = expand_patterns([TREE], ["prod"])
    assert not pattern.is_one
    assert pattern.prefix == "prod/"
    assert pattern.match("prod/data/terraform.tfstate") == ("prod", "data")
    assert pattern.match("prod/data/more/terraform.tfstate") is None


@pytest.mark.parametrize(
    ("pattern", "key", "told"),
    [
        ("s3://b/*/terraform.tfstate", "a/terraform.tfstate", ("", "")),
        ("s3://b/*/terraform.tfstate", "a/b/terraform.tfstate", None),
        ("s3://b/**/terraform.tfstate", "a/b/terraform.tfstate", ("", "")),
        ("s3://b/layer?.tfstate", "layer1.tfstate", ("", "")),
        ("s3://b/{layer}/{layer}.tfstate", "net/net.tfstate", ("", "net")),
        ("s3://b/{layer}/{layer}.tfstate", "net/data.tfstate", None),
        ("s3://b/a.b", "aXb", None),
        ("s3://b/env:/{environment}/app", "env:/prod/app", ("prod", "")),
    ],
)
def test_wildcards_stay_within_a_folder_but_for_two_stars(
    pattern: str, key: str, told: tuple[str, str] | None
) -> None:
    (one,) = expand_patterns([pattern])
    assert one.match(key) == told


def test_a_bucket_may_be_named_by_environment() -> None:
    patterns = expand_patterns(["s3://acme-{environment}-state/x"], ["prod", "dev"])
    assert [p.bucket for p in patterns] == ["acme-prod-state", "acme-dev-state"]


@pytest.mark.parametrize(
    "pattern", ["acme/x", "s3://acme", "s3://a*/x", "s3://{environment}/x", "s3:///x"]
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ParameterError, match="terraform_states"):
        expand_patterns([pattern])
