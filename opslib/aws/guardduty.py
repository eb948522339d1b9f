"""Amazon GuardDuty: findings that were seen first or last in a window.

Source: Amazon GuardDuty API Reference, ListDetectors, ListFindings and GetFindings (90 days);
Amazon GuardDuty User Guide, Severity levels: low below 4, medium below 7, high below 9, else
critical.

Kind: a finding is a detection. A place without a detector is a gap: nobody looked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from opslib.aws.event_reads import Told, in_batches, read_event_source
from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.findings import Severity
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["read_guardduty_events"]

KEPT_DAYS = 90
FINDINGS_A_CALL = 50
LEVELS = ((4.0, Severity.LOW), (7.0, Severity.MEDIUM), (9.0, Severity.HIGH))


def read_guardduty_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read the findings of every detector; columns of `EVENTS`, ObservedAt as GuardDuty found."""
    kept = reads.parameters.as_of - timedelta(days=KEPT_DAYS)

    def fetch(place: Place) -> Told:
        told = Told()
        told.lacks_before(kept, window, f"GuardDuty keeps findings {KEPT_DAYS} days")
        detectors = list(place.items("guardduty", "ListDetectors", "DetectorIds"))
        if not detectors:
            told.lacks(CoverageStatus.PARTIAL, "GuardDuty is not enabled here")
        for detector in detectors:
            for finding in _findings(place, detector, window):
                told.events.extend(_events(place, finding))
        return told

    return read_event_source(reads, "guardduty", window, fetch)


def _findings(place: Place, detector: str, window: TimeWindow) -> Iterator[dict[str, Any]]:
    since = {"GreaterThanOrEqual": int(window.start.timestamp() * 1000)}
    listed = place.items(
        "guardduty",
        "ListFindings",
        "FindingIds",
        DetectorId=detector,
        FindingCriteria={"Criterion": {"updatedAt": since}},
    )
    for batch in in_batches(list(listed), FINDINGS_A_CALL):
        told = place.call("guardduty", "GetFindings", DetectorId=detector, FindingIds=batch)
        yield from told.get("Findings", [])


def _events(place: Place, finding: dict[str, Any]) -> Iterator[Event]:
    service = finding.get("Service", {})
    created, updated = _moment(finding["CreatedAt"]), _moment(finding["UpdatedAt"])
    first = _moment(service["EventFirstSeen"]) if service.get("EventFirstSeen") else created
    last = _moment(service["EventLastSeen"]) if service.get("EventLastSeen") else updated
    yield _event(place, finding, first, created, "first seen")
    if last != first:
        yield _event(place, finding, last, updated, f"seen {service.get('Count', 'several')} times")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _event(
    place: Place, finding: dict[str, Any], at: datetime, observed: datetime, said: str
) -> Event:
    kind = printable(str(finding.get("Type", "")))
    title = str(finding.get("Title", ""))
    return Event(
        at=at,
        observed_at=observed,
        source="guardduty",
        kind=EventKind.DETECTION,
        actor="guardduty",
        action=kind,
        resource=_resource(finding.get("Resource", {})),
        service="guardduty",
        account=place.label,
        region=place.region,
        severity=_severity(float(finding.get("Severity", 0))).value,
        summary=f"GuardDuty, {kind} ({said}): {title}",
        reference=f"{finding['Arn']}:{said}",
    )


def _severity(level: float) -> Severity:
    return next((named for limit, named in LEVELS if level < limit), Severity.CRITICAL)


def _resource(told: dict[str, Any]) -> str:
    """Return what the finding is about: the first name or id of its resource's details."""
    for details in told.values():
        for key, value in details.items() if isinstance(details, dict) else ():
            if isinstance(value, str) and key in {"InstanceId", "UserName", "Name", "DbClusterId"}:
                return value
    return str(told.get("ResourceType", ""))
