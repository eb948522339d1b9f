from __future__ import annotations

import json
from typing import Any

from benchmarks.synthetic_month import make_month

TECHNIQUE: list[dict[str, Any]] = [
    {
        "eventTime": f"2024-05-01T10:00:0{second}Z",
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": name,
        "readOnly": name == "DescribeTrails",
        "recipientAccountId": "999988887777",
        "eventID": f"id-{second}",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::999988887777:user/eve"},
        "requestParameters": {"name": "arn:aws:cloudtrail:eu-west-1:999988887777:trail/t"},
    }
    for second, name in enumerate(["DescribeTrails", "StopLogging", "DeleteTrail"])
]


def test_a_month_holds_the_changes_of_its_techniques_and_names_them() -> None:
    month = make_month([TECHNIQUE], seed=3, days=10)
    told = {event["eventID"]: event for event in month.events}
    assert len(told) == len(month.events) > 1000
    assert [told[event]["eventName"] for event in month.truth] == ["StopLogging", "DeleteTrail"]
    assert "999988887777" not in json.dumps([told[event] for event in month.truth])
    assert month.events == make_month([TECHNIQUE], seed=3, days=10).events
    assert month.events != make_month([TECHNIQUE], seed=4, days=10).events
