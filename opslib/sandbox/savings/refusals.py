"""One read of commitments that is refused to the payer, in scenario ``denied``."""

from __future__ import annotations

import numpy as np

from opslib.sandbox.estate import ACCOUNTS, PAYER
from opslib.sandbox.faults import Fault
from opslib.sandbox.savings.lab import PART
from opslib.sandbox.truths import PlantedTruth

__all__ = ["SAVINGS_DENIALS", "plan_savings_fault"]

SAVINGS_DENIALS: tuple[tuple[str, str, str, str], ...] = (
    ("savingsplans", "DescribeSavingsPlans", "AccessDeniedException", "Savings Plans"),
    ("rds", "DescribeReservedDBInstances", "AccessDenied", "reserved databases"),
    ("ce", "GetSavingsPlansUtilizationDetails", "AccessDeniedException", "use of commitments"),
    ("ce", "GetSavingsPlansCoverage", "LimitExceededException", "spend covered"),
    (
        "ce",
        "GetSavingsPlansPurchaseRecommendation",
        "AccessDeniedException",
        "AWS's advice on commitments",
    ),
)
"""Service, operation, error code, and the table that has a gap then."""


def plan_savings_fault(
    chance: np.random.Generator,
) -> tuple[tuple[Fault, ...], tuple[PlantedTruth, ...]]:
    """Return one of the faults, with the coverage that it must leave."""
    service, operation, code, table = SAVINGS_DENIALS[int(chance.integers(len(SAVINGS_DENIALS)))]
    fault = Fault(service=service, operation=operation, code=code, account=PAYER)
    status = "throttled" if code.startswith("LimitExceeded") else "denied"
    coverage = (table, ACCOUNTS[PAYER], status)
    return (fault,), (PlantedTruth(name="refused_read", part=PART, coverage=coverage),)
