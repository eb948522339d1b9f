"""AWS Health: a notice of a service that the shop does not use.

Source: AWS Health API Reference, DescribeEvents and DescribeEventDetails.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.shop import REGION, SHOP_ACCOUNTS

__all__ = ["describe_event_details", "describe_events"]

MOST_A_PAGE = 100
BEFORE, LASTED = timedelta(minutes=38), timedelta(minutes=95)
TOLD = (
    "Between {begin:%H:%M} and {end:%H:%M} UTC some WorkSpaces in us-east-1 could not be reached. "
    "The issue has been resolved and the service is operating normally."
)
MAINTENANCE = (
    "A new version of the operating system is available for your Redshift cluster. It will be "
    "applied in its next maintenance window."
)


@op("health", "DescribeEvents")
def describe_events(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer health:DescribeEvents by service, region, category and time."""
    wanted = asked.get("filter") or {}
    events = [event for event, _ in _events(caller) if _matches(event, wanted)]
    size = min(asked.get("maxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(events, asked.get("nextToken"), size)
    return {"events": page} | ({"nextToken": token} if token else {})


@op("health", "DescribeEventDetails")
def describe_event_details(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer health:DescribeEventDetails."""
    held = {event["arn"]: (event, text) for event, text in _events(caller)}
    return {
        "successfulSet": [
            {"event": held[arn][0], "eventDescription": {"latestDescription": held[arn][1]}}
            for arn in asked["eventArns"]
            if arn in held
        ],
        "failedSet": [
            {"eventArn": arn, "errorName": "InvalidArn", "errorMessage": "no such event"}
            for arn in asked["eventArns"]
            if arn not in held
        ],
    }


def _events(caller: Caller) -> list[tuple[dict[str, Any], str]]:
    """Return the account's events with what is said of each, newest first."""
    plan = caller.scenario.incident
    if plan.is_empty or caller.account not in SHOP_ACCOUNTS:
        return []
    begin = (plan.moment - BEFORE).replace(second=0, microsecond=0)
    issue = {
        **_named("WORKSPACES", "AWS_WORKSPACES_OPERATIONAL_ISSUE", "issue", "closed"),
        "startTime": begin,
        "endTime": begin + LASTED,
        # Told only once it is understood.
        "lastUpdatedTime": begin + LASTED + timedelta(minutes=22),
    }
    planned = {
        **_named("REDSHIFT", "AWS_REDSHIFT_MAINTENANCE_SCHEDULED", "scheduledChange", "upcoming"),
        "startTime": plan.epoch + timedelta(days=6),
        "lastUpdatedTime": plan.epoch - timedelta(days=5),
    }
    return [(planned, MAINTENANCE), (issue, TOLD.format(begin=begin, end=begin + LASTED))]


def _named(service: str, code: str, category: str, status: str) -> dict[str, Any]:
    return {
        "arn": f"arn:aws:health:{REGION}::event/{service}/{code}/{code}_EXAMPLE",
        "service": service,
        "eventTypeCode": code,
        "eventTypeCategory": category,
        "region": REGION,
        "statusCode": status,
        "eventScopeCode": "ACCOUNT_SPECIFIC",
    }


def _matches(event: dict[str, Any], wanted: dict[str, Any]) -> bool:
    named = {
        "services": "service",
        "regions": "region",
        "eventTypeCategories": "eventTypeCategory",
        "eventTypeCodes": "eventTypeCode",
        "eventStatusCodes": "statusCode",
        "eventArns": "arn",
    }
    timed = {
        "startTimes": "startTime",
        "endTimes": "endTime",
        "lastUpdatedTimes": "lastUpdatedTime",
    }
    return all(
        event[name] in wanted[key] for key, name in named.items() if wanted.get(key)
    ) and all(
        any(_lies_in(event.get(name), span) for span in wanted[key])
        for key, name in timed.items()
        if wanted.get(key)
    )


def _lies_in(moment: Any, span: dict[str, Any]) -> bool:
    if moment is None:
        return False
    return bool(span.get("from", moment) <= moment <= span.get("to", moment))
