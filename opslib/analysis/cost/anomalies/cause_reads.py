"""Whose changes an anomaly's causes are among, and what of them could not be read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.anomalies.services import bears_on
from opslib.coverage import Coverage, gaps
from opslib.parameters.cost import CostParameters

__all__ = ["accounts_of", "unread_changes"]

TRAIL = "cloudtrail events"
CAUSE_TABLES = {
    TRAIL: "",
    "ecs events": "ecs",
    "scaling events": "application-autoscaling",
    "group scaling events": "autoscaling",
}
"""Tables of changes, with the service that they are about; '' for all of them."""


def accounts_of(anomaly: CostAnomaly, parameters: CostParameters) -> set[str]:
    """Return what the anomaly's accounts are called; empty where the bill does not tell."""
    ids = {part.account for part in anomaly.parts}
    if "" in ids:
        return set()
    labels = {one.label for one in parameters.accounts if one.id in ids}
    return ids | labels | ({""} if not parameters.accounts else set())


def unread_changes(
    anomaly: CostAnomaly, parameters: CostParameters, coverage: Sequence[Coverage]
) -> tuple[str, ...]:
    """Return what of the anomaly's accounts and regions could not be read."""
    if not any(line.table == TRAIL for line in coverage):
        return ("no changes were read",)
    accounts: Collection[str] = accounts_of(anomaly, parameters)
    regions = {part.region for part in anomaly.parts}
    return tuple(
        dict.fromkeys(
            f"{line.named}: {line.status.words}"
            for line in gaps(coverage, *CAUSE_TABLES)
            if _is_about(CAUSE_TABLES[line.table], anomaly)
            and (not accounts or not line.account or line.account in accounts)
            and ("" in regions or not line.region or line.region in regions)
        )
    )


def _is_about(source: str, anomaly: CostAnomaly) -> bool:
    return not source or bears_on(source, anomaly.place.service) is not False
