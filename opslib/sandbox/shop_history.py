"""Deployments and scaling steps of the shop: the planted ones among the ordinary."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

import numpy as np

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import ChangeKind, IncidentPlan, window_of
from opslib.sandbox.shop import CLUSTER, SERVICES, hex_id
from opslib.sandbox.shop_deployments import Deployment
from opslib.sandbox.shop_people import PEOPLE, person

__all__ = [
    "SCALED",
    "ScalingStep",
    "incident_deployments",
    "list_deployments",
    "list_steps",
    "on_call",
]

HISTORY_DAYS = 90
FIRST_REVISION, FIRST_RUN = 80, 4100
SATURDAY = 5
STAGING_PIPELINE_HOUR = 12
STEPS = ((6.5, 3), (9.0, 4), (17.5, 5), (20.6, 4), (21.8, 3), (23.4, 2))
"""Hours of the day and the tasks that autoscaling then wants, by the daily load."""
SCALED = ("web", "catalog", "search", "checkout")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingStep:
    """A step of autoscaling.

    Args:
        at: when it began.
        account: production or staging.
        service: that is scaled.
        before, after: tasks wanted.
        cluster: that the service is in.
    """

    at: datetime
    account: str
    service: str
    before: int
    after: int
    cluster: str = CLUSTER

    @property
    def activity_id(self) -> str:
        """Return the activity's id."""
        return hex_id(f"step {self.account} {self.service} {self.at.isoformat()}", 32)


def on_call(plan: IncidentPlan) -> str:
    """Return who is on call on the day of the window."""
    return PEOPLE[plan.seed % len(PEOPLE)]


@cache
def list_deployments(plan: IncidentPlan, account: str) -> tuple[Deployment, ...]:
    """Return the deployments of 90 days in an account, oldest first."""
    if plan.is_empty:
        return ()
    drawn = [*_ordinary(plan, account)]
    if account == PRODUCTION:
        drawn += _planted(plan)
    revisions: dict[str, int] = defaultdict(lambda: FIRST_REVISION)
    numbered = []
    for run, each in enumerate(sorted(drawn, key=lambda one: one.at), start=FIRST_RUN):
        back = each.is_rollback
        revision = revisions[each.service] - 1 if back else revisions[each.service] + 1
        revisions[each.service] = max(revision, revisions[each.service])
        numbered.append(replace(each, revision=revision, run=run))
    return tuple(numbered)


def incident_deployments(plan: IncidentPlan) -> tuple[Deployment, ...]:
    """Return the planted deployment and its rollback; none where the change was another."""
    incident = plan.incident
    if incident is None or incident.kind not in {ChangeKind.DEPLOYMENT, ChangeKind.PIPELINE}:
        return ()
    moments = {incident.changed_at, incident.rolled_back_at}
    held = list_deployments(plan, PRODUCTION)
    return tuple(each for each in held if each.at in moments)


def _planted(plan: IncidentPlan) -> list[Deployment]:
    opens, _ = window_of(plan.epoch)
    early = opens + timedelta(minutes=41)
    made = [_deployment(plan.decoy_service, plan.decoy_at), _deployment("accounts", early)]
    incident = plan.incident
    if incident and incident.kind in {ChangeKind.DEPLOYMENT, ChangeKind.PIPELINE}:
        made.append(_deployment(incident.component, incident.changed_at))
        back = _deployment(incident.component, incident.rolled_back_at)
        made.append(replace(back, is_rollback=True, person=person(on_call(plan))))
    return made


def _deployment(service: str, at: datetime, account: str = PRODUCTION) -> Deployment:
    return Deployment(at=at, account=account, service=service, revision=0, run=0)


def _ordinary(plan: IncidentPlan, account: str) -> list[Deployment]:
    opens, _ = window_of(plan.epoch)
    chance = np.random.default_rng([plan.seed, int(account), 1])
    made = []
    for back in range(HISTORY_DAYS, -1, -1):
        midnight = opens - timedelta(hours=8, days=back)
        if account != PRODUCTION:
            at = midnight + timedelta(hours=STAGING_PIPELINE_HOUR, seconds=int(chance.integers(40)))
            made.append(_deployment("catalog", at, account))
        if not back:
            continue
        for _ in range(int(chance.poisson(0.4 if midnight.weekday() >= SATURDAY else 2.2))):
            at = midnight + timedelta(seconds=int(3600 * chance.uniform(8, 17)))
            made.append(_deployment(SERVICES[int(chance.integers(len(SERVICES)))], at, account))
    return made


@cache
def list_steps(plan: IncidentPlan, account: str) -> tuple[ScalingStep, ...]:
    """Return autoscaling's steps of the last 42 days, oldest first."""
    if plan.is_empty or account != PRODUCTION:
        return ()
    opens, _ = window_of(plan.epoch)
    chance = np.random.default_rng([plan.seed, int(account), 2])
    steps = []
    for back in range(42, -2, -1):
        midnight = opens - timedelta(hours=8, days=back)
        for service in SCALED:
            wanted = STEPS[-1][1]
            for hour, after in STEPS:
                at = midnight + timedelta(seconds=int(3600 * (hour + chance.uniform(0, 0.4))))
                if at < plan.epoch:
                    steps.append(
                        ScalingStep(
                            at=at, account=account, service=service, before=wanted, after=after
                        )
                    )
                wanted = after
    return tuple(sorted(steps, key=lambda step: step.at))
