"""Each target once: throttled, denied, cut off, killed between sending and noting, two at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal.models import moto_api_backend
from moto.sns.models import sns_backends

from opslib.actions.action_ledger import ACTIONS_FILE
from opslib.actions.changes import ChangeRefused
from opslib.actions.delivery.attempts import Patience
from opslib.actions.delivery.courier import Courier
from opslib.actions.delivery.notes import LedgerNotes, Note, Outcome
from opslib.actions.delivery.report_files import ReportFiles
from opslib.actions.delivery.topic import Topic
from opslib.aws.ledger import Ledger
from opslib.aws.permissions import iam_action
from opslib.parameters.delivery import DeliveryTarget
from opslib.runner.catalog import read_iam_actions
from tests.actions.delivery.places import (
    ARN,
    BUCKET,
    NOON,
    archive,
    chat,
    connection,
    courier,
    deliver,
    parcel,
    topic,
)
from tests.policies import Policy

POLICY = Path(__file__).parents[3] / "deploy" / "iam" / "delivery.json"
FIFO = f"{ARN}.fifo"


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, Any]]:
    with mock_aws():
        services = ("s3", "sns")
        yield {each: boto3.client(each, region_name="us-east-1") for each in services}


@pytest.fixture(autouse=True)
def _account(clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test an account with a bucket and two topics, and nothing else."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    moto_api_backend.reset()
    clients["s3"].create_bucket(Bucket=BUCKET)
    clients["sns"].create_topic(Name="opslib-reports")
    clients["sns"].create_topic(Name="opslib-reports.fifo", Attributes={"FifoTopic": "true"})


@pytest.fixture
def s3(clients: dict[str, Any]) -> Any:
    return clients["s3"]


def published(arn: str = ARN) -> list[Any]:
    """Return what a topic was sent: id, text, subject, attributes and group."""
    return list(sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].topics[arn].sent_notifications)


def noted(folder: Path) -> list[str]:
    lines = (folder / "notes" / ACTIONS_FILE).read_text().splitlines()
    return [json.loads(line)["outcome"] for line in lines]


def test_a_bucket_gets_the_files_with_their_types_and_once(s3: Any, tmp_path: Path) -> None:
    assert deliver(courier(Ledger()), archive(), tmp_path).is_sent
    found = s3.get_object(Bucket=BUCKET, Key="opslib/tiny/report.html")
    assert found["ContentType"] == "text/html; charset=utf-8"
    assert found["Body"].read() == b"<p>Fine.</p>"
    ledger = Ledger()
    assert deliver(courier(ledger), archive(), tmp_path).before
    assert ledger.records == ()
    assert noted(tmp_path) == ["begun", "sent"]


def test_a_topic_gets_one_message(tmp_path: Path) -> None:
    assert deliver(courier(Ledger()), topic(), tmp_path).is_sent
    assert deliver(courier(Ledger()), topic(), tmp_path).before
    ((_, text, subject, *_),) = published()
    assert subject == "[test] tiny: fine"
    assert text == "tiny in test: fine.\nReport: x\n"


def test_processes_that_deliver_at_once_send_one_message(tmp_path: Path) -> None:
    where = courier(Ledger())
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: deliver(where, topic(), tmp_path), range(4)))
    assert sorted(each.before for each in done) == [False, True, True, True]
    assert len(published()) == 1


def test_what_is_about_to_be_sent_is_noted_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(Topic, "send", lambda *_: seen.append(noted(tmp_path)))
    deliver(courier(Ledger()), topic(), tmp_path)
    assert seen == [["begun"]]


def killed(folder: Path, target: DeliveryTarget) -> None:
    """Leave what a process leaves that is killed after it began to send."""
    LedgerNotes(folder / "notes").write(target, Note(outcome=Outcome.BEGUN, at=NOON))


def test_a_bucket_is_served_again_after_a_kill_and_holds_each_file_once(
    s3: Any, tmp_path: Path
) -> None:
    killed(tmp_path, archive())
    s3.put_object(
        Bucket=BUCKET,
        Key="opslib/tiny/report.html",
        Body=b"<p>Fine.</p>",
        ChecksumAlgorithm="SHA256",
    )
    before = s3.head_object(Bucket=BUCKET, Key="opslib/tiny/report.html")["LastModified"]
    assert deliver(courier(Ledger()), archive(), tmp_path).is_sent
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert keys == ["opslib/tiny/report.html", "opslib/tiny/run.json"]
    assert s3.head_object(Bucket=BUCKET, Key=keys[0])["LastModified"] == before


def test_what_somebody_else_put_there_is_not_overwritten(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket=BUCKET, Key="opslib/tiny/run.json", Body=b"theirs")
    done = deliver(courier(Ledger()), archive(), tmp_path)
    assert done.outcome is Outcome.FAILED
    assert "nothing is overwritten" in done.detail
    assert s3.get_object(Bucket=BUCKET, Key="opslib/tiny/run.json")["Body"].read() == b"theirs"


@pytest.mark.parametrize("target", [topic(), chat()], ids=lambda target: target.kind)
def test_a_message_that_may_have_arrived_is_not_sent_again_unless_somebody_says_so(
    target: DeliveryTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(tmp_path, target)
    for _ in range(2):
        done = deliver(courier(Ledger()), target, tmp_path)
        assert done.outcome is Outcome.UNKNOWN
        assert "a process ended before it could note" in done.detail
    assert published() == []
    assert noted(tmp_path) == ["begun", "unknown"]
    if target.sns:
        assert deliver(courier(Ledger()), target, tmp_path, again=True).is_sent
        assert len(published()) == 1


def test_a_fifo_topic_is_sent_it_again_while_it_knows_the_first(tmp_path: Path) -> None:
    killed(tmp_path, topic(FIFO))
    at = LedgerNotes(tmp_path / "notes").read(topic(FIFO))[0].at
    late = courier(Ledger(), at + timedelta(minutes=5))
    assert deliver(late, topic(FIFO), tmp_path).outcome is Outcome.UNKNOWN
    soon = courier(Ledger(), at + timedelta(minutes=2))
    assert deliver(soon, topic(FIFO), tmp_path).is_sent
    ((*_, group),) = published(FIFO)
    assert group == "opslib"


def test_a_fifo_topic_knows_a_message_by_what_it_is_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(Topic, "_admit", lambda _self, _operation, told: asked.append(dict(told)))
    assert deliver(courier(Ledger()), topic(FIFO), tmp_path).is_sent
    assert deliver(courier(Ledger()), topic(), tmp_path).is_sent
    assert [each.get("MessageDeduplicationId") for each in asked] == ["ab12", None]


def test_a_connection_that_breaks_off_after_sending_is_not_sent_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connection(Ledger()).changing_client
    patience = Patience(seconds=60, sleep=lambda _: None)

    def cut(service: str, admit: Any, account: Any, **options: Any) -> Any:
        made = client(service, admit, account, **options)

        def lose_the_answer(**_: Any) -> None:
            raise ReadTimeoutError(endpoint_url="https://sns.us-east-1.amazonaws.com")

        made.meta.events.register("after-call", lose_the_answer)
        return made

    class Cut:
        changing_client = staticmethod(cut)

    where = Courier(connect=lambda _: Cut(), clock=lambda: NOON, patience=patience)  # type: ignore[arg-type,return-value]
    done = deliver(where, topic(), tmp_path)
    assert done.outcome is Outcome.UNKNOWN
    assert "Look whether it arrived" in done.detail
    assert deliver(courier(Ledger()), topic(), tmp_path).outcome is Outcome.UNKNOWN
    assert len(published()) == 1


def test_a_refused_target_is_told_keeps_no_other_waiting_and_is_tried_again(
    clients: dict[str, Any], tmp_path: Path
) -> None:
    gone = topic("arn:aws:sns:us-east-1:123456789012:gone")
    notes = LedgerNotes(tmp_path / "notes")
    what = [(gone, parcel(tmp_path)), (archive(), parcel(tmp_path))]
    failed, sent = courier(Ledger()).deliver(what, notes)
    assert (failed.outcome, sent.is_sent) == (Outcome.FAILED, True)
    assert "sns:Publish arn:aws:sns:us-east-1:123456789012:gone" in failed.detail
    clients["sns"].create_topic(Name="gone")
    after, before = courier(Ledger()).deliver(what, notes)
    assert after.is_sent
    assert before.before


def test_a_secret_that_is_not_there_is_a_failure_that_names_its_reference(tmp_path: Path) -> None:
    done = deliver(courier(Ledger()), chat(), tmp_path)
    assert done.outcome is Outcome.FAILED
    assert "environment variable SLACK_URL is not set" in done.detail


def test_the_policy_holds_every_call_of_a_delivery_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger()
    secrets = boto3.client("secretsmanager", region_name="us-east-1")
    arn = secrets.create_secret(Name="opslib/slack", SecretString="no address")["ARN"]
    boto3.client("ssm", region_name="us-east-1").put_parameter(
        Name="/opslib/slack", Value="no address", Type="SecureString"
    )
    for place, target in enumerate(
        (archive(), topic(), chat(f"secretsmanager:{arn}"), chat("ssm:/opslib/slack"))
    ):
        folder = tmp_path / f"{place}"
        folder.mkdir()
        deliver(courier(ledger), target, folder)
    again = tmp_path / "again"
    again.mkdir()
    assert deliver(courier(ledger), archive(), again).is_sent
    called = {iam_action(call.service, call.operation) for call in ledger.records}
    seen = {"s3:HeadObject": "s3:GetObject"}
    assert {seen.get(action, action) for action in called} == set(read_iam_actions(POLICY))


def test_the_policy_allows_no_put_over_anything() -> None:
    policy, place = Policy.load(POLICY), f"arn:aws:s3:::{BUCKET}/x"
    assert policy.allows("s3:PutObject", place, ("s3:if-none-match",))
    assert not policy.allows("s3:PutObject", place)
    assert not policy.allows("s3:PutObject", "arn:aws:s3:::acme-documents/x", ("s3:if-none-match",))
    assert policy.allows("sns:Publish", ARN)
    assert not policy.allows("sns:Publish", ARN.replace("opslib-reports", "alarms"))


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("PutObject", {"Bucket": BUCKET, "Key": "opslib/x"}),
        ("PutObject", {"Bucket": BUCKET, "Key": "other/x", "IfNoneMatch": "*"}),
        ("PutObject", {"Bucket": "acme-documents", "Key": "opslib/x", "IfNoneMatch": "*"}),
        ("DeleteObject", {"Bucket": BUCKET, "Key": "opslib/x"}),
    ],
)
def test_no_other_call_leaves_a_delivery(operation: str, asked: dict[str, str]) -> None:
    files = ReportFiles(connection(Ledger()), f"s3://{BUCKET}/opslib")
    with pytest.raises(ChangeRefused):
        files._admit(operation, asked)


def test_a_topic_is_published_to_and_no_other() -> None:
    made = Topic(connection(Ledger()), ARN)
    for operation, arn in (("Publish", FIFO), ("DeleteTopic", ARN), ("Publish", "")):
        with pytest.raises(ChangeRefused):
            made._admit(operation, {"TopicArn": arn})
