"""Scenarios: the estate, and what the seed does to it.

``steady``: nothing but noise, churn, growth and monthly charges. ``troubled``: a price, use, a
new, a gone and an untagged resource, unusual days, a commitment that is not used, a budget that
will not hold, backups that were not made as
they should be, capacity that runs out. ``denied``: some reads are refused, the incident's too.
``empty``: a new account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache

import numpy as np
import pandas as pd

from opslib.sandbox.api_calls import ApiCall
from opslib.sandbox.backup_history import BackupHistory, tell_history
from opslib.sandbox.backup_troubles import plan_backup_troubles
from opslib.sandbox.backups import list_stores
from opslib.sandbox.budgets import Budget
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.capacity_truths import plan_capacity
from opslib.sandbox.cost_anomaly_detection import AwsAnomaly
from opslib.sandbox.cost_plan import plan_costs
from opslib.sandbox.faults import Fault, plan_backup_fault
from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.incident_truths import plan_incident
from opslib.sandbox.replica_losses import plant_replica_loss
from opslib.sandbox.restore_losses import plant_loss
from opslib.sandbox.restore_tests import (
    RestoreTest,
    never_drilled,
    plan_restore_tests,
    plan_restore_troubles,
)
from opslib.sandbox.savings.commitment_truths import plan_commitment_truths
from opslib.sandbox.savings.held import HeldPlan, plan_held
from opslib.sandbox.savings.lab import plan_lab
from opslib.sandbox.savings.planted import LabPlan
from opslib.sandbox.savings.refusals import plan_savings_fault
from opslib.sandbox.savings.sizes import saved_on_oversized, tell_oversized
from opslib.sandbox.terraform import StateStore, plan_state_troubles, plan_states
from opslib.sandbox.truths import PlantedTruth

__all__ = ["DEFAULT_EPOCH", "INCIDENTS", "Scenario", "ScenarioName", "plan_scenario"]

DEFAULT_EPOCH = datetime(2026, 3, 2, 6, tzinfo=UTC)
BACKUPS = 1
"""Stream of chance of its own, so that the bill does not move with the backups."""
TERRAFORM = 2
"""The same for Terraform's state."""
RESTORES = 3
"""The same for restores."""
INCIDENTS = 4
"""The same for incidents."""
CAPACITY = 5
"""The same for capacity."""
LAB_STREAM = 9
"""The same for the account for trials."""
HELD_STREAM = 10
"""The same for when commitments end."""
SAVINGS_REFUSALS = 11
"""The same of what is refused of them."""


class ScenarioName(StrEnum):
    """The scenarios."""

    STEADY = "steady"
    TROUBLED = "troubled"
    DENIED = "denied"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One account as the sandbox shows it.

    Args:
        name: which scenario.
        seed: which story of it.
        epoch: the moment that the account lives in.
        bill: rows as AWS has booked them up to the epoch, columns of `billing.COLUMNS`.
        forecast: the same to the end of the month, whole.
        cost_calls: CloudTrail's of what is on the bill, in no order.
        aws_anomalies: what AWS Cost Anomaly Detection says, oldest first.
        budgets: the budgets of every account.
        backups: what holds data and what AWS Backup keeps of it.
        terraform: Terraform's state.
        restores: tests of restoring, newest first.
        incident: the days of the shop, and what befell it.
        capacity: of the estate, and the limits that it grows into.
        lab: the account for trials, in which money is wasted.
        held: the payer's Savings Plans.
        faults: the reads that are refused.
        truths: what was planted.
    """

    name: ScenarioName
    seed: int
    epoch: datetime
    bill: pd.DataFrame
    forecast: pd.DataFrame
    cost_calls: tuple[ApiCall, ...]
    aws_anomalies: tuple[AwsAnomaly, ...]
    budgets: tuple[Budget, ...]
    backups: BackupHistory
    terraform: StateStore
    restores: tuple[RestoreTest, ...]
    incident: IncidentPlan
    capacity: CapacityPlan
    lab: LabPlan
    held: tuple[HeldPlan, ...]
    faults: tuple[Fault, ...]
    truths: tuple[PlantedTruth, ...]


@cache
def plan_scenario(name: str, seed: int, epoch: datetime = DEFAULT_EPOCH) -> Scenario:
    """Return the account of a scenario; the same arguments give the same account.

    Args:
        name: steady, troubled, denied or empty.
        seed: moves what, where, when and how much.
        epoch: the moment that the account lives in.
    """
    scenario = ScenarioName(name)
    entropy = (seed, list(ScenarioName).index(scenario))
    lab, wasted = plan_lab(scenario.value, (*entropy, LAB_STREAM), epoch)
    costs = plan_costs(scenario.value, epoch, entropy, lab.resources)
    held, committed = plan_held(scenario.value, costs.bill, epoch, (*entropy, HELD_STREAM))
    unasked, unseen = _refuse_savings(scenario, entropy)
    is_troubled = scenario is ScenarioName.TROUBLED
    lost = (plant_loss(seed), plant_replica_loss()) if is_troubled else ()
    backups, unsafe, refused = _plan_backups(scenario, seed, epoch)
    terraform, spoilt = _plan_terraform(scenario, seed, epoch)
    restores, undrilled = _plan_restores(scenario, seed, epoch, backups)
    incident, struck, unread = plan_incident(scenario.value, seed, epoch, INCIDENTS)
    capacity, scarce, unknown = plan_capacity(scenario.value, incident, CAPACITY)
    shrunk = saved_on_oversized(capacity, costs.bill, epoch)
    return Scenario(
        name=scenario,
        seed=seed,
        epoch=epoch,
        bill=costs.bill,
        forecast=costs.forecast,
        cost_calls=costs.calls,
        aws_anomalies=costs.anomalies,
        budgets=costs.budgets,
        backups=backups,
        terraform=terraform,
        restores=restores,
        incident=incident,
        capacity=capacity,
        lab=lab,
        held=held,
        faults=(*costs.faults, *refused, *unread, *unknown, *unasked),
        truths=(
            *costs.truths,
            *lost,
            *unsafe,
            *spoilt,
            *undrilled,
            *struck,
            *scarce,
            *wasted,
            *committed,
            *plan_commitment_truths(
                costs.bill, seed, epoch, shrunk, is_unfilled=_is_unfilled(committed)
            ),
            *unseen,
            *tell_oversized(capacity, shrunk),
        ),
    )


def _is_unfilled(committed: tuple[PlantedTruth, ...]) -> bool:
    """Say whether a commitment was planted that nothing uses."""
    kinds = {truth.claim.kind for truth in committed if truth.claim}
    return "savings.underused_commitment" in kinds


def _refuse_savings(
    scenario: ScenarioName, entropy: tuple[int, ...]
) -> tuple[tuple[Fault, ...], tuple[PlantedTruth, ...]]:
    if scenario is not ScenarioName.DENIED:
        return (), ()
    return plan_savings_fault(np.random.default_rng([*entropy, SAVINGS_REFUSALS]))


def _plan_backups(
    scenario: ScenarioName, seed: int, epoch: datetime
) -> tuple[BackupHistory, tuple[PlantedTruth, ...], tuple[Fault, ...]]:
    """Return the backups, what was planted in them, and the reads of them that are refused."""
    chance = np.random.default_rng([seed, list(ScenarioName).index(scenario), BACKUPS])
    stores = () if scenario is ScenarioName.EMPTY else list_stores()
    truths: tuple[PlantedTruth, ...] = ()
    faults: tuple[Fault, ...] = ()
    if scenario is ScenarioName.TROUBLED:
        stores, truths = plan_backup_troubles(stores, chance)
    if scenario is ScenarioName.DENIED:
        faults, truths = plan_backup_fault(chance)
    return tell_history(stores, epoch, chance), truths, faults


def _plan_terraform(
    scenario: ScenarioName, seed: int, epoch: datetime
) -> tuple[StateStore, tuple[PlantedTruth, ...]]:
    if scenario is ScenarioName.EMPTY:
        return StateStore(), ()
    chance = np.random.default_rng([seed, list(ScenarioName).index(scenario), TERRAFORM])
    store = plan_states(epoch, chance)
    return (
        plan_state_troubles(store, epoch, chance)
        if scenario is ScenarioName.TROUBLED
        else (store, ())
    )


def _plan_restores(
    scenario: ScenarioName, seed: int, epoch: datetime, backups: BackupHistory
) -> tuple[tuple[RestoreTest, ...], tuple[PlantedTruth, ...]]:
    if scenario is ScenarioName.EMPTY:
        return (), (never_drilled(),)
    chance = np.random.default_rng([seed, list(ScenarioName).index(scenario), RESTORES])
    tests = plan_restore_tests(backups.stores, epoch, chance)
    return (
        plan_restore_troubles(tests, epoch, chance)
        if scenario is ScenarioName.TROUBLED
        else (tests, ())
    )
