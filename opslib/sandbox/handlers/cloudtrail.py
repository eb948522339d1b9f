"""CloudTrail's LookupEvents: 90 days, 50 a page, two requests a second.

Source: AWS CloudTrail API Reference, LookupEvents.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from opslib.sandbox.api_calls import ApiCall, event_of
from opslib.sandbox.cloudtrail import RECORDED_DAYS, calls_between
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError

__all__ = ["Pace", "lookup_events"]

MOST_A_PAGE = 50
REQUESTS_A_SECOND = 2


class Pace:
    """Refuses what comes faster than a number of requests a second.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last: dict[tuple[str, str], deque[float]] = defaultdict(
            lambda: deque(maxlen=REQUESTS_A_SECOND)
        )

    def admit(self, account: str, region: str) -> bool:
        """Say whether a request may pass now."""
        with self._lock:
            passed, now = self._last[account, region], self._clock()
            if len(passed) == REQUESTS_A_SECOND and now - passed[0] < 1:
                return False
            passed.append(now)
            return True


PACE = Pace()


@op("cloudtrail", "LookupEvents")
def lookup_events(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer cloudtrail:LookupEvents, newest first."""
    if not PACE.admit(caller.account, caller.region):
        raise AwsError("ThrottlingException", "Rate exceeded")
    wanted = asked.get("LookupAttributes", [])
    if len(wanted) > 1:
        raise AwsError("InvalidLookupAttributesException", "Only one attribute may be given.")
    plan, others = caller.scenario.incident, caller.scenario.cost_calls
    begin = asked.get("StartTime") or plan.epoch - timedelta(days=RECORDED_DAYS)
    end = asked.get("EndTime") or plan.epoch
    if begin > end:
        raise AwsError("InvalidTimeRangeException", "The start time is after the end time.")
    calls = (
        call
        # The end is inclusive, to the second.
        for call in calls_between(plan, caller.account, begin, end + timedelta(seconds=1), others)
        if caller.region == call.region and all(_has(call, each) for each in wanted)
    )
    return _page(calls, asked)


def _page(calls: Any, asked: dict[str, Any]) -> dict[str, Any]:
    token = asked.get("NextToken", "0")
    if not token.isdecimal():
        raise AwsError("InvalidNextTokenException", "The token is not valid.")
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    place = int(token)
    told = list(islice(calls, place, place + size + 1))
    page = {"Events": [event_of(call) for call in told[:size]]}
    return page | ({"NextToken": str(place + size)} if len(told) > size else {})


def _has(call: ApiCall, wanted: Mapping[str, str]) -> bool:
    value = wanted["AttributeValue"]
    told = {
        "ReadOnly": str(call.read_only).lower(),
        "EventName": call.name,
        "Username": call.principal.session,
        "ResourceName": call.resource if call.resource_type else "",
        "ResourceType": call.resource_type,
        "EventSource": f"{call.source}.amazonaws.com",
        "EventId": call.event_id,
    }
    return told.get(wanted["AttributeKey"], "") == value
