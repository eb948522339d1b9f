"""Past runs and restore jobs made by hand."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from opslib.analysis.dr.questions import WHOLE
from opslib.coverage import Coverage, CoverageStatus
from tests.analysis.dr.backups import AS_OF, DAY, ORDERS, Row

MINUTE = timedelta(minutes=1)


def past_run(ago: timedelta, verdict: str = "pass", **facts: Any) -> Row:
    at: datetime = AS_OF - ago
    return {
        "Run": f"2026/prod/drill-{ago.days}-{ago.seconds}",
        "StartedAt": at,
        "AsOf": at,
        "Mode": "",
        "Status": "published",
        "ExitCode": 0.0,
        "Problem": "",
        "Parameters": json.dumps({"source_cluster": "orders"}),
        "Conclusions": json.dumps({WHOLE: verdict}),
        "Headlines": "[]",
        **facts,
    }


def restore_job(ago: timedelta, minutes: float = 30, **facts: Any) -> Row:
    end: datetime = AS_OF - ago
    return {
        "Account": "acme",
        "Region": "us-east-1",
        "JobId": f"job-{ago.total_seconds()}-{minutes}",
        "ResourceArn": ORDERS,
        "ResourceType": "Aurora",
        "RecoveryPointArn": "arn:point",
        "CreatedResourceArn": "arn:made",
        "Status": "COMPLETED",
        "Message": "",
        "CreatedAt": end - minutes * MINUTE,
        "CompletedAt": end,
        "SizeBytes": 1e10,
        "TestingPlanArn": "arn:plan",
        "ValidationStatus": "SUCCESSFUL",
        "ValidationMessage": "",
        **facts,
    }


def seen(**statuses: CoverageStatus) -> list[Coverage]:
    """Return the coverage of both reads, complete but for what is given by name."""
    return [
        Coverage(
            table=table,
            asked="all",
            status=statuses.get(table.replace(" ", "_"), CoverageStatus.COMPLETE),
        )
        for table in ("past runs", "restore jobs")
    ]


QUARTER = 92 * DAY
