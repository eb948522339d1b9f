"""Caches that nothing is asked of.

Source: Amazon ElastiCache User Guide, metrics for Valkey and Redis OSS: commands by type, and
CurrConnections, of which ElastiCache uses two to four to monitor the cluster.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from opslib.analysis.savings.charges import MONTH_DAYS
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import (
    Effect,
    Judging,
    Option,
    recommend_parts,
    reject_young,
)
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.analysis.savings.use import reject_used, untold_days
from opslib.wording import count, printable

__all__ = ["check_idle_caches"]

IDLE, MEMCACHED = "idle_cache", "memcached"
CONNECTIONS, OWN_CONNECTIONS = "CurrConnections", 4
COMMANDS = {MEMCACHED: ("CmdGet", "CmdSet"), "": ("GetTypeCmds", "SetTypeCmds")}
"""Measures that must be told of every day, by engine."""
OTHERS = {MEMCACHED: ("CmdTouch",), "": ("EvalBasedCmds", "PubSubBasedCmds", "StreamBasedCmds")}
"""Measures that count as use where they are told."""
HOURS = "NodeUsage"
MONTH_HOURS = Decimal(24 * MONTH_DAYS)


def check_idle_caches(judging: Judging) -> Iterator[Option]:
    """Yield caches of which no node ran a command on any day, and those that are not judged.

    A cache is judged whole: a replica runs what its primary is asked.
    """
    nodes = {(one.account, one.region, one.id): one for one in judging.estate.of_kind("cache_node")}
    for cache in judging.estate.of_kind("cache"):
        held = (nodes.get((cache.account, cache.region, arn)) for arn in cache.settings["nodes"])
        yield _judge(cache, tuple(one for one in held if one), judging)


def _judge(cache: Thing, nodes: tuple[Thing, ...], judging: Judging) -> Option:
    rejected = (
        reject_young(IDLE, cache, judging)
        or _reject_used(cache, nodes, judging)
        or _reject_connected(cache, nodes, judging)
    )
    if rejected:
        return rejected
    settings, days = cache.settings, count(judging.parameters.use_days, "day")
    engine = printable(str(settings["engine"]))
    hours = Effect(meters=(HOURS,), size={f"{HOURS}:{settings.get('node_type')}": MONTH_HOURS})
    return recommend_parts(
        IDLE,
        cache,
        judging,
        [(node, hours) for node in nodes],
        sentence=f"nothing was asked of the {engine} cache with {count(len(nodes), 'node')} "
        f"in {days}",
        action="Take a final backup if its data may be wanted, then delete the cache.",
    )


def _reject_used(cache: Thing, nodes: tuple[Thing, ...], judging: Judging) -> Rejection | None:
    engine = cache.settings["engine"]
    needed = [(node, one) for node in nodes for one in COMMANDS.get(engine, COMMANDS[""])]
    others = [(node, one) for node in nodes for one in OTHERS.get(engine, OTHERS[""])]
    return reject_used(IDLE, cache, judging, needed, "commands", others)


def _reject_connected(cache: Thing, nodes: tuple[Thing, ...], judging: Judging) -> Rejection | None:
    """Return why a cache without commands is kept: more are connected than the service itself."""
    if cache.settings["engine"] == MEMCACHED:
        return None
    if any(untold_days(judging, node, CONNECTIONS) for node in nodes):
        sentence = "CloudWatch does not tell its connections of every day"
        return Rejection(kind=IDLE, thing=cache, reason=Reason.UNKNOWN, sentence=sentence)
    told = [judging.estate.use_of(node, CONNECTIONS) for node in nodes]
    most = max(value for values in told for value in values.values())
    if most <= OWN_CONNECTIONS:
        return None
    sentence = (
        f"no command was run, but up to {most:.0f} connections were open to a node; ElastiCache's "
        f"own are at most {OWN_CONNECTIONS}"
    )
    return Rejection(kind=IDLE, thing=cache, reason=Reason.IN_USE, sentence=sentence)
