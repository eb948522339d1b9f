from __future__ import annotations

from typing import Any

import pytest

from opslib.actions.validation_result import MOST_CHARACTERS, may_be_validated, send_verdict
from opslib.errors import AccessDenied, NotFound, ReadError
from opslib.findings import Verdict
from tests.aws.fakes import refusal
from tests.aws.test_backups import FakeClient

PLANNED = {"CreatedBy": {"RestoreTestingPlanArn": "arn:plan"}, "Status": "COMPLETED"}


@pytest.mark.parametrize(
    ("verdict", "status", "message"),
    [
        (Verdict.PASS, "SUCCESSFUL", "all is there"),
        (Verdict.FAIL, "FAILED", "all is there"),
        (Verdict.INCONCLUSIVE, "FAILED", "INCONCLUSIVE: all is there"),
    ],
)
def test_a_verdict_is_sent_in_the_words_of_aws(verdict: Verdict, status: str, message: str) -> None:
    client = FakeClient()
    sent = send_verdict(client, "JOB", verdict, "all  is\nthere", dry_run=False)
    assert (sent.status, sent.message, sent.is_sent) == (status, message, True)
    told: dict[str, Any] = {
        "RestoreJobId": "JOB",
        "ValidationStatus": status,
        "ValidationStatusMessage": message,
    }
    assert client.asked == [("put_restore_validation_result", told)]


def test_a_dry_run_sends_nothing_and_is_the_default() -> None:
    client = FakeClient()
    planned = send_verdict(client, "JOB", Verdict.PASS, "fine")
    assert client.asked == []
    assert (planned.status, planned.is_sent) == ("SUCCESSFUL", False)


def test_a_message_is_short_and_holds_no_secret_and_no_control_character() -> None:
    hostile = "password=hunter2hunter2 \x1b[31m " + "x" * 5000
    message = send_verdict(FakeClient(), "JOB", Verdict.INCONCLUSIVE, hostile).message
    assert len(message) == MOST_CHARACTERS
    assert message.startswith("INCONCLUSIVE: ")
    assert message.endswith("…")
    assert "hunter2" not in message
    assert "\x1b" not in message


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("AccessDeniedException", AccessDenied),
        ("ResourceNotFoundException", NotFound),
        ("InvalidRequestException", ReadError),
    ],
)
def test_a_refusal_names_the_job(code: str, error: type[ReadError]) -> None:
    client = FakeClient(put_restore_validation_result=refusal(code, "Put"))
    with pytest.raises(error, match="PutRestoreValidationResult JOB"):
        send_verdict(client, "JOB", Verdict.PASS, "", dry_run=False)


@pytest.mark.parametrize(
    ("job", "may"),
    [
        (PLANNED, True),
        ({**PLANNED, "Status": "RUNNING"}, False),
        ({"Status": "COMPLETED"}, False),
        ({**PLANNED, "CreatedBy": {}}, False),
    ],
)
def test_only_a_finished_job_of_a_testing_plan_takes_a_verdict(
    job: dict[str, Any], may: bool
) -> None:
    assert may_be_validated(job) is may
