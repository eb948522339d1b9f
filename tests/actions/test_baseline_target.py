"""Where a baseline is written to: placeholders, folders and prefixes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from opslib.actions.baseline_target import (
    BucketTarget,
    expand_target,
    fixed_parent,
    parse_bucket_target,
)
from opslib.errors import ParameterError

MOMENT = datetime(2026, 3, 2, 5, tzinfo=timezone(timedelta(hours=2)))


def test_placeholders_are_filled_in_and_the_time_is_utc() -> None:
    filled = expand_target(
        "s3://b/{kind}/{store}/{time}", kind="folder", store="/mnt/shared/", moment=MOMENT
    )
    assert filled == "s3://b/folder/shared/20260302T030000Z"
    assert expand_target("plain", kind="table", store="t", moment=MOMENT) == "plain"


@pytest.mark.parametrize(
    ("target", "said"),
    [("b/{date}", "no placeholder: {date}"), ("b/{}", "no placeholder: {}"), ("b/{time", "alone")],
)
def test_another_placeholder_is_refused_with_those_that_there_are(target: str, said: str) -> None:
    with pytest.raises(ParameterError, match=r"There are \{time\}") as refused:
        expand_target(target, kind="table", store="t", moment=MOMENT)
    assert said in str(refused.value)


def test_a_prefix_ends_with_one_slash() -> None:
    wanted = BucketTarget(bucket="acme-baselines", prefix="orders/a/")
    assert parse_bucket_target("s3://acme-baselines/orders/a") == wanted
    assert parse_bucket_target("s3://acme-baselines/orders/a//") == wanted
    assert wanted.uri == "s3://acme-baselines/orders/a"


@pytest.mark.parametrize("target", ["baselines/orders", "/srv/s3:/x", "C.d/e"])
def test_everything_without_a_scheme_is_a_folder(target: str) -> None:
    assert parse_bucket_target(target) is None


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("s3:/acme-baselines/x", "folder or to s3://bucket/prefix"),
        ("S3://acme-baselines/x", "folder or to s3://bucket/prefix"),
        ("https://acme-baselines.s3.amazonaws.com/x", "folder or to s3://bucket/prefix"),
        ("s3://", "no name of a bucket: empty"),
        ("s3:///x", "no name of a bucket: empty"),
        ("s3://Acme/x", "no name of a bucket: Acme"),
        ("s3://acme-baselines", "the prefix is empty"),
        ("s3://acme-baselines/", "the prefix is empty"),
        ("s3://acme-baselines//x", "the prefix is empty, or a part"),
        ("s3://acme-baselines/a//x", "the prefix is empty, or a part"),
        ("s3://acme-baselines/a\nb", "the prefix is empty, or a part"),
        (f"s3://acme-baselines/{'x' * 901}", "longer than 900 bytes"),
    ],
)
def test_what_is_neither_is_refused(target: str, said: str) -> None:
    with pytest.raises(ParameterError) as refused:
        parse_bucket_target(target)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("target", "parent"),
    [
        ("/srv/baselines/orders", "/srv/baselines"),
        ("/srv/baselines/{store}/{time}", "/srv/baselines"),
        ("/srv/baselines/orders-{time}/x", "/srv/baselines"),
    ],
)
def test_the_folder_above_the_first_placeholder_must_be_there(target: str, parent: str) -> None:
    assert fixed_parent(target) == Path(parent)
