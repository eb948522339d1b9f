"""``opslib deliver``, ``opslib late``, and what a run sends by itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal.models import moto_api_backend
from moto.sns.models import sns_backends

from opslib.actions.delivery.notes import Note, Outcome
from opslib.cli import command_line
from opslib.cli.delivery_notes import RunNotes
from opslib.errors import EvidenceError
from opslib.evidence.after import DELIVERY, TOMBSTONE, after_folder, read_after, record_after
from opslib.evidence.envelope import open_envelope
from opslib.evidence.keys import make_key
from opslib.findings import Severity, Verdict
from opslib.parameters.delivery import DeliveryTarget
from opslib.runner import catalog
from opslib.runner.deliveries import read_deliveries
from opslib.runner.failure import ERROR_FILE
from opslib.runner.manifest import RunStatus, read_manifest, write_manifest
from opslib.runner.plotly_script import Assets
from opslib.runner.project import Project
from tests.runner.records import conclusion, document, finding, gap, record_run
from tests.runner.tiny import TINY, failed, make_project, published
from tests.test_cli import Ended

TOPIC = "arn:aws:sns:us-east-1:123456789012:opslib-reports"
DELIVERY_FILE = f"""
link: https://reports.acme.example
targets:
  - {{name: archive, s3: s3://acme-reports/opslib}}
  - {{name: finance, sns: "{TOPIC}", min_severity: medium}}
"""
Opslib = Callable[..., Ended]


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, Any]]:
    with mock_aws():
        yield {each: boto3.client(each, region_name="us-east-1") for each in ("s3", "sns")}


@pytest.fixture(autouse=True)
def _account(clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    moto_api_backend.reset()
    clients["s3"].create_bucket(Bucket="acme-reports")
    clients["sns"].create_topic(Name="opslib-reports")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path / "project")
    (made.root / "parameters" / "test" / "delivery.yaml").write_text(DELIVERY_FILE)
    made.reports.mkdir()
    monkeypatch.setattr(catalog, "CATALOG", (TINY,))
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def opslib(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Opslib:
    monkeypatch.setattr("opslib.cli.command_line.signal.signal", lambda *_: None)

    def call(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["opslib", *arguments])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        out, err = capfd.readouterr()
        return Ended(code=int(ended.value.code or 0), out=out, err=err)

    return call


def messages() -> list[tuple[str, str]]:
    """Return subject and text of what the topic was sent."""
    topic = sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].topics[TOPIC]
    return [(subject or "", text) for _, text, subject, *_ in topic.sent_notifications]


def keys(clients: dict[str, Any]) -> list[str]:
    listed = clients["s3"].list_objects_v2(Bucket="acme-reports").get("Contents", [])
    return [each["Key"] for each in listed]


def recorded(project: Project, minute: int = 0, **values: Any) -> Path:
    """Record a report that found something and could not see something."""
    found = document(
        finding("S3", severity=Severity.LOW),
        finding("EC2"),
        conclusions=(conclusion(Verdict.FAIL),),
        coverage=(gap(),),
    )
    folder = record_run(project.reports, minute, found, **values)
    (folder / "report.html").write_text("<p>Fine.</p>")
    return folder


def failed_run(project: Project, what: str = "no right") -> Path:
    """Record a run that failed."""
    folder = recorded(project)
    kept = project.reports / ".failed" / folder.relative_to(project.reports)
    kept.parent.mkdir(parents=True)
    folder.rename(kept)
    manifest = read_manifest(kept)
    write_manifest(kept, replace(manifest, status=RunStatus.FAILED))
    error = {"error": "AccessDenied", "what": what, "where": "acme", "remedy": "Grant it."}
    (kept / ERROR_FILE).write_text(json.dumps(error))
    return kept


def test_a_report_is_delivered_once_and_told_in_statements(
    project: Project, opslib: Opslib, clients: dict[str, Any]
) -> None:
    folder = recorded(project)
    first, second = opslib("deliver", str(folder)), opslib("deliver", str(folder))
    assert (first.code, second.code) == (0, 0)
    assert "delivered to finance before" in second.err
    place = "2026-03-02/test/tiny-070000Z"
    assert keys(clients) == [
        f"opslib/{place}/{name}" for name in ("findings.json", "report.html", "run.json")
    ]
    ((subject, text),) = messages()
    assert subject == "[test] tiny: 1 fail; 1 medium"
    assert f"Report: https://reports.acme.example/{place}/report.html" in text
    assert "Not seen: costs (denied)." in text
    assert [(each.target, each.outcome) for each in read_deliveries(folder)] == [
        ("archive", "sent"),
        ("finance", "sent"),
    ]
    assert len(read_after(folder, DELIVERY)) == 4


def test_a_dry_run_prints_what_would_be_sent_and_sends_nothing(
    project: Project, opslib: Opslib, clients: dict[str, Any]
) -> None:
    folder = recorded(project)
    ended = opslib("deliver", str(folder), "--dry-run")
    assert ended.code == 0
    assert "to archive: s3://acme-reports/opslib\n2026-03-02/test/tiny-070000Z/" in ended.out
    assert "[test] tiny: 1 fail; 1 medium\n\ntiny of test:" in ended.out
    assert (keys(clients), messages()) == ([], [])
    assert not after_folder(folder).exists()


def test_a_failed_delivery_is_told_and_made_up_for_later(
    project: Project, opslib: Opslib, clients: dict[str, Any]
) -> None:
    folder = recorded(project)
    clients["sns"].delete_topic(TopicArn=TOPIC)
    ended = opslib("deliver", str(folder))
    assert ended.code == 4
    assert "not delivered to finance: " in ended.err
    assert {each.target: each.outcome for each in read_deliveries(folder)} == {
        "archive": "sent",
        "finance": "failed",
    }
    index = project.reports / "index.html"
    assert "not delivered</span>finance: " in index.read_text()
    clients["sns"].create_topic(Name="opslib-reports")
    assert opslib("deliver", str(folder)).code == 0
    assert len(messages()) == 1
    assert "not delivered" not in index.read_text()


def test_statements_are_signed_as_the_environment_signs(
    project: Project, opslib: Opslib, tmp_path: Path
) -> None:
    key = make_key(tmp_path / "keys" / "test.pem")
    signing = f"key: {tmp_path}/keys/test.pem\nstate: {tmp_path}/heads\n"
    project.signing_file("test").write_text(signing)
    folder = recorded(project)
    assert opslib("deliver", str(folder)).code == 0
    files = sorted(after_folder(folder).iterdir())
    assert len(files) == 4
    for file in files:
        assert open_envelope(file.read_bytes(), [key])


def test_a_pruned_report_had_come_and_is_sent_no_more(
    project: Project, opslib: Opslib, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = recorded(project)
    record_after(folder, TOMBSTONE, {"at": "2026-03-02T08:00:00+00:00"}, None)
    (folder / "findings.json").unlink()
    move(monkeypatch, SEVEN + timedelta(hours=2))
    assert opslib("late", "-e", "test", "--within", "26h").out.startswith("in time  tiny")
    ended = opslib("deliver", str(folder))
    assert (ended.code, messages()) == (2, [])
    assert "its files were deleted on 2026-03-02" in ended.err


def test_a_delivery_that_was_begun_is_unknown_and_of_one_target_alone(project: Project) -> None:
    folder, target = recorded(project), DeliveryTarget(name="finance", sns=TOPIC)
    notes = RunNotes(folder, None)
    notes.write(target, Note(outcome=Outcome.BEGUN, at=datetime(2026, 3, 2, 7, tzinfo=UTC)))
    (delivered,) = read_deliveries(folder)
    assert (delivered.outcome, delivered.at) == ("unknown", "2026-03-02T07:00:00.000+00:00")
    assert [note.outcome for note in notes.read(target)] == [Outcome.BEGUN]
    assert notes.read(target.model_copy(update={"name": "another"})) == []


def test_where_a_statement_cannot_be_read_nothing_is_sent(project: Project, opslib: Opslib) -> None:
    folder = recorded(project)
    opslib("deliver", str(folder))
    for file in after_folder(folder).iterdir():
        file.write_text("{")
    ended = opslib("deliver", str(folder))
    assert ended.code == 4
    assert ended.err.count("what was delivered is not known") == 2
    assert len(messages()) == 1
    with pytest.raises(EvidenceError):
        RunNotes(folder, None).read(DeliveryTarget(name="finance", sns=TOPIC))


def test_a_failed_run_is_announced_with_its_cause_and_no_secret(
    project: Project, opslib: Opslib, clients: dict[str, Any]
) -> None:
    folder = failed_run(project, what="no right, token=hunter2hunter2")
    assert opslib("deliver", str(folder)).code == 0
    ((subject, text),) = messages()
    assert subject == "[test] tiny: the run failed, no report"
    assert "What to do: Grant it." in text
    assert "hunter2" not in text
    place = "opslib/.failed/2026-03-02/test/tiny-070000Z"
    assert keys(clients) == [f"{place}/error.json", f"{place}/run.json"]


def test_a_page_that_shares_its_script_is_delivered_with_it(
    project: Project, opslib: Opslib, clients: dict[str, Any]
) -> None:
    folder = recorded(project)
    script = project.reports / "assets" / "plotly-3.js"
    script.parent.mkdir()
    script.write_text("1")
    (folder / "report.html").write_text(
        '<script nonce="x" src="../../../assets/plotly-3.js"></script>'
    )
    assert opslib("deliver", str(folder)).code == 0
    assert "opslib/assets/plotly-3.js" in keys(clients)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("targets: [{name: a, s3: s3://acme, ownr: x}]", "delivery.yaml:1"),
        (f"targets: [{{name: a, sns: '{TOPIC}', notebooks: [tinny]}}]", "did you mean 'tiny'?"),
        ("", "no target wants reports of tiny"),
    ],
)
def test_a_delivery_that_cannot_be_is_one_line(
    project: Project, opslib: Opslib, written: str, says: str
) -> None:
    project.parameters_file("test", "delivery").write_text(written)
    ended = opslib("deliver", str(recorded(project)))
    assert ended.code == 2
    assert says in ended.err
    assert ended.err.count("\n") == 1


def move(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let ``opslib late`` take it for this moment."""

    class Clock:
        @staticmethod
        def now(_: Any) -> datetime:
            return moment

    monkeypatch.setattr("opslib.cli.lateness.datetime", Clock)


SEVEN = datetime(2026, 3, 2, 7, tzinfo=UTC)


def test_a_report_in_time_is_told_and_nobody_is_disturbed(
    project: Project, opslib: Opslib, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(project)
    move(monkeypatch, SEVEN + timedelta(hours=26))
    ended = opslib("late", "-e", "test", "--within", "26h", "--announce")
    assert (ended.code, messages()) == (0, [])
    assert ended.out == "in time  tiny  last report 2026-03-02 07:00 UTC\n"


def test_a_late_report_is_announced_once_in_each_period(
    project: Project, opslib: Opslib, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(project)
    late = ("late", "-e", "test", "--within", "26h", "--announce")
    for hours, told in ((27, 1), (30, 1), (51, 1), (53, 2)):
        move(monkeypatch, SEVEN + timedelta(hours=hours))
        assert opslib(*late).code == 1
        assert len(messages()) == told
    subject, text = messages()[0]
    assert subject == "[test] tiny: no report within 26h"
    assert "the newest is of 2026-03-02 07:00 UTC" in text


def test_a_report_that_never_came_is_told_and_a_failed_one_with_its_cause(
    project: Project, opslib: Opslib, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = opslib("late", "-e", "test", "--within", "26h", "--json")
    assert never.code == 1
    assert json.loads(never.out)[0]["standing"] == "never"
    failed_run(project)
    move(monkeypatch, SEVEN + timedelta(hours=1))
    for _ in range(2):
        ended = opslib("late", "-e", "test", "--within", "26h", "--announce")
        assert ended.code == 1
        assert ended.out == "failed   tiny  no report yet  no right [acme]\n"
    ((subject, _),) = messages()
    assert subject == "[test] tiny: the run failed, no report"


def test_an_announcement_that_reaches_nobody_is_another_exit_code(
    project: Project, opslib: Opslib, clients: dict[str, Any]
) -> None:
    clients["sns"].delete_topic(TopicArn=TOPIC)
    late = ("late", "-e", "test", "--within", "26h", "--announce")
    assert opslib(*late).code == 4
    clients["sns"].create_topic(Name="opslib-reports")
    assert opslib(*late).code == 1
    assert len(messages()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-e", "test", "--within", "26"), "'26' is no interval"),
        (("-e", "prod", "--within", "26h"), "opslib init -e prod"),
    ],
)
def test_lateness_of_nothing_is_bad_input(
    project: Project, opslib: Opslib, arguments: tuple[str, ...], says: str
) -> None:
    ended = opslib("late", *arguments)
    assert ended.code == 2
    assert says in ended.err


def test_nobody_to_tell_is_bad_input(project: Project, opslib: Opslib) -> None:
    project.parameters_file("test", "delivery").unlink()
    ended = opslib("late", "-e", "test", "--within", "26h", "--announce")
    assert ended.code == 2
    assert "there is nobody to announce it to" in ended.err


@pytest.mark.slow
def test_a_run_delivers_its_report_and_announces_its_failure(
    project: Project, opslib: Opslib, clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = opslib("run", "tiny", "-e", "test", "--no-deliver")
    assert (quiet.code, messages()) == (0, [])
    clients["s3"].delete_bucket(Bucket="acme-reports")
    ran = opslib("run", "tiny", "-e", "test", "--assets", Assets.SHARED.value)
    assert ran.code == 0, "a failed delivery fails no report"
    assert "not delivered to archive: " in ran.err
    broke = opslib("run", "tiny", "-e", "test", "-p", "behaviour=deny")
    assert broke.code == 4
    subjects = [subject for subject, _ in messages()]
    assert subjects[0].startswith("[test] tiny: ")
    assert subjects[1:] == ["[test] tiny: the run failed, no report"]
    assert [len(read_deliveries(each)) for each in published(project)] == [0, 2]
    assert [len(read_deliveries(each)) for each in failed(project)] == [2]
