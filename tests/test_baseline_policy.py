"""The policy of a capture: every call that it makes, no other, and no write over anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opslib.actions.baseline_capture import capture_baseline, capture_store
from opslib.actions.baseline_target import parse_bucket_target
from opslib.actions.baseline_upload import BaselineUpload
from opslib.aws.connection import is_read_only
from opslib.aws.permissions import iam_action
from opslib.parameters import DrParameters
from opslib.parameters.store_copies import StoreCopy
from opslib.runner.catalog import read_iam_actions
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.tables.baseline import write_baseline
from opslib.tables.baseline_layout import DATABASE_BASELINE
from tests.policies import Policy
from tests.test_dr_drill import LEDGER, ROOT, reads_in
from tests.test_drill_policy import SECRET, make_what_others_made, secret_of

POLICY = ROOT / "deploy" / "iam" / "baseline_capture.json"
BASELINES = "arn:aws:s3:::acme-dr-baselines"
TAGGED, OVER_NOTHING = "s3:RequestObjectTag/opslib:baseline", "s3:if-none-match"
COPIES = [
    {"kind": "table", "source": "sessions", "baseline": "x"},
    {"kind": "table", "source": "carts", "baseline": "x"},
    {"kind": "bucket", "source": "acme-documents", "restored": "copy"},
]
WITHOUT_A_CALL = {
    "s3:GetObjectTagging": "GetObjectTagging of a bucket that keeps no versions",
    "s3:GetObjectVersion": "HeadObject and GetObject of a version",
    "s3:PutObjectTagging": "PutObject with a tag",
}
"""Actions that AWS asks for beside those of the calls, each with what asks for it."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="steady", seed=3) as running:
        yield running


@pytest.mark.slow
def test_the_policy_holds_every_call_of_a_capture_and_no_other(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.environ.items():
        monkeypatch.setenv(name, value)
    make_what_others_made()
    master = f"secretsmanager:{secret_of('cluster-ledger')}"
    ways: list[dict[str, Any]] = [
        {"source_secret": f"ssm:{SECRET}"},
        {**LEDGER, "source_secret": master, "restored_secret": master},
    ]
    called: set[str] = set()
    for number, way in enumerate(ways):
        reads = reads_in(tmp_path / f"{number}", **way)
        parameters = reads.parameters
        assert isinstance(parameters, DrParameters)
        for place, copy in enumerate(COPIES):
            store = StoreCopy.model_validate(copy)
            capture_store(reads, parameters, store, tmp_path / f"store-{number}-{place}")
        folder = tmp_path / f"database-{number}"
        write_baseline(capture_baseline(reads, parameters, "record")[0], folder)
        target = parse_bucket_target(f"s3://acme-dr-baselines/policy/{number}")
        assert target is not None
        upload = BaselineUpload(
            reads.connection, parameters.account, target, DATABASE_BASELINE, parameters.as_of
        )
        upload.check()
        upload.write(folder)
        upload.write(folder)  # finds its own objects, as after a lost answer
        called |= {iam_action(call.service, call.operation) for call in reads.ledger.records}
    allowed = set(read_iam_actions(POLICY))
    assert sorted(called - allowed) == []
    assert allowed - called == set(WITHOUT_A_CALL)


def test_the_only_changes_are_puts_of_tagged_objects_over_nothing() -> None:
    actions = read_iam_actions(POLICY)
    changing = {action for action in actions if not is_read_only(action.partition(":")[2])}
    assert changing == {"s3:PutObject", "s3:PutObjectTagging"}
    assert "delete" not in json.dumps(json.loads(POLICY.read_text())).lower()


def test_a_baseline_is_written_with_its_tag_and_over_nothing() -> None:
    policy, place = Policy.load(POLICY), f"{BASELINES}/orders/20260302T030000Z/baseline.json"
    assert policy.allows("s3:PutObject", place, (TAGGED, OVER_NOTHING))
    assert policy.allows("s3:PutObjectTagging", place, (TAGGED,))
    assert not policy.allows("s3:PutObject", place, (TAGGED,))
    assert not policy.allows("s3:PutObject", place, (OVER_NOTHING,))
    assert not policy.allows("s3:PutObject", place)
    assert not policy.allows("s3:PutObjectTagging", place)


@pytest.mark.parametrize("bucket", ["acme-documents", "acme-uploads", "acme-terraform-state"])
def test_nothing_is_written_into_another_bucket(bucket: str) -> None:
    policy, place = Policy.load(POLICY), f"arn:aws:s3:::{bucket}/x"
    for action in ("s3:PutObject", "s3:PutObjectTagging"):
        assert not policy.allows(action, place, (TAGGED, OVER_NOTHING))


def test_only_the_stores_and_the_bucket_of_baselines_are_read() -> None:
    policy = Policy.load(POLICY)
    table = "arn:aws:dynamodb:us-east-1:222222222222:table"
    assert policy.allows("s3:ListBucket", BASELINES)
    assert policy.allows("s3:GetObject", f"{BASELINES}/x")
    assert policy.allows("dynamodb:Scan", f"{table}/sessions")
    assert not policy.allows("s3:ListBucket", "arn:aws:s3:::acme-terraform-state")
    assert not policy.allows("s3:GetObject", "arn:aws:s3:::acme-terraform-state/x")
    assert not policy.allows("dynamodb:Scan", f"{table}/acme-terraform-locks")
    assert not policy.allows("dynamodb:PutItem", f"{table}/sessions")


def test_a_drill_may_list_the_baselines_and_write_none() -> None:
    policy = Policy.load(ROOT / "deploy" / "iam" / "dr_restore_validation.json")
    assert policy.allows("s3:ListBucket", BASELINES)
    assert not policy.allows("s3:PutObject", f"{BASELINES}/x", (TAGGED, OVER_NOTHING))
