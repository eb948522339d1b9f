"""Made-up CloudTrail records and the files that hold them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

OWN = "111122223333"


def record(number: int = 0, **values: Any) -> dict[str, Any]:
    """Return the record of a call by a role; ``values`` take the place of its own."""
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{OWN}:assumed-role/deploy/run-{number}",
            "accountId": OWN,
            "sessionContext": {
                "sessionIssuer": {"arn": f"arn:aws:iam::{OWN}:role/deploy"},
                "attributes": {"mfaAuthenticated": "false"},
            },
        },
        "eventTime": f"2026-03-01T{number // 60:02d}:{number % 60:02d}:00Z",
        "eventSource": "ecs.amazonaws.com",
        "eventName": "UpdateService",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli",
        "requestParameters": {"service": "web"},
        "responseElements": None,
        "eventID": f"event-{number:04d}",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": OWN,
        "eventCategory": "Management",
        **values,
    }


def write_records(place: Path, records: Sequence[dict[str, Any]]) -> Path:
    """Write a file as CloudTrail delivers it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(gzip.compress(json.dumps({"Records": list(records)}).encode()))
    return place
