from __future__ import annotations

import base64
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from opslib.databases.object_copies import capture_bucket_baseline, read_object_validation
from opslib.databases.object_details import look_at, read_bytes
from opslib.databases.objects import ObjectLimits, read_bucket
from opslib.errors import CapReached, CredentialsError, ParameterError
from opslib.tables.baseline import load_store_baseline
from opslib.tables.store_states import BucketState
from tests.aws.fakes import refusal
from tests.databases.aws_answers import Answering, place_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MD5 = "0123456789abcdef" * 2


def listed(key: str, minutes: int = 0, *, latest: bool = True, size: int = 3) -> dict[str, Any]:
    return {
        "Key": key,
        "VersionId": f"{key}-{minutes}",
        "IsLatest": latest,
        "LastModified": NOON + timedelta(minutes=minutes),
        "Size": size,
        "ETag": f'"{MD5}"',
    }


def in_two_pages(**asked: Any) -> dict[str, Any]:
    if "KeyMarker" in asked:
        return {"Versions": [listed("b", 5)], "DeleteMarkers": [listed("c", 5)]}
    return {
        "Versions": [listed("a", 5), listed("a", 1, latest=False)],
        "IsTruncated": True,
        "NextKeyMarker": "a",
        "NextVersionIdMarker": "a-1",
    }


def head(**told: Any) -> dict[str, Any]:
    return {"ETag": f'"{MD5}"', **told}


def body(content: bytes) -> dict[str, Any]:
    return {"Body": StreamingBody(io.BytesIO(content), len(content))}


def test_every_page_and_delete_marker_counts_and_only_the_current_is_looked_at(
    tmp_path: Path,
) -> None:
    client = Answering(list_object_versions=in_two_pages, head_object=head())
    found = read_bucket(place_of(tmp_path, s3=client), "bucket", ObjectLimits())
    assert len(found.versions) == 4
    assert found.versions["IsDeleteMarker"].sum() == 1
    heads = {asked["VersionId"] for name, asked in client.asked if name == "head_object"}
    assert heads == {"a-5", "b-5"}


def test_what_was_current_at_a_moment_and_what_came_since_is_looked_at_too(tmp_path: Path) -> None:
    client = Answering(list_object_versions=in_two_pages, head_object=head())
    place, moment = place_of(tmp_path, s3=client), NOON + timedelta(minutes=2)
    found = read_bucket(place, "bucket", ObjectLimits(), moment=moment)
    assert set(found.versions[found.versions["IsLookedAt"]]["VersionId"]) == {"a-5", "a-1", "b-5"}
    found = read_bucket(place, "bucket", ObjectLimits(), since=NOON)
    assert found.versions["IsLookedAt"].sum() == 3


@pytest.mark.parametrize(
    ("told", "digests"),
    [
        ({}, {"MD5": MD5}),
        ({"ServerSideEncryption": "AES256"}, {"MD5": MD5}),
        ({"ServerSideEncryption": "aws:kms"}, {}),
        ({"ServerSideEncryption": "aws:kms:dsse"}, {}),
        ({"SSECustomerAlgorithm": "AES256"}, {}),
        ({"ETag": f'"{MD5}-3"'}, {"MD5-3": MD5}),
        ({"ETag": f'"{MD5}-3"', "ServerSideEncryption": "aws:kms"}, {}),
        ({"ETag": '"opaque"'}, {}),
        (
            {"ServerSideEncryption": "aws:kms", "ChecksumCRC64NVME": "AAAAAAAAAAE="},
            {"CRC64NVME": "0000000000000001"},
        ),
        (
            {
                "ETag": '"x-2"',
                "ChecksumSHA256": base64.b64encode(b"s" * 32).decode() + "-2",
                "ChecksumType": "COMPOSITE",
            },
            {"SHA256-2": (b"s" * 32).hex()},
        ),
    ],
)
def test_an_etag_is_an_md5_only_where_it_is_one(
    tmp_path: Path, told: dict[str, Any], digests: dict[str, str]
) -> None:
    place = place_of(tmp_path, s3=Answering(head_object=head(**told)))
    assert look_at(place, "bucket", "k", "v").digests == digests


def test_what_nothing_proves_is_read_the_smallest_first_as_far_as_the_limit_goes(
    tmp_path: Path,
) -> None:
    versions = {"Versions": [listed("big", size=10), listed("small", size=3)]}
    client = Answering(
        list_object_versions=versions,
        head_object=head(ServerSideEncryption="aws:kms"),
        get_object=lambda **_: body(b"abc"),
    )
    place = place_of(tmp_path, s3=client)
    found = read_bucket(place, "bucket", ObjectLimits(bytes_limit=12)).versions
    digests = dict(zip(found["VersionId"], found["Digests"], strict=True))
    assert json.loads(digests["small-0"])["SHA256"] == hashlib.sha256(b"abc").hexdigest()
    assert digests["big-0"] == ""


def test_one_object_that_is_refused_leaves_the_others(tmp_path: Path) -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        if asked["Key"] == "a":
            raise refusal("403", "HeadObject")
        return head()

    client = Answering(list_object_versions=in_two_pages, head_object=answer)
    found = read_bucket(place_of(tmp_path, s3=client), "bucket", ObjectLimits()).versions
    assert (found["Problem"] != "").sum() == 1
    assert found["IsLookedAt"].sum() == 1


def test_bytes_that_are_refused_say_why_and_lost_credentials_end_the_run(tmp_path: Path) -> None:
    archived = place_of(tmp_path / "a", s3=Answering(get_object=refusal("InvalidObjectState")))
    assert "InvalidObjectState" in read_bytes(archived, "bucket", "k", "v")[1]
    expired = place_of(tmp_path / "b", s3=Answering(get_object=refusal("ExpiredToken")))
    with pytest.raises(CredentialsError):
        read_bytes(expired, "bucket", "k", "v")


def test_more_versions_than_are_listed_are_no_result(tmp_path: Path) -> None:
    client = Answering(list_object_versions=in_two_pages, head_object=head())
    with pytest.raises(CapReached, match="more than 2 versions"):
        read_bucket(place_of(tmp_path, s3=client), "bucket", ObjectLimits(versions_limit=2))


def test_only_the_first_are_looked_at_where_there_are_too_many(tmp_path: Path) -> None:
    client = Answering(list_object_versions=in_two_pages, head_object=head())
    limits = ObjectLimits(looks_limit=1)
    found = read_bucket(place_of(tmp_path, s3=client), "bucket", limits).versions
    assert found["IsLookedAt"].sum() == 1


def test_bytes_are_read_on_both_sides_where_no_digest_is_common(tmp_path: Path) -> None:
    def headed(**asked: Any) -> dict[str, Any]:
        if asked["Bucket"] == "source":
            return head()
        return head(ServerSideEncryption="aws:kms", ChecksumCRC64NVME="AAAAAAAAAAE=")

    client = Answering(
        list_object_versions={"Versions": [listed("k")]},
        head_object=headed,
        get_object=lambda **_: body(b"abc"),
    )
    place = place_of(tmp_path, s3=client)
    states = read_object_validation(place.reads, None, "us-east-1", "source", "copy")
    assert sorted(a["Bucket"] for n, a in client.asked if n == "get_object") == ["copy", "source"]
    for state in (states.source, states.copy):
        assert state is not None
        (digests,) = state.versions["Digests"]
        assert json.loads(digests)["SHA256"] == hashlib.sha256(b"abc").hexdigest()


def test_a_baseline_is_kept_and_read_again_and_overwrites_nothing(tmp_path: Path) -> None:
    client = Answering(list_object_versions=in_two_pages, head_object=head())
    place = place_of(tmp_path / "run", s3=client)
    made = capture_bucket_baseline(place.reads, None, "", "bucket", tmp_path / "kept")
    loaded = load_store_baseline(tmp_path / "kept", BucketState)
    assert loaded.versions.equals(made.versions)
    assert loaded.captured_until == made.captured_until
    with pytest.raises(ParameterError, match="already"):
        capture_bucket_baseline(place.reads, None, "", "bucket", tmp_path / "kept")
