"""CloudWatch Logs: the shop's groups, and Insights' queries of them.

Source: Amazon CloudWatch Logs API Reference, StartQuery, GetQueryResults, DescribeLogGroups.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from opslib.sandbox.estate import LAB
from opslib.sandbox.handlers.insights import MOST_ROWS, Query, parse_query
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.shop import REGION, SHOP_ACCOUNTS, hex_id, log_groups, make_uuid
from opslib.sandbox.shop_logs import LINE_BYTES, LogLine, lines_between

__all__ = ["describe_log_groups", "get_query_results", "start_query"]

MOST_GROUPS = 50
RETENTION_DAYS = 14
MADE_BEFORE = timedelta(days=400)
KEPT_ANSWERS = 100
_LOCK = threading.Lock()
_ANSWERS: dict[str, dict[str, Any]] = {}
_NUMBERS = count()


@op("logs", "DescribeLogGroups")
def describe_log_groups(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer logs:DescribeLogGroups by prefix or pattern."""
    made = int((caller.scenario.epoch - MADE_BEFORE).timestamp() * 1000)
    groups = [
        {
            "logGroupName": name,
            "arn": f"arn:aws:logs:{caller.region}:{caller.account}:log-group:{name}:*",
            "creationTime": made,
            "retentionInDays": RETENTION_DAYS,
            "metricFilterCount": 0,
            "storedBytes": 40_000_000,
        }
        for name in sorted(_groups(caller))
    ]
    wanted = [
        group
        for group in (*groups, *_lab_groups(caller))
        if group["logGroupName"].startswith(asked.get("logGroupNamePrefix") or "")
        and (asked.get("logGroupNamePattern") or "") in group["logGroupName"]
    ]
    size = min(asked.get("limit") or MOST_GROUPS, MOST_GROUPS)
    page, token = take_page(wanted, asked.get("nextToken"), size)
    return {"logGroups": page} | ({"nextToken": token} if token else {})


def _lab_groups(caller: Caller) -> Iterator[dict[str, Any]]:
    """Yield the groups of the account for trials."""
    for one in caller.scenario.lab.resources if caller.account == LAB else ():
        if (one.kind, one.region) == ("log_group", caller.region):
            kept = one.details["retention"]
            yield {
                "logGroupName": one.details["name"],
                "arn": f"{one.id}:*",
                "creationTime": int(one.created.timestamp() * 1000),
                "metricFilterCount": 0,
                "storedBytes": one.details["stored"],
            } | ({"retentionInDays": kept} if kept else {})


@op("logs", "StartQuery")
def start_query(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer logs:StartQuery; the answer is ready at once."""
    groups = _asked_groups(asked)
    for group in groups:
        if group not in _groups(caller):
            raise AwsError("ResourceNotFoundException", f"Log group '{group}' does not exist")
    if asked["startTime"] > asked["endTime"]:
        raise AwsError("InvalidParameterException", "The start time is after the end time")
    query = parse_query(asked["queryString"])
    query.limit = min(query.limit, asked.get("limit") or MOST_ROWS)
    answer = _answer(query, groups, asked, caller)
    with _LOCK:
        identity = make_uuid(f"query {next(_NUMBERS)}")
        _ANSWERS[identity] = answer
        if len(_ANSWERS) > KEPT_ANSWERS:
            del _ANSWERS[next(iter(_ANSWERS))]
    return {"queryId": identity}


@op("logs", "GetQueryResults")
def get_query_results(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer logs:GetQueryResults."""
    del caller
    if asked["queryId"] not in _ANSWERS:
        raise AwsError("ResourceNotFoundException", "The specified query does not exist")
    return _ANSWERS[asked["queryId"]]


def _groups(caller: Caller) -> dict[str, str]:
    is_here = caller.region == REGION and caller.account in SHOP_ACCOUNTS
    return log_groups() if is_here and not caller.scenario.incident.is_empty else {}


def _asked_groups(asked: dict[str, Any]) -> list[str]:
    one = asked.get("logGroupName")
    told = asked.get("logGroupNames") or asked.get("logGroupIdentifiers") or ([one] if one else [])
    names = [name.partition(":log-group:")[2].removesuffix(":*") or name for name in told]
    if not 0 < len(names) <= MOST_GROUPS:
        raise AwsError("InvalidParameterException", "Between 1 and 50 log groups must be named")
    return names


def _answer(
    query: Query, groups: list[str], asked: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    epoch = caller.scenario.epoch
    oldest = epoch - timedelta(days=RETENTION_DAYS)
    begin = max(datetime.fromtimestamp(asked["startTime"], UTC), oldest)
    # The end is inclusive, to the second.
    end = datetime.fromtimestamp(asked["endTime"], UTC) + timedelta(seconds=1)
    rows = [
        _row(line, caller.account)
        for group in groups
        for line in lines_between(caller.scenario.incident, caller.account, group, begin, end)
    ]
    told = query.answer(rows)
    matched = sum(query.matches(row) for row in rows)
    return {
        "status": "Complete",
        "results": [
            [{"field": name, "value": value} for name, value in row.items()] for row in told
        ],
        "statistics": {
            "recordsMatched": float(matched),
            "recordsScanned": float(len(rows)),
            "bytesScanned": float(len(rows) * LINE_BYTES),
        },
    }


def _row(line: LogLine, account: str) -> dict[str, str]:
    return {
        "@timestamp": _as_text(line.at),
        "@message": line.message,
        "@log": f"{account}:{line.group}",
        "@logStream": line.stream,
        "@ingestionTime": _as_text(line.ingested),
        "@ptr": hex_id(f"{line.group} {line.message}", 32),
    }


def _as_text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"
