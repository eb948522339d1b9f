"""Databases that nobody connects to.

Source: Amazon RDS User Guide, metrics (DatabaseConnections) and "Stopping an Amazon RDS DB
instance": one that is stopped is started again after seven days, its storage charged all along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from opslib.analysis.savings.charges import MONTH_DAYS, Line
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import (
    Effect,
    Judging,
    Option,
    recommend_parts,
    reject_young,
)
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.analysis.savings.use import reject_used
from opslib.money import ZERO
from opslib.wording import count, printable

__all__ = ["check_idle_databases"]

IDLE = "idle_database"
ACTION = (
    "Take a final snapshot, then delete it: a database that is stopped starts again after seven "
    "days."
)
METERS = (":db.", "RDS:", "Aurora:")
"""Parts of the usage types of instances, storage and I/O: another service's resource may be called
as the database is."""
MONTH_HOURS = Decimal(24 * MONTH_DAYS)


def check_idle_databases(judging: Judging) -> Iterator[Option]:
    """Yield instances and clusters without a connection on any day, and those that are not judged.

    A cluster is judged whole, since an instance without connections stands by for the others.
    Backups are not counted as saved: a final snapshot takes their place.
    """
    instances = tuple(judging.estate.of_kind("database"))
    for one in instances:
        if not one.settings.get("cluster"):
            yield _judge(one, (one,), judging)
    for cluster in judging.estate.of_kind("database_cluster"):
        yield _judge(cluster, _members(cluster, instances), judging)


def _members(cluster: Thing, instances: Sequence[Thing]) -> tuple[Thing, ...]:
    place = (cluster.account, cluster.region)
    return tuple(
        one
        for one in instances
        if (one.account, one.region) == place and one.name in cluster.settings["members"]
    )


def _judge(thing: Thing, instances: tuple[Thing, ...], judging: Judging) -> Option:
    measured = [(one, "connections") for one in instances]
    rejected = reject_young(IDLE, thing, judging) or reject_used(
        IDLE, thing, judging, measured, "connections"
    )
    if rejected or (rejected := _reject_replica(thing)):
        return rejected
    days = count(judging.parameters.use_days, "day")
    engine = printable(str(thing.settings["engine"]))
    several = f" with {count(len(instances), 'instance')}" if thing not in instances else ""
    return recommend_parts(
        IDLE,
        thing,
        judging,
        [(one, _effect(one)) for one in _each(thing, instances)],
        sentence=f"no client connected to the {engine} database{several} in {days}",
        action=ACTION,
    )


def _reject_replica(thing: Thing) -> Rejection | None:
    """Return why an idle instance is kept: replicas are for the day when another fails."""
    source, replicas = thing.settings.get("source"), thing.settings.get("replicas")
    if source:
        sentence = f"it is a replica of {printable(source)}, which use alone does not judge"
        return Rejection(kind=IDLE, thing=thing, reason=Reason.UNKNOWN, sentence=sentence)
    if replicas:
        sentence = f"it feeds {count(len(replicas), 'replica')}"
        return Rejection(kind=IDLE, thing=thing, reason=Reason.IN_USE, sentence=sentence)
    return None


def _without_backups(line: Line) -> Decimal:
    return ZERO if "Backup" in line.meter else line.cost


def _each(thing: Thing, instances: tuple[Thing, ...]) -> tuple[Thing, ...]:
    """Return a cluster and its instances, or the instance by itself."""
    return instances if thing in instances else (thing, *instances)


def _effect(thing: Thing) -> Effect:
    """Return what deleting does; an instance is estimated by its hours, ``xl`` for ``xlarge``."""
    kind = "Multi-AZUsage" if thing.settings.get("is_multi_az") else "InstanceUsage"
    name = thing.settings.get("class")
    size = {f"{kind}:{name.replace('xlarge', 'xl')}": MONTH_HOURS} if name else {}
    return Effect(meters=METERS, saved=_without_backups, size=size)
