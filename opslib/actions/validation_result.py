"""Sending a drill's verdict back to AWS Backup, for a job of a restore testing plan.

AWS knows SUCCESSFUL, FAILED, TIMED_OUT and VALIDATING. A pass is SUCCESSFUL and a fail FAILED.
There is no word for inconclusive: it is sent as FAILED, with a message that begins with
``INCONCLUSIVE: ``, since nothing that counts as success may come of what was not seen, and
TIMED_OUT would say that nobody looked. Once a verdict is there, AWS Backup deletes what was
restored: send it last.

Source: AWS Backup API Reference, PutRestoreValidationResult; AWS Backup developer guide, Restore
testing validation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opslib.aws.faults import aws_faults
from opslib.findings import Verdict
from opslib.redaction import redact_text
from opslib.tables.drills import INCONCLUSIVE
from opslib.wording import visible

__all__ = ["MOST_CHARACTERS", "SentVerdict", "may_be_validated", "send_verdict"]

MOST_CHARACTERS = 1000
"""AWS publishes no limit of the message: a size that its own status messages keep to."""
STATUSES = {
    Verdict.PASS: "SUCCESSFUL",
    Verdict.FAIL: "FAILED",
    Verdict.INCONCLUSIVE: "FAILED",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentVerdict:
    """What was sent of a restore job, or would be.

    Args:
        job: its id.
        status: AWS's ValidationStatus.
        message: what stands beside it.
        is_sent: False for a dry run.
    """

    job: str
    status: str
    message: str
    is_sent: bool


def may_be_validated(job: dict[str, Any]) -> bool:
    """Say whether AWS takes a verdict of a job: a finished one of a restore testing plan.

    Args:
        job: an answer of backup:DescribeRestoreJob, or an item of ListRestoreJobs.
    """
    planned = bool(job.get("CreatedBy", {}).get("RestoreTestingPlanArn"))
    return planned and job.get("Status") == "COMPLETED"


def send_verdict(
    client: Any, restore_job_id: str, verdict: Verdict, message: str, *, dry_run: bool = True
) -> SentVerdict:
    """Send the verdict on what a job restored; without ``dry_run=False`` only say what would be.

    Args:
        client: boto3 client of AWS Backup that may write, in the job's account and region.
        restore_job_id: of a job for which `may_be_validated` holds.
        verdict: what the drill concludes.
        message: why, in a sentence; secrets are taken out and it is cut to `MOST_CHARACTERS`.
        dry_run: send nothing.

    Raises:
        AccessDenied, NotFound, Throttled: AWS refuses.
        ReadError: the job is of no restore testing plan, or its window is over.
    """
    text = _message(verdict, message)
    planned = SentVerdict(
        job=restore_job_id, status=STATUSES[verdict], message=text, is_sent=not dry_run
    )
    if not dry_run:
        with aws_faults(f"backup:PutRestoreValidationResult {restore_job_id}"):
            client.put_restore_validation_result(
                RestoreJobId=restore_job_id,
                ValidationStatus=planned.status,
                ValidationStatusMessage=text,
            )
    return planned


def _message(verdict: Verdict, message: str) -> str:
    start = INCONCLUSIVE if verdict is Verdict.INCONCLUSIVE else ""
    text = start + " ".join(visible(redact_text(message)).split())
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
