"""Scenarios: the estate, and what the seed does to it.

``steady``: nothing but noise, churn, growth and monthly charges. ``troubled``: a price, use, a
new, a gone and an untagged resource, unusual days, a commitment that is not used, a budget that
will not hold, backups that were not made as
they should be, capacity that runs out. ``denied``: some reads are refused, the incident's too.
``empty``: a new account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache

import numpy as np
import pandas as pd

from opslib.sandbox.api_calls import ApiCall
from opslib.sandbox.backup_history import BackupHistory, tell_history
from opslib.sandbox.backup_troubles import plan_backup_troubles
from opslib.sandbox.backups import list_stores
from opslib.sandbox.billing import BillPlan, make_bill, span
from opslib.sandbox.budgets import Budget, plan_budgets
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.capacity_truths import plan_capacity
from opslib.sandbox.cost_anomaly_detection import AwsAnomaly, plan_detection
from opslib.sandbox.cost_history import plan_cost_history
from opslib.sandbox.estate import list_resources, make_tiny_resource
from opslib.sandbox.faults import Fault, plan_backup_fault, plan_faults
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
from opslib.sandbox.terraform import StateStore, plan_state_troubles, plan_states
from opslib.sandbox.troubles import plan_troubles
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["DEFAULT_EPOCH", "INCIDENTS", "Scenario", "ScenarioName", "plan_scenario"]

DEFAULT_EPOCH = datetime(2026, 3, 2, 6, tzinfo=UTC)
HISTORY = timedelta(days=150)
SETTLING = timedelta(hours=72)
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
COST_HISTORY = 6
"""The same for unusual days of the bill, and what brought its changes about."""
DETECTION = 7
"""The same for what AWS finds unusual."""


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
    today = epoch.date()
    days = span(today - HISTORY, _month_end(today))
    chance = np.random.default_rng([seed, list(ScenarioName).index(scenario)])
    tiny = make_tiny_resource(_report_week(epoch)[0])
    plan = BillPlan(resources=(*list_resources(), tiny))
    truths: tuple[PlantedTruth, ...] = ()
    if scenario is ScenarioName.TROUBLED:
        plan, truths = plan_troubles(plan, days, _report_week(epoch), chance, seed)
    entropy = [seed, list(ScenarioName).index(scenario)]
    cost_history = plan_cost_history(
        plan, truths, days, _report_week(epoch), [*entropy, COST_HISTORY]
    )
    plan, truths = cost_history.plan, cost_history.truths
    if scenario is ScenarioName.TROUBLED:
        truths = (*truths, plant_loss(seed), plant_replica_loss())
    restated = _restate(today, chance)
    whole = make_bill(plan, days, seed)
    booked = make_bill(replace(plan, restated=restated), span(days[0], today), seed)
    if scenario is ScenarioName.EMPTY:
        whole, booked = whole.iloc[:0], booked.iloc[:0]
    detecting = np.random.default_rng([*entropy, DETECTION])
    anomalies = plan_detection(plan, whole, _report_week(epoch), detecting)
    troubled = scenario is ScenarioName.TROUBLED
    budgets, overrun = plan_budgets(whole, booked, today, chance, overrun=troubled)
    faults, denied = plan_faults(chance) if scenario is ScenarioName.DENIED else ((), ())
    backups, unsafe, refused = _plan_backups(scenario, seed, epoch)
    terraform, spoilt = _plan_terraform(scenario, seed, epoch)
    restores, undrilled = _plan_restores(scenario, seed, epoch, backups)
    incident, struck, unread = plan_incident(scenario.value, seed, epoch, INCIDENTS)
    capacity, scarce, unknown = plan_capacity(scenario.value, incident, CAPACITY)
    return Scenario(
        name=scenario,
        seed=seed,
        epoch=epoch,
        bill=booked,
        forecast=whole,
        cost_calls=() if scenario is ScenarioName.EMPTY else cost_history.calls,
        aws_anomalies=anomalies,
        budgets=() if scenario is ScenarioName.EMPTY else budgets,
        backups=backups,
        terraform=terraform,
        restores=restores,
        incident=incident,
        capacity=capacity,
        faults=(*faults, *refused, *unread, *unknown),
        truths=(
            *truths,
            *overrun,
            *denied,
            *_unsettled(restated, today, booked),
            *unsafe,
            *spoilt,
            *undrilled,
            *struck,
            *scarce,
        ),
    )


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


def _report_week(epoch: datetime) -> tuple[date, ...]:
    """Return the seven days that a weekly report of the epoch speaks of."""
    last = (epoch - SETTLING).date() - timedelta(days=1)
    return span(last - timedelta(days=6), last)


def _restate(today: date, chance: np.random.Generator) -> Mapping[date, float]:
    """Return the last days, as little as AWS has booked of them so far."""
    days = int(chance.integers(1, 4))
    shares = {
        today - timedelta(days=n): float(chance.uniform(0.3, 0.8)) for n in range(1, days + 1)
    }
    return {**shares, today: 0.2}


def _unsettled(
    restated: Mapping[date, float], today: date, booked: pd.DataFrame
) -> tuple[PlantedTruth, ...]:
    if booked.empty:
        return ()
    days = tuple(sorted(day for day in restated if day != today))
    claim = Claim(kind="cost.unsettled_days", subject={})
    return (
        PlantedTruth(name="unsettled_days", by_export=claim, by_cost_explorer=(claim,), days=days),
    )


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
