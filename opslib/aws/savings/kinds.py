"""The kinds of resources that are listed, each a read of its own: one refused leaves the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from opslib.aws.places import Place
from opslib.aws.reads import Fetched
from opslib.aws.savings.addresses import list_addresses
from opslib.aws.savings.balancers import (
    list_balancers,
    list_classic_balancers,
    measure_balancer,
)
from opslib.aws.savings.buckets import list_buckets, measure_buckets
from opslib.aws.savings.caches import list_caches, measure_caches
from opslib.aws.savings.clusters import list_clusters
from opslib.aws.savings.daily_use import Measure
from opslib.aws.savings.databases import list_databases, measure_database
from opslib.aws.savings.dynamodb import list_tables, measure_tables
from opslib.aws.savings.gateways import list_gateways, measure_gateway
from opslib.aws.savings.groups import list_groups
from opslib.aws.savings.instances import list_instances, measure_instance
from opslib.aws.savings.log_groups import list_log_groups, measure_log_group
from opslib.aws.savings.snapshots import list_snapshots
from opslib.aws.savings.trails import list_trails
from opslib.aws.savings.volumes import list_volumes

__all__ = ["KINDS", "Listed"]

Row = Mapping[str, Any]


def _nothing(_: Row) -> tuple[Measure, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How resources are listed and measured.

    Args:
        table: what coverage calls it.
        list: asks one place; rows of `opslib.tables.savings.SAVINGS_RESOURCES`.
        measures: what CloudWatch is asked of a row, its Settings and Tags read.
    """

    table: str
    list: Callable[[Place], Fetched | list[dict[str, Any]]]
    measures: Callable[[Row], tuple[Measure, ...]] = _nothing


KINDS: tuple[Listed, ...] = (
    Listed(table="volumes", list=list_volumes),
    Listed(table="instances", list=list_instances, measures=measure_instance),
    Listed(table="databases", list=list_databases, measures=measure_database),
    Listed(table="addresses", list=list_addresses),
    Listed(table="snapshots", list=list_snapshots),
    Listed(table="load balancers", list=list_balancers, measures=measure_balancer),
    Listed(table="classic load balancers", list=list_classic_balancers, measures=measure_balancer),
    Listed(table="NAT gateways", list=list_gateways, measures=measure_gateway),
    Listed(table="log groups", list=list_log_groups, measures=measure_log_group),
    Listed(table="trails", list=list_trails),
    Listed(table="database clusters", list=list_clusters),
    Listed(table="caches", list=list_caches, measures=measure_caches),
    Listed(table="buckets", list=list_buckets, measures=measure_buckets),
    Listed(table="tables", list=list_tables, measures=measure_tables),
    Listed(table="instance groups", list=list_groups),
)
