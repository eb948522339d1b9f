"""The verdict of a drill on what a restore testing plan of AWS Backup restored, sent back to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opslib.actions.changes import ChangeRefused
from opslib.actions.validation_result import SentVerdict, may_be_validated, send_verdict
from opslib.aws.connection import is_read_only
from opslib.aws.faults import aws_faults
from opslib.aws.reads import Reads
from opslib.errors import ParameterError
from opslib.findings import Conclusion
from opslib.parameters.dr import DrParameters
from opslib.progress import tell

__all__ = ["send_back"]


def send_back(reads: Reads, parameters: DrParameters, conclusion: Conclusion) -> SentVerdict | None:
    """Send the answer to "did it come back?" of the job that the parameters name.

    Nothing is sent without ``send_verdict``, nor by a replay. AWS Backup deletes what was
    restored once a verdict is there, so that this comes last.

    Args:
        reads: the run's context.
        parameters: name the job.
        conclusion: the answer.

    Returns:
        What was sent, or would be; None where no job is named.

    Raises:
        ParameterError: the job is of no restore testing plan, or has not completed.
        ReadError: AWS refuses.
    """
    job = parameters.restore_job
    if not job or reads.run.replay:
        return None
    client = reads.connection.changing_client("backup", _admit, parameters.account)
    with aws_faults(f"backup:DescribeRestoreJob {job}"):
        described = client.describe_restore_job(RestoreJobId=job)
    if not may_be_validated(described):
        raise ParameterError(
            "AWS takes a verdict of completed jobs of restore testing plans only",
            where=f"restore_job: {job}",
            remedy="Leave restore_job out, or name the job that made restored.",
        )
    sent = send_verdict(
        client,
        job,
        conclusion.verdict,
        conclusion.sentence,
        dry_run=not parameters.send_verdict,
    )
    tell(f"{'sent' if sent.is_sent else 'would send'} {sent.status} for restore job {job}")
    return sent


def _admit(operation: str, parameters: Mapping[str, Any]) -> None:
    del parameters
    if not is_read_only(operation) and operation != "PutRestoreValidationResult":
        raise ChangeRefused("only a verdict is sent here", where=f"backup:{operation}")
