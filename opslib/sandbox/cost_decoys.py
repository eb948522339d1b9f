"""Calls that brought no change of the bill about: those around the ones that did, and the rest.

Around each: the same resource tagged, read, and refused; another resource of the same kind in the
same place altered; the same call in another region and in another account; other services altered.
Elsewhere: what is altered and tagged on any day, in every account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.cost_causes import Cause, draw_actor, midnight
from opslib.sandbox.estate import ACCOUNTS, EAST, EC2, IRELAND, Resource
from opslib.sandbox.resource_calls import call_on, calls_of
from opslib.sandbox.shop import hex_id
from opslib.sandbox.shop_people import CONTENT

__all__ = ["decoys_of", "ordinary_writes"]

AROUND = timedelta(hours=20)
WRITES_A_DAY = 2.0
"""Of resources on the bill, in an account, whatever their number."""
TAGGED = 0.5
REFUSALS = ("AccessDenied", "ThrottlingException", "InvalidParameterValue")
SETTINGS = (
    ("ssm", "PutParameter", "AWS::SSM::Parameter", "name"),
    ("iam", "UpdateAssumeRolePolicy", "AWS::IAM::Role", "roleName"),
    ("events", "PutRule", "AWS::Events::Rule", "name"),
    ("sns", "SetTopicAttributes", "AWS::SNS::Topic", "topicArn"),
    ("monitoring", "PutMetricAlarm", "AWS::CloudWatch::Alarm", "alarmName"),
)
"""Calls on what costs next to nothing: source, name, type and key of what they are about."""


def decoys_of(
    causes: Sequence[Cause], resources: Sequence[Resource], chance: np.random.Generator
) -> Iterator[ApiCall]:
    """Yield calls in the hours of each cause, none of which cost anything.

    Args:
        causes: what did.
        resources: of the bill.
        chance: draws when and who.
    """
    acted = {cause.act.resource.id for cause in causes}
    idle = [one for one in resources if one.id not in acted and calls_of(one)]
    for cause in causes:
        yield from _on_the_same(cause, chance)
        yield from _on_likes(cause, idle, chance)
        yield from _on_others(cause, idle, chance)


def ordinary_writes(
    resources: Sequence[Resource],
    spared: frozenset[str],
    days: Sequence[date],
    chance: np.random.Generator,
) -> Iterator[ApiCall]:
    """Yield what is altered and tagged on any day, in every account.

    Args:
        resources: of the bill.
        spared: ids of those whose use changed, which nothing else befalls.
        days: of it.
        chance: draws what, when and who.
    """
    idle = [one for one in resources if one.id not in spared and calls_of(one)]
    for day in days:
        for account in ACCOUNTS:
            held = [one for one in idle if one.account == account]
            for _ in range(int(chance.poisson(WRITES_A_DAY))):
                at = midnight(day) + timedelta(hours=float(chance.uniform(7, 18)))
                deed = "tagged" if chance.random() < TAGGED else "altered"
                yield call_on(_one(held, chance), deed, at, draw_actor(chance))


def _on_the_same(cause: Cause, chance: np.random.Generator) -> Iterator[ApiCall]:
    """Yield what else was done to the very resource: tagged, read, and refused."""
    resource, who = cause.act.resource, cause.call.principal
    is_new = cause.act.deed == "created"
    begin = cause.call.at if is_new else cause.call.at - AROUND
    end = cause.call.at if cause.act.deed == "deleted" else midnight(cause.act.day)
    yield call_on(resource, "tagged", _between(begin, end, chance), who)
    for _ in range(2):
        yield call_on(resource, "read", _between(begin, end, chance), draw_actor(chance))
    error = REFUSALS[int(chance.integers(len(REFUSALS)))]
    at = _between(cause.call.at - AROUND, cause.call.at, chance)
    yield call_on(resource, cause.act.deed, at, who, error=error)


def _on_likes(
    cause: Cause, idle: Sequence[Resource], chance: np.random.Generator
) -> Iterator[ApiCall]:
    """Yield the like done to resources of the same kind, here and elsewhere."""
    resource = cause.act.resource
    place = (resource.template.service, resource.account, resource.region)
    near = [r for r in idle if (r.template.service, r.account, r.region) == place]
    here = _one(near, chance) if near else _twin(resource)
    others = [account for account in ACCOUNTS if account != resource.account]
    elsewhere = others[int(chance.integers(len(others)))]
    likes = [here, replace(_twin(resource), account=elsewhere)]
    if resource.region:
        region = IRELAND if resource.region == EAST else EAST
        likes.append(replace(_twin(resource), region=region))
    for like in likes:
        yield call_on(like, "altered", _around(cause, chance), draw_actor(chance))


def _on_others(
    cause: Cause, idle: Sequence[Resource], chance: np.random.Generator
) -> Iterator[ApiCall]:
    """Yield what was done to other services of the same account."""
    resource = cause.act.resource
    others = [
        one
        for one in idle
        if one.account == resource.account and one.template.service != resource.template.service
    ]
    for _ in range(2):
        deed = "tagged" if chance.random() < TAGGED else "altered"
        yield call_on(_one(others, chance), deed, _around(cause, chance), draw_actor(chance))
    for _ in range(2):
        yield _setting(resource, _around(cause, chance), CONTENT, chance)


def _setting(
    resource: Resource, at: datetime, who: Principal, chance: np.random.Generator
) -> ApiCall:
    source, name, kind, key = SETTINGS[int(chance.integers(len(SETTINGS)))]
    called = f"platform-{int(chance.integers(100)):02d}"
    if key.endswith("Arn"):
        called = f"arn:aws:{source}:{EAST}:{resource.account}:{called}"
    return ApiCall(
        at=at.replace(microsecond=0),
        account=resource.account,
        region=EAST if source == "iam" else resource.region or EAST,
        principal=who,
        source=source,
        name=name,
        resource=called,
        resource_type=kind,
        parameters={key: called},
    )


def _twin(resource: Resource) -> Resource:
    """Return a resource of the same kind that is on no bill."""
    unique = hex_id(f"twin of {resource.id}", 4)
    is_arn = resource.id.startswith("arn:") or resource.template.service != EC2
    return replace(resource, id=f"{resource.id}-{unique}" if is_arn else f"i-0{unique * 4}")


def _one(held: Sequence[Resource], chance: np.random.Generator) -> Resource:
    return held[int(chance.integers(len(held)))]


def _around(cause: Cause, chance: np.random.Generator) -> datetime:
    return _between(cause.call.at - AROUND, midnight(cause.act.day), chance)


def _between(begin: datetime, end: datetime, chance: np.random.Generator) -> datetime:
    return begin + float(chance.uniform(0, 1)) * (end - begin)
