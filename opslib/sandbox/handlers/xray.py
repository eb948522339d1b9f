"""X-Ray's service graph of the shop: who calls whom, how often, how long, and with what errors.

Source: AWS X-Ray API Reference, GetServiceGraph: at most six hours a call.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.metric_store import requests_between
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.shop import CALLS, COMPONENTS, REGION, SERVICES
from opslib.sandbox.shop_traffic import Fault, follow_requests

__all__ = ["get_service_graph"]

MOST = timedelta(hours=6)
KEPT = timedelta(days=30)
SAMPLED = 0.05
"""Share of the requests that are traced."""
TYPES = {
    "orders": "Database::SQL",
    "sessions": "AWS::DynamoDB::Table",
    "shop-cache": "remote",
    "receipt": "AWS::Lambda::Function",
    "gateway": "remote",
}
Span = tuple[datetime, datetime]


@op("xray", "GetServiceGraph")
def get_service_graph(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer xray:GetServiceGraph of production."""
    plan = caller.scenario.incident
    begin, end = asked["StartTime"], asked["EndTime"]
    if begin >= end or end - begin > MOST:
        raise AwsError("InvalidRequestException", "Time range cannot be longer than 6 hours")
    span = (max(begin, plan.epoch - KEPT), min(end, plan.epoch))
    is_here = (caller.account, caller.region) == (PRODUCTION, REGION)
    is_told = is_here and not plan.is_empty and span[0] < span[1]
    return {
        "StartTime": begin,
        "EndTime": end,
        "Services": _services(caller, span) if is_told else [],
        "ContainsOldGroupVersions": False,
    }


def _services(caller: Caller, span: Span) -> list[dict[str, Any]]:
    numbers = {name: number for number, name in enumerate(COMPONENTS)}
    client = len(numbers)
    users = {
        "ReferenceId": client,
        "Name": "shop",
        "Names": ["shop"],
        "Type": "client",
        "State": "unknown",
        "StartTime": span[0],
        "EndTime": span[1],
        "Edges": [_edge(0, "web", 1.0, caller, span)],
    }
    return [*(_service(name, numbers, caller, span) for name in COMPONENTS), users]


def _service(name: str, numbers: dict[str, int], caller: Caller, span: Span) -> dict[str, Any]:
    edges = [edge for edge in CALLS if edge.caller == name]
    usual = follow_requests(Fault())
    return {
        "ReferenceId": numbers[name],
        "Name": name,
        "Names": [name],
        "Root": name == "web",
        "AccountId": caller.account,
        "Type": TYPES.get(name, "AWS::ECS::Fargate"),
        "State": "active" if name in SERVICES else "unknown",
        "StartTime": span[0],
        "EndTime": span[1],
        "Edges": [
            _edge(
                numbers[edge.callee],
                edge.callee,
                usual[name].per_request * edge.per_request / usual[edge.callee].per_request,
                caller,
                span,
            )
            for edge in edges
        ],
        "SummaryStatistics": _statistics(name, 1.0, caller, span),
    }


def _edge(number: int, callee: str, share: float, caller: Caller, span: Span) -> dict[str, Any]:
    return {
        "ReferenceId": number,
        "StartTime": span[0],
        "EndTime": span[1],
        "SummaryStatistics": _statistics(callee, min(share, 1.0), caller, span),
        "Aliases": [],
    }


def _statistics(name: str, share: float, caller: Caller, span: Span) -> dict[str, Any]:
    """Return counts and seconds of the requests to a component, or of a share of them."""
    plan = caller.scenario.incident
    asked, hit = requests_between(plan, name, *span)
    usual = follow_requests(Fault())[name]
    incident = plan.incident
    fault = (
        Fault(incident.component, incident.latency_factor, incident.error_share)
        if incident
        else Fault()
    )
    struck = follow_requests(fault)[name]
    total = round(asked * SAMPLED * share)
    rate = usual.error_rate + hit * (struck.error_rate - usual.error_rate)
    slow = struck.latency_ms("Average") - usual.latency_ms("Average")
    failed = round(total * rate)
    return {
        "OkCount": total - failed,
        "ErrorStatistics": {"ThrottleCount": 0, "OtherCount": 0, "TotalCount": 0},
        "FaultStatistics": {"OtherCount": failed, "TotalCount": failed},
        "TotalCount": total,
        "TotalResponseTime": total * (usual.latency_ms("Average") + hit * slow) / 1000,
    }
