"""Reads that a scenario refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from opslib.sandbox.estate import ACCOUNTS, PAYER, PRODUCTION, STAGING
from opslib.sandbox.truths import PlantedTruth

__all__ = ["Fault", "find_fault", "plan_anomaly_fault", "plan_backup_fault", "plan_faults"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One operation that is refused.

    Args:
        service: botocore's name of the service.
        operation: the API operation.
        code: AWS's error code.
        account: the account that it is refused to; empty for all.
        needle: text that the request must hold; empty for any request.
    """

    service: str
    operation: str
    code: str
    account: str = ""
    needle: str = ""


DENIALS: tuple[tuple[Fault, tuple[str, str, str]], ...] = (
    (
        Fault(service="sts", operation="AssumeRole", code="AccessDenied", needle=STAGING),
        ("budgets", ACCOUNTS[STAGING], "denied"),
    ),
    (
        Fault(service="ce", operation="GetCostForecast", code="AccessDeniedException"),
        ("AWS forecast", ACCOUNTS[PAYER], "denied"),
    ),
    (
        Fault(
            service="budgets",
            operation="DescribeBudgets",
            code="ThrottlingException",
            account=PRODUCTION,
        ),
        ("budgets", ACCOUNTS[PRODUCTION], "throttled"),
    ),
    (
        Fault(
            service="budgets",
            operation="DescribeBudgets",
            code="AccessDeniedException",
            account=PAYER,
        ),
        ("budgets", ACCOUNTS[PAYER], "denied"),
    ),
)


ANOMALY_DENIALS: tuple[tuple[str, str, str], ...] = (
    ("GetAnomalies", "AccessDeniedException", "AWS anomalies"),
    ("GetAnomalies", "LimitExceededException", "AWS anomalies"),
    ("GetSavingsPlansUtilization", "AccessDeniedException", "commitment use"),
    ("GetReservationUtilization", "AccessDeniedException", "commitment use"),
)
"""Reads of what AWS says of unusual cost that are refused: operation, error code, table."""
ANOMALIES_REFUSED = 0.7
"""Share of accounts in which one of them is."""

BACKUP_DENIALS: tuple[tuple[str, str, str, str], ...] = (
    ("backup", "ListRecoveryPointsByBackupVault", "AccessDeniedException", "recovery points"),
    ("backup", "ListBackupVaults", "ThrottlingException", "backup vaults"),
    ("backup", "ListBackupPlans", "AccessDeniedException", "backup plans"),
    ("backup", "ListBackupJobs", "AccessDeniedException", "backup jobs"),
    ("backup", "ListCopyJobs", "ThrottlingException", "copy jobs"),
    ("dynamodb", "DescribeContinuousBackups", "AccessDeniedException", "data stores"),
    ("rds", "DescribeDBClusters", "AccessDenied", "data stores"),
)
"""Reads of backups that are refused: service, operation, error code, table."""


def plan_backup_fault(
    chance: np.random.Generator,
) -> tuple[tuple[Fault, ...], tuple[PlantedTruth, ...]]:
    """Return one of the faults of backups, with the coverage that it must leave."""
    service, operation, code, table = BACKUP_DENIALS[int(chance.integers(len(BACKUP_DENIALS)))]
    fault = Fault(service=service, operation=operation, code=code, account=PRODUCTION)
    status = "throttled" if code.startswith("Throttling") else "denied"
    coverage = (table, ACCOUNTS[PRODUCTION], status)
    return (fault,), (PlantedTruth(name="denied_read", part="dr", coverage=coverage),)


def plan_anomaly_fault(
    chance: np.random.Generator,
) -> tuple[tuple[Fault, ...], tuple[PlantedTruth, ...]]:
    """Return one of the faults of AWS's own anomalies and commitments, in most accounts."""
    if chance.random() >= ANOMALIES_REFUSED:
        return (), ()
    operation, code, table = ANOMALY_DENIALS[int(chance.integers(len(ANOMALY_DENIALS)))]
    status = "throttled" if code.startswith("LimitExceeded") else "denied"
    coverage = (table, ACCOUNTS[PAYER], status)
    fault = Fault(service="ce", operation=operation, code=code, account=PAYER)
    return (fault,), (PlantedTruth(name="denied_read", coverage=coverage),)


def plan_faults(
    chance: np.random.Generator,
) -> tuple[tuple[Fault, ...], tuple[PlantedTruth, ...]]:
    """Return two of the faults, with the coverage that each must leave."""
    places = sorted(int(place) for place in chance.choice(len(DENIALS), size=2, replace=False))
    chosen = [DENIALS[place] for place in places]
    truths = tuple(PlantedTruth(name="denied_read", coverage=coverage) for _, coverage in chosen)
    return tuple(fault for fault, _ in chosen), truths


def find_fault(
    faults: tuple[Fault, ...],
    service: str,
    operation: str,
    account: str,
    parameters: Mapping[str, Any],
) -> Fault | None:
    """Return the fault that meets a request, if one does."""
    for fault in faults:
        same_call = (fault.service, fault.operation) == (service, operation)
        meant = fault.account in {"", account} and fault.needle in str(parameters)
        if same_call and meant:
            return fault
    return None
