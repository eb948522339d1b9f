"""Every call that CloudTrail recorded in an account of the sandbox, day by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_changes import change_calls
from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.ordinary_calls import ordinary_day, scaling_call
from opslib.sandbox.shop import CLUSTER, SHOP_ACCOUNTS
from opslib.sandbox.shop_deployments import deployment_calls
from opslib.sandbox.shop_history import (
    incident_deployments,
    list_deployments,
    list_steps,
    on_call,
)
from opslib.sandbox.shop_people import person

__all__ = ["RECORDED_DAYS", "calls_between", "calls_of_day", "with_others"]

RECORDED_DAYS = 90
DAY = timedelta(days=1)
LOOKED_AT = ("DescribeServices", "ListTasks", "DescribeTasks")


@lru_cache(maxsize=256)
def calls_of_day(plan: IncidentPlan, account: str, midnight: datetime) -> tuple[ApiCall, ...]:
    """Return the calls of a day of UTC, oldest first."""
    if plan.is_empty or account not in SHOP_ACCOUNTS:
        return ()
    following = midnight + DAY
    calls = ordinary_day(plan.seed, account, midnight)
    for deployment in list_deployments(plan, account):
        if abs(deployment.at - midnight) < 2 * DAY:
            calls += deployment_calls(deployment)
    steps = (step for step in list_steps(plan, account) if midnight <= step.at < following)
    calls += [scaling_call(step) for step in steps]
    if account == PRODUCTION:
        calls += _planted(plan)
    within = (call for call in calls if midnight <= call.at < min(following, plan.epoch))
    return tuple(sorted(within, key=lambda call: (call.at, call.event_id)))


def calls_between(
    plan: IncidentPlan,
    account: str,
    begin: datetime,
    end: datetime,
    others: Sequence[ApiCall] = (),
) -> Iterator[ApiCall]:
    """Yield the calls of a half-open span, newest first, as far as CloudTrail keeps them.

    Args:
        plan: the days of the shop.
        account: whose calls.
        begin: of the span.
        end: of the span, which is not in it.
        others: calls of any account that are not the shop's.
    """
    begin = max(begin, plan.epoch - timedelta(days=RECORDED_DAYS))
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    while midnight + DAY > begin:
        for call in reversed(with_others(plan, account, midnight, others)):
            if begin <= call.at < end:
                yield call
        midnight -= DAY


def with_others(
    plan: IncidentPlan, account: str, midnight: datetime, others: Sequence[ApiCall]
) -> list[ApiCall]:
    """Return the calls of a day of UTC and those of ``others`` that are its, oldest first."""
    own = [c for c in others if c.account == account and midnight <= c.at < midnight + DAY]
    calls = [*calls_of_day(plan, account, midnight), *own]
    return sorted(calls, key=lambda call: (call.at, call.event_id))


def _planted(plan: IncidentPlan) -> list[ApiCall]:
    """Return the change, its rollback, and what people did in between."""
    incident = plan.incident
    if incident is None:
        return []
    # A deployment and its rollback are among the deployments already.
    made = [] if incident_deployments(plan) else change_calls(incident, on_call(plan))
    awhile = (incident.rolled_back_at - incident.onset) / 3
    who = person(on_call(plan))
    looks = [
        ApiCall(
            at=(incident.onset + awhile + timedelta(seconds=20 * number)).replace(microsecond=0),
            account=PRODUCTION,
            principal=who,
            source="ecs",
            name=LOOKED_AT[number % len(LOOKED_AT)],
            parameters={"cluster": CLUSTER},
            read_only=True,
        )
        for number in range(9)
    ]
    return made + looks + [_restart(incident.onset + 1.5 * awhile, who)]


def _restart(at: datetime, who: Principal) -> ApiCall:
    """Return what was tried first and did not help: web's tasks started again."""
    parameters = {"cluster": CLUSTER, "service": "web", "forceNewDeployment": True}
    return ApiCall(
        at=at.replace(microsecond=0),
        account=PRODUCTION,
        principal=who,
        source="ecs",
        name="UpdateService",
        resource="web",
        resource_type="AWS::ECS::Service",
        parameters=parameters,
        response={"service": {"serviceName": "web"}},
    )
