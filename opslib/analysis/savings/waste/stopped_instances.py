"""EC2 instances that are stopped for long, and whose disks and addresses are charged all the same.

Source: Amazon EC2 User Guide, "Stop and start Amazon EC2 instances": a stopped instance is not
charged, its EBS volumes and Elastic IP addresses are; Amazon EC2 API Reference, Instance:
StateTransitionReason, which tells the moment of the stop as people or AWS caused it, or nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Effect, Judging, Option, recommend_parts
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.analysis.savings.waste.addresses import IDLE_ADDRESS
from opslib.analysis.savings.waste.volume_meters import size_of_volume
from opslib.wording import count

__all__ = ["check_stopped_instances", "stop_of"]

KIND = "stopped_instance"
MOMENT = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)\s*$")
Key = tuple[str, str, str]
"""Account, region and id of an instance."""


def check_stopped_instances(judging: Judging) -> Iterator[Option]:
    """Yield instances stopped for all of the window, and those of which that is not known."""
    held = _held(judging)
    for instance in judging.estate.of_kind("instance"):
        if instance.settings["state"] != "stopped":
            continue
        parts = held.get((instance.account_id, instance.region, instance.id))
        if parts:
            yield _reject_recent(instance, judging) or _end(instance, judging, parts)


def stop_of(reason: str) -> datetime | None:
    """Return when an instance was stopped, by its StateTransitionReason; None where not told.

    >>> stop_of("User initiated (2026-01-04 14:29:07 GMT)")
    datetime.datetime(2026, 1, 4, 14, 29, 7, tzinfo=datetime.timezone.utc)
    """
    found = MOMENT.search(reason)
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def _held(judging: Judging) -> Mapping[Key, list[Thing]]:
    """Return the disks and addresses of each instance that none holds that is not stopped."""
    awake = {
        (one.account_id, one.region, one.id)
        for one in judging.estate.of_kind("instance")
        if one.settings["state"] != "stopped"
    }
    held: dict[Key, list[Thing]] = defaultdict(list)
    for part in judging.estate.of_kind("volume", "address"):
        told = part.settings
        names = told.get("instances", [told.get("instance")])
        keys = [(part.account_id, part.region, name) for name in names if name]
        for key in keys if awake.isdisjoint(keys) else ():
            held[key].append(part)
    return held


def _effect(part: Thing, judging: Judging) -> Effect:
    if part.kind == "address":
        return IDLE_ADDRESS
    return Effect(meters=("EBS:Volume",), size=size_of_volume(part, judging.charges))


def _reject_recent(instance: Thing, judging: Judging) -> Rejection | None:
    stopped = stop_of(instance.settings.get("transition") or "")
    days = judging.parameters.use_days
    if stopped is None:
        sentence = "it is stopped, and AWS does not tell since when"
        return Rejection(kind=KIND, thing=instance, reason=Reason.UNKNOWN, sentence=sentence)
    since = (judging.as_of - stopped).days
    if since >= days:
        return None
    sentence = f"it ran until {count(since, 'day')} ago, less than {days} days"
    return Rejection(kind=KIND, thing=instance, reason=Reason.TOO_YOUNG, sentence=sentence)


def _end(instance: Thing, judging: Judging, parts: list[Thing]) -> Option:
    stopped = stop_of(instance.settings["transition"])
    assert stopped is not None
    since = count((judging.as_of - stopped).days, "day")
    disks = sum(part.kind == "volume" for part in parts)
    held = [count(disks, "volume")] if disks else []
    if len(parts) > disks:
        held.append(count(len(parts) - disks, "Elastic IP"))
    return recommend_parts(
        KIND,
        instance,
        judging,
        [(part, _effect(part, judging)) for part in parts],
        sentence=f"it has been stopped for {since}, and {' and '.join(held)} of it cost as before",
        action="Start it if it is wanted; else take snapshots, terminate it and delete its parts.",
    )
