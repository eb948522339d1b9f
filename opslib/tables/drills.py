"""What has been restored before: earlier runs of a notebook, AWS Backup's restore jobs and tests.

Every moment is UTC; null is what was not told. Source of names: AWS Backup API Reference,
RestoreJobsListMember.
"""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["INCONCLUSIVE", "PAST_RUNS", "RESTORE_JOBS"]

INCONCLUSIVE = "INCONCLUSIVE: "
"""What the message of a validation begins with that came to no verdict: AWS has no word for it."""

PAST_RUNS = pa.DataFrameSchema(
    {
        "Run": column(str),
        "StartedAt": column(datetime),
        "AsOf": column(datetime),
        "Mode": column(str),
        "Status": column(str),
        "ExitCode": column(float, nullable=True),
        "Problem": column(str),
        "Parameters": column(str),
        "Conclusions": column(str),
        "Headlines": column(str),
    },
    unique=["Run"],
)
"""One row a published run of the same notebook and environment.

AsOf is the moment that its report speaks of. Mode is '' where the notebook has none. Problem says
why its findings cannot be read, '' where they can. Parameters and Headlines are JSON text as the
run recorded them; Conclusions is JSON text of question to verdict.
"""

RESTORE_JOBS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "JobId": column(str),
        "ResourceArn": column(str),
        "ResourceType": column(str),
        "RecoveryPointArn": column(str),
        "CreatedResourceArn": column(str),
        "Status": column(str),
        "Message": column(str),
        "CreatedAt": column(datetime),
        "CompletedAt": column(datetime, nullable=True),
        "SizeBytes": column(float, nullable=True),
        "TestingPlanArn": column(str),
        "ValidationStatus": column(str),
        "ValidationMessage": column(str),
    },
    unique=["Account", "Region", "JobId"],
)
"""One row a restore job.

ResourceArn is what the recovery point was made of, CreatedResourceArn what was restored.
TestingPlanArn is the restore testing plan that began it, '' for a restore by hand. Status and
ValidationStatus are AWS's words, the latter '' where nobody validated.
"""
