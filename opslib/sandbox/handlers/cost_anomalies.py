"""Cost Anomaly Detection's answers: GetAnomalies and GetAnomalyMonitors.

Source: AWS Billing and Cost Management API Reference, GetAnomalies, Anomaly and RootCause.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from opslib.sandbox.cost_anomaly_detection import AwsAnomaly
from opslib.sandbox.estate import MEMBERS, PAYER
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.shop import make_uuid

__all__ = ["get_anomalies", "get_anomaly_monitors"]

MOST_A_PAGE = 100
CREATED = timedelta(days=400)
COMPARED: dict[str, Callable[[float, float], bool]] = {
    "EQUAL": operator.eq,
    "GREATER_THAN_OR_EQUAL": operator.ge,
    "LESS_THAN_OR_EQUAL": operator.le,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
}
MONITOR = f"arn:aws:ce::{PAYER}:anomalymonitor/{make_uuid('monitor of services')}"


@op("ce", "GetAnomalies")
def get_anomalies(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetAnomalies, newest first: those that end in the interval or go on."""
    first, last = _interval(asked["DateInterval"], caller.scenario.epoch.date())
    told = [
        _anomaly(one)
        for one in reversed(caller.scenario.aws_anomalies)
        if _is_seen(one, caller)
        and one.first <= last
        and (one.last or last) >= first
        and _is_asked(one, asked)
    ]
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(told, asked.get("NextPageToken"), size)
    return {"Anomalies": page} | ({"NextPageToken": token} if token else {})


@op("ce", "GetAnomalyMonitors")
def get_anomaly_monitors(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetAnomalyMonitors: one of services, which the payer set up; none when new."""
    epoch = caller.scenario.epoch
    wanted = asked.get("MonitorArnList") or [MONITOR]
    unknown = sorted(set(wanted) - {MONITOR})
    if unknown:
        raise AwsError("UnknownMonitorException", f"Monitor(s) {unknown} not found")
    if not _is_set_up(caller):
        return {"AnomalyMonitors": []}
    monitor = {
        "MonitorArn": MONITOR,
        "MonitorName": "Default-Services-Monitor",
        "CreationDate": f"{epoch - CREATED:%Y-%m-%dT%H:%M:%SZ}",
        "LastEvaluatedDate": f"{epoch:%Y-%m-%dT%H:%M:%SZ}",
        "MonitorType": "DIMENSIONAL",
        "MonitorDimension": "SERVICE",
        "DimensionalValueCount": caller.scenario.bill["service"].nunique(),
    }
    return {"AnomalyMonitors": [monitor]}


def _is_set_up(caller: Caller) -> bool:
    return caller.account == PAYER and not caller.scenario.bill.empty


def _is_seen(one: AwsAnomaly, caller: Caller) -> bool:
    return caller.account in {PAYER, one.resource.account}


def _interval(asked: dict[str, str], today: date) -> tuple[date, date]:
    try:
        first = date.fromisoformat(asked["StartDate"][:10])
        last = date.fromisoformat(asked["EndDate"][:10]) if "EndDate" in asked else today
    except ValueError:
        raise AwsError("ValidationException", "A date must be yyyy-MM-dd.") from None
    if first > last:
        raise AwsError("ValidationException", "Start date should be before end date")
    return first, last


def _is_asked(one: AwsAnomaly, asked: dict[str, Any]) -> bool:
    """Say whether an anomaly, on which nobody gave feedback, is among those asked for."""
    if asked.get("Feedback") or asked.get("MonitorArn", MONITOR) != MONITOR:
        return False
    limit = asked.get("TotalImpact")
    if limit is None:
        return True
    if limit["NumericOperator"] == "BETWEEN":
        return bool(limit["StartValue"] <= one.impact <= limit["EndValue"])
    return COMPARED[limit["NumericOperator"]](one.impact, limit["StartValue"])


def _anomaly(one: AwsAnomaly) -> dict[str, Any]:
    """Return an anomaly; one that goes on has no end."""
    service, account = one.resource.template.service, one.resource.account
    share = round(100 * one.impact / one.expected, 2) if one.expected else 0.0
    score = round(1 - 1 / (2 + max(share, 0.0) / 100), 2)
    cause = {
        "Service": service,
        "Region": one.resource.region or "global",
        "LinkedAccount": account,
        "LinkedAccountName": MEMBERS[account],
        "UsageType": one.resource.template.meter,
        "Impact": {"Contribution": one.impact},
    }
    told = {
        "AnomalyId": one.id,
        "AnomalyStartDate": f"{one.first}T00:00:00Z",
        "DimensionValue": service,
        "RootCauses": [cause],
        "AnomalyScore": {"MaxScore": score, "CurrentScore": score},
        "Impact": {
            "MaxImpact": one.highest,
            "TotalImpact": one.impact,
            "TotalActualSpend": one.actual,
            "TotalExpectedSpend": one.expected,
            "TotalImpactPercentage": share,
        },
        "MonitorArn": MONITOR,
    }
    return told | ({"AnomalyEndDate": f"{one.last}T00:00:00Z"} if one.last else {})
