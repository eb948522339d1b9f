"""Publishing into a bucket with Object Lock: locked, verified, never half, never over anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from opslib.actions.baseline_target import BucketTarget
from opslib.actions.changes import ChangeRefused
from opslib.actions.publication import LockMode, Publication, Retention
from opslib.aws.connection import Connection, is_read_only
from opslib.aws.ledger import Ledger
from opslib.aws.permissions import iam_action
from opslib.errors import AccessDenied, EvidenceError, NotFound, OpsError, ParameterError
from opslib.parameters import CostParameters
from opslib.runner.catalog import read_iam_actions
from tests.policies import Policy

POLICY = Path(__file__).parents[2] / "deploy" / "iam" / "publication.json"
BUCKET = "acme-evidence"
PREFIX = "reports/"
UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
WITHOUT_A_CALL = {
    "s3:ListBucket": "HeadObject of what is not there answers 404, and not 403",
    "s3:GetObjectRetention": "HeadObject of a locked object",
    "s3:PutObjectRetention": "PutObject with a retention",
    "kms:Decrypt": "HeadObject with a checksum of what a key encrypts",
    "kms:GenerateDataKey": "PutObject that a key encrypts",
}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        client.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=BLOCKED)
        yield client


@pytest.fixture
def files(tmp_path: Path) -> list[tuple[str, Path]]:
    contents = {"run/report.html": b"<p>report</p>", "run/run.json": b"{}"}
    for name, content in contents.items():
        file = tmp_path / "reports" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return [(name, tmp_path / "reports" / name) for name in contents]


def publication(
    *, mode: LockMode = LockMode.GOVERNANCE, until: datetime = UNTIL, **options: Any
) -> tuple[Publication, Ledger]:
    ledger = Ledger()
    parameters = CostParameters.parse({"environment": "prod", "as_of": "2026-03-02T06:00:00Z"})
    made = Publication(
        Connection(parameters, ledger),
        BucketTarget(bucket=BUCKET, prefix=PREFIX),
        Retention(mode=mode, until=until),
        **options,
    )
    made.check()
    return made, ledger


def keys_in(s3: Any) -> list[str]:
    return sorted(one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []))


def test_a_run_is_put_locked_encrypted_and_listed_last(
    s3: Any, files: list[tuple[str, Path]]
) -> None:
    made, _ = publication(mode=LockMode.COMPLIANCE)
    place = made.write(files)
    marker = place.removeprefix(f"s3://{BUCKET}/")
    assert keys_in(s3) == sorted([marker, "reports/run/report.html", "reports/run/run.json"])
    for key in keys_in(s3):
        found = s3.head_object(Bucket=BUCKET, Key=key)
        assert found["ObjectLockMode"] == "COMPLIANCE"
        assert found["ObjectLockRetainUntilDate"] == UNTIL
        assert found["ServerSideEncryption"] == "AES256"
    listed = json.loads(s3.get_object(Bucket=BUCKET, Key=marker)["Body"].read())["objects"]
    digest = hashlib.sha256(b"{}").hexdigest()
    assert listed["reports/run/run.json"] == {"bytes": 2, "sha256": digest}
    assert len(listed) == 2


def test_publishing_again_changes_nothing(s3: Any, files: list[tuple[str, Path]]) -> None:
    first = publication()[0].write(files)
    versions = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    assert publication()[0].write(files) == first
    assert s3.list_object_versions(Bucket=BUCKET)["Versions"] == versions


def test_what_came_later_is_added_with_a_list_of_its_own(
    s3: Any, files: list[tuple[str, Path]], tmp_path: Path
) -> None:
    first = publication()[0].write(files)
    later = tmp_path / "signoff-1.dsse.json"
    later.write_text("{}")
    second = publication()[0].write([*files, ("run.after/signoff-1.dsse.json", later)])
    assert first != second
    assert len(keys_in(s3)) == 5


def test_a_dry_run_looks_and_writes_nothing(s3: Any, files: list[tuple[str, Path]]) -> None:
    made, _ = publication()
    plan = made.plan(files)
    assert plan.startswith("3 objects of ")
    assert f"locked until {UNTIL:%Y-%m-%d} (governance)" in plan
    assert keys_in(s3) == []


def test_a_key_of_kms_is_used_where_it_is_named(s3: Any, files: list[tuple[str, Path]]) -> None:
    publication(kms_key="alias/evidence")[0].write(files)
    found = s3.head_object(Bucket=BUCKET, Key="reports/run/run.json")
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", "alias/evidence")


def test_a_bucket_that_would_not_keep_it_is_refused_with_what_to_do(s3: Any) -> None:
    s3.delete_public_access_block(Bucket=BUCKET)
    with pytest.raises(ParameterError, match=r"it may become public.*Block all public access"):
        publication()
    s3.delete_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket=BUCKET)
    with pytest.raises(ParameterError) as caught:
        publication()
    assert "it keeps no versions; it has no Object Lock; it may become public" in str(caught.value)
    s3.delete_bucket(Bucket=BUCKET)
    with pytest.raises(NotFound, match="there is no bucket acme-evidence"):
        publication()


def test_something_else_under_a_name_is_told_and_left(
    s3: Any, files: list[tuple[str, Path]]
) -> None:
    s3.put_object(Bucket=BUCKET, Key="reports/run/run.json", Body=b"other")
    with pytest.raises(EvidenceError, match="its SHA-256 is another; it has 5 bytes and not 2"):
        publication()[0].write(files)
    assert s3.get_object(Bucket=BUCKET, Key="reports/run/run.json")["Body"].read() == b"other"
    assert not any("published-" in key for key in keys_in(s3))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"until": UNTIL + timedelta(days=1)}, "it is locked until"),
        ({"mode": LockMode.COMPLIANCE}, "its lock is one of governance"),
        ({"kms_key": "alias/evidence"}, "it is encrypted by AES256"),
    ],
)
def test_what_is_kept_less_firmly_than_asked_is_not_called_published(
    s3: Any, files: list[tuple[str, Path]], asked: dict[str, Any], says: str
) -> None:
    del s3
    publication()[0].write(files)
    with pytest.raises(EvidenceError, match=says):
        publication(**asked)[0].write(files)


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"), AccessDenied),
        (EndpointConnectionError(endpoint_url="https://s3"), OpsError),
    ],
)
def test_a_publication_that_fails_is_not_one_and_goes_on_later(
    s3: Any,
    files: list[tuple[str, Path]],
    monkeypatch: pytest.MonkeyPatch,
    at: int,
    error: Exception,
    kind: type[OpsError],
) -> None:
    made, _ = publication()
    real, calls = made._client.put_object, []

    def put(**asked: Any) -> Any:
        calls.append(asked["Key"])
        if len(calls) > at:
            raise error
        return real(**asked)

    monkeypatch.setattr(made._client, "put_object", put)
    with pytest.raises(kind) as caught:
        made.write(files)
    (note,) = caught.value.__notes__
    assert note.startswith(f"{at} of 3 objects are in s3://acme-evidence/reports: not published")
    assert not any("published-" in key for key in keys_in(s3))
    publication()[0].write(files)
    assert len(keys_in(s3)) == 3


def test_nothing_but_locked_puts_below_the_prefix_is_let_through(s3: Any) -> None:
    del s3
    made, _ = publication()
    fits = {
        "Bucket": BUCKET,
        "Key": "reports/x",
        "IfNoneMatch": "*",
        "ObjectLockRetainUntilDate": UNTIL,
    }
    made._admit("PutObject", fits)
    for name, other in [("Bucket", "b"), ("Key", "x"), ("IfNoneMatch", None)]:
        with pytest.raises(ChangeRefused):
            made._admit("PutObject", {**fits, name: other})
    with pytest.raises(ChangeRefused):
        made._admit("PutObject", {k: v for k, v in fits.items() if not k.startswith("ObjectLock")})
    for operation in ("DeleteObject", "PutObjectRetention", "PutBucketPolicy"):
        with pytest.raises(ChangeRefused):
            made._admit(operation, fits)


def test_the_policy_holds_every_call_and_no_other(s3: Any, files: list[tuple[str, Path]]) -> None:
    del s3
    made, ledger = publication()
    made.write(files)
    called = {iam_action(call.service, call.operation) for call in ledger.records}
    allowed = set(read_iam_actions(POLICY))
    assert called - allowed == set()
    assert allowed - called == set(WITHOUT_A_CALL)


def test_the_policy_lets_locked_objects_in_and_deletes_nothing() -> None:
    policy, place = Policy.load(POLICY), f"arn:aws:s3:::{BUCKET}/reports/x"
    assert policy.allows("s3:PutObject", place, ("s3:object-lock-retain-until-date",))
    assert not policy.allows("s3:PutObject", place)
    assert not policy.allows("s3:PutObject", "arn:aws:s3:::other/x")
    actions = read_iam_actions(POLICY)
    changing = {action for action in actions if not is_read_only(action.partition(":")[2])}
    assert changing == {
        "s3:PutObject",
        "s3:PutObjectRetention",
        "kms:Decrypt",
        "kms:GenerateDataKey",
    }
