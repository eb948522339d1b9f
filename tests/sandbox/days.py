"""The shop's days of a scenario, without the bill and all else that it holds."""

from __future__ import annotations

from functools import cache

from opslib.sandbox.faults import Fault
from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.incident_truths import plan_incident
from opslib.sandbox.scenario import DEFAULT_EPOCH, INCIDENTS
from opslib.sandbox.truths import PlantedTruth

__all__ = ["plan_of", "told_of"]


@cache
def told_of(
    name: str, seed: int
) -> tuple[IncidentPlan, tuple[PlantedTruth, ...], tuple[Fault, ...]]:
    """Return the plan, its truths and the reads that are refused."""
    return plan_incident(name, seed, DEFAULT_EPOCH, INCIDENTS)


def plan_of(name: str, seed: int) -> IncidentPlan:
    """Return the plan alone."""
    return told_of(name, seed)[0]
