"""Heads of signed chains in S3: put over the very one that was read, and nothing else is put."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from opslib.actions.changes import ChangeRefused
from opslib.actions.head_objects import HeadObjects
from opslib.aws.connection import Connection
from opslib.aws.ledger import Ledger
from opslib.errors import EvidenceError, NotFound
from opslib.evidence.head import Chain
from opslib.evidence.verification import exit_code_of, verify_reports
from opslib.parameters import CostParameters
from opslib.runner.catalog import read_iam_actions
from tests.evidence.signed_runs import make_sealer, sign_run

POLICY = Path(__file__).parents[2] / "deploy" / "iam" / "signing.json"
TINY = Chain(environment="test", notebook="tiny")
KEY = "heads/test/tiny.head.dsse.json"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="acme-heads")
        yield client


def heads_in(tmp_path: Path, bucket: str = "acme-heads") -> tuple[HeadObjects, Ledger]:
    ledger = Ledger()
    parameters = CostParameters.parse({"environment": "prod", "as_of": "2026-03-02T06:00:00Z"})
    uri = f"s3://{bucket}/heads"
    return HeadObjects(Connection(parameters, ledger), uri, tmp_path / "locks"), ledger


def test_a_head_is_put_over_the_one_that_was_read(s3: Any, tmp_path: Path) -> None:
    heads, ledger = heads_in(tmp_path)
    for number in range(3):
        with heads.locked(TINY):
            assert heads.read(TINY) == (b"%d" % (number - 1) if number else None)
            heads.write(TINY, b"%d" % number)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="acme-heads")["Contents"]] == [KEY]
    used = {f"s3:{call.operation}" for call in ledger.records}
    assert used == {"s3:GetObject", "s3:PutObject"}
    assert used < set(read_iam_actions(POLICY))


def test_of_two_hosts_at_once_one_is_refused(s3: Any, tmp_path: Path) -> None:
    (one, _), (other, _) = heads_in(tmp_path / "one"), heads_in(tmp_path / "other")
    for heads in (one, other):
        heads.read(TINY)
    one.write(TINY, b"one")
    with pytest.raises(EvidenceError, match="another host has appended to test/tiny"):
        other.write(TINY, b"other")
    one.read(TINY)
    other.read(TINY)
    other.write(TINY, b"other")
    with pytest.raises(EvidenceError, match="another host"):
        one.write(TINY, b"one")
    assert s3.get_object(Bucket="acme-heads", Key=KEY)["Body"].read() == b"other"


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_no_empty_chain(tmp_path: Path) -> None:
    heads, _ = heads_in(tmp_path, "acme-other")
    with pytest.raises(NotFound):
        heads.read(TINY)


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(
    ("call", "asked"),
    [
        ("put_object", {"Key": KEY, "Body": b""}),
        ("put_object", {"Key": "elsewhere.head.dsse.json", "Body": b"", "IfNoneMatch": "*"}),
        ("put_object", {"Key": "heads/other", "Body": b"", "IfNoneMatch": "*"}),
        ("delete_object", {"Key": KEY}),
    ],
)
def test_nothing_else_is_changed(tmp_path: Path, call: str, asked: dict[str, Any]) -> None:
    heads, _ = heads_in(tmp_path)
    with pytest.raises(ChangeRefused):
        getattr(heads._client, call)(Bucket="acme-heads", **asked)


def test_runs_are_chained_by_a_head_in_s3(s3: Any, tmp_path: Path) -> None:
    heads, _ = heads_in(tmp_path)
    sealer = replace(make_sealer(tmp_path / "state"), heads=heads)
    for minute in range(2):
        sign_run(tmp_path / "reports", minute, sealer)
    head = s3.get_object(Bucket="acme-heads", Key=KEY)["Body"].read()
    verdicts = verify_reports(tmp_path / "reports", sealer.keys, {"head": head})
    assert (exit_code_of(verdicts), len(verdicts)) == (0, 2)
