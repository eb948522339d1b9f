"""What ECS says of the shop's services: events, deployments, and tasks that stopped lately."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.shop import hex_id, make_uuid
from opslib.sandbox.shop_deployments import Deployment
from opslib.sandbox.shop_history import list_deployments, list_steps

__all__ = ["MOST_EVENTS", "ServiceEvent", "StoppedTask", "service_events", "stopped_tasks"]

MOST_EVENTS = 100
"""ECS keeps no more of a service."""
STEADY_EVERY = timedelta(hours=6)
TASKS = 3
STAGING_REASONS = (
    ("OutOfMemoryError: Container killed due to memory usage", 137),
    ("Essential container in task exited", 1),
)


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """One event of a service.

    Args:
        at: when.
        message: what ECS says.
    """

    at: datetime
    message: str

    @property
    def id(self) -> str:
        """Return the event's id."""
        return make_uuid(f"{self.at.isoformat()} {self.message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedTask:
    """A task that stopped within the last hour.

    Args:
        id: of the task.
        service: that it belonged to.
        stopped_at: when.
        reason: why.
        exit_code: of its container.
    """

    id: str
    service: str
    stopped_at: datetime
    reason: str
    exit_code: int


@lru_cache(maxsize=64)
def service_events(plan: IncidentPlan, account: str, service: str) -> tuple[ServiceEvent, ...]:
    """Return the last hundred events of a service, newest first."""
    if plan.is_empty:
        return ()
    events = [event for event in _all_events(plan, account, service) if event.at < plan.epoch]
    events.sort(key=lambda event: (event.at, event.message), reverse=True)
    return tuple(events[:MOST_EVENTS])


def _all_events(plan: IncidentPlan, account: str, service: str) -> Iterator[ServiceEvent]:
    named = f"(service {service})"
    for number in range(4 * 30):
        yield ServiceEvent(
            plan.epoch - timedelta(minutes=50) - number * STEADY_EVERY,
            f"{named} has reached a steady state.",
        )
    for deployment in list_deployments(plan, account):
        if deployment.service == service:
            yield from _rollout(deployment, named)
    for step in list_steps(plan, account):
        if step.service == service:
            more = step.after > step.before
            changed = abs(step.after - step.before)
            did = f"has started {changed} tasks" if more else f"has stopped {changed} running tasks"
            task = hex_id(f"{step.activity_id} task", 32)
            yield ServiceEvent(step.at + timedelta(seconds=12), f"{named} {did}: (task {task}).")
    if account == PRODUCTION:
        yield from _failing(plan, service, named)


def _rollout(deployment: Deployment, named: str) -> Iterator[ServiceEvent]:
    at, key = deployment.updated_at, deployment.ecs_id
    tasks = " ".join(f"(task {hex_id(f'{key} {number}', 32)})" for number in range(TASKS))
    yield ServiceEvent(
        at + timedelta(seconds=70),
        f"{named} (deployment {key}) has started {TASKS} tasks: {tasks}.",
    )
    yield ServiceEvent(
        at + timedelta(seconds=330), f"{named} has stopped {TASKS} running tasks: {tasks}."
    )
    yield ServiceEvent(deployment.completed_at, f"{named} (deployment {key}) deployment completed.")
    yield ServiceEvent(
        deployment.completed_at + timedelta(seconds=1), f"{named} has reached a steady state."
    )


def _failing(plan: IncidentPlan, service: str, named: str) -> Iterator[ServiceEvent]:
    """Yield what ECS says of a service of which every tenth request fails."""
    incident = plan.incident
    if incident is None or incident.component != service or incident.error_share < 0.1:  # noqa: PLR2004
        return
    at = incident.onset + timedelta(minutes=6)
    while at < incident.rolled_back_at:
        task = hex_id(f"{service} {at}", 32)
        yield ServiceEvent(
            at,
            f"{named} (task {task}) is unhealthy in (target-group shop-{service}) due to "
            "(reason Health checks failed with these codes: [503]).",
        )
        at += timedelta(minutes=19)


def stopped_tasks(plan: IncidentPlan, account: str) -> tuple[StoppedTask, ...]:
    """Return the tasks that stopped in the hour before the epoch: ECS tells of no others."""
    if plan.is_empty:
        return ()
    reason, code = STAGING_REASONS[plan.seed % len(STAGING_REASONS)]
    scaled = "Scaling activity initiated by (deployment ecs-svc/0000000000000000000)"
    told = (("search", 41, reason, code), ("web", 17, scaled, 0))
    return tuple(
        StoppedTask(
            id=hex_id(f"stopped {account} {service} {plan.seed}", 32),
            service=service,
            stopped_at=plan.epoch - timedelta(minutes=minutes),
            reason=why,
            exit_code=exit_code,
        )
        for service, minutes, why, exit_code in told[: 1 if account == PRODUCTION else 2]
    )
