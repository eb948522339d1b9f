"""GuardDuty: findings of no consequence to the shop, one of them on the day of the window.

Source: Amazon GuardDuty API Reference.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.shop import REGION, SHOP_ACCOUNTS, hex_id

__all__ = ["get_findings", "list_detectors", "list_findings"]

MOST_A_PAGE = 50
LATE = timedelta(minutes=26)
"""How long after what it saw GuardDuty tells of it."""
WEEK = timedelta(days=7)


@op("guardduty", "ListDetectors")
def list_detectors(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer guardduty:ListDetectors: one an account and region."""
    del asked
    return {"DetectorIds": [_detector(caller)] if _has_one(caller) else []}


@op("guardduty", "ListFindings")
def list_findings(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer guardduty:ListFindings by time and severity."""
    _check(asked, caller)
    criteria = (asked.get("FindingCriteria") or {}).get("Criterion") or {}
    found = [one["Id"] for one in _findings(caller) if _matches(one, criteria)]
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(found, asked.get("NextToken"), size)
    return {"FindingIds": page, "NextToken": token or ""}


@op("guardduty", "GetFindings")
def get_findings(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer guardduty:GetFindings."""
    _check(asked, caller)
    return {"Findings": [one for one in _findings(caller) if one["Id"] in asked["FindingIds"]]}


def _has_one(caller: Caller) -> bool:
    is_here = caller.region == REGION and caller.account in SHOP_ACCOUNTS
    return is_here and not caller.scenario.incident.is_empty


def _detector(caller: Caller) -> str:
    return hex_id(f"detector of {caller.account}", 32)


def _check(asked: dict[str, Any], caller: Caller) -> None:
    if not _has_one(caller) or asked["DetectorId"] != _detector(caller):
        raise AwsError("BadRequestException", "The request is rejected: no such detector.")


def _findings(caller: Caller) -> list[dict[str, Any]]:
    plan = caller.scenario.incident
    begin = (plan.moment - timedelta(minutes=11)).replace(microsecond=0)
    told = (
        ("Recon:EC2/PortProbeUnprotectedPort", "i-0bastion0000000001", 2.0, begin),
        ("UnauthorizedAccess:EC2/SSHBruteForce", "i-0bastion0000000001", 2.0, begin - WEEK),
    )
    return [_finding(kind, instance, severity, at, caller) for kind, instance, severity, at in told]


def _finding(
    kind: str, instance: str, severity: float, at: datetime, caller: Caller
) -> dict[str, Any]:
    identity = hex_id(f"{caller.account} {kind} {at}", 32)
    arn = f"arn:aws:guardduty:{REGION}:{caller.account}:detector/{_detector(caller)}"
    return {
        "Id": identity,
        "Arn": f"{arn}/finding/{identity}",
        "AccountId": caller.account,
        "Region": REGION,
        "Partition": "aws",
        "SchemaVersion": "2.0",
        "Type": kind,
        "Severity": severity,
        "Title": f"{instance} is being probed.",
        "Description": f"EC2 instance {instance} has a port that a known scanner probes.",
        "CreatedAt": _as_text(at + LATE),
        "UpdatedAt": _as_text(at + LATE),
        "Resource": {"ResourceType": "Instance", "InstanceDetails": {"InstanceId": instance}},
        "Service": {
            "ServiceName": "guardduty",
            "DetectorId": _detector(caller),
            "EventFirstSeen": _as_text(at),
            "EventLastSeen": _as_text(at + timedelta(minutes=3)),
            "Count": 4,
            "Archived": False,
            "ResourceRole": "TARGET",
        },
    }


def _as_text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _matches(finding: dict[str, Any], criteria: dict[str, Any]) -> bool:
    """Say whether a finding meets criteria of its times, in milliseconds, and its severity."""
    known = {
        "updatedAt": _milliseconds(finding["UpdatedAt"]),
        "createdAt": _milliseconds(finding["CreatedAt"]),
        "service.eventFirstSeen": _milliseconds(finding["Service"]["EventFirstSeen"]),
        "service.eventLastSeen": _milliseconds(finding["Service"]["EventLastSeen"]),
        "severity": finding["Severity"],
    }
    for name, criterion in criteria.items():
        if name not in known:
            raise AwsError("BadRequestException", f"The criterion {name} is not simulated.")
        value = known[name]
        least = criterion.get("GreaterThanOrEqual", criterion.get("Gte", value))
        most = criterion.get("LessThanOrEqual", criterion.get("Lte", value))
        above = criterion.get("GreaterThan", criterion.get("Gt", value - 1))
        below = criterion.get("LessThan", criterion.get("Lt", value + 1))
        if not (least <= value <= most and above < value < below):
            return False
    return True


def _milliseconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() * 1000
