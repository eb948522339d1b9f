"""The kinds of resources that capacity is read of: how each is read, limited and measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from opslib.aws.capacity.caches import measure_cache, read_caches
from opslib.aws.capacity.compute import read_groups, read_servers, read_volumes
from opslib.aws.capacity.compute_limits import measure_group, measure_server, measure_volume
from opslib.aws.capacity.database_limits import measure_cluster, measure_instance
from opslib.aws.capacity.databases import read_clusters, read_instances
from opslib.aws.capacity.ecs import measure_ecs, read_ecs_services
from opslib.aws.capacity.eks import read_kubernetes
from opslib.aws.capacity.eks_limits import measure_kubernetes
from opslib.aws.capacity.functions import measure_function, read_functions
from opslib.aws.capacity.known import Known
from opslib.aws.capacity.measures import Measures
from opslib.aws.capacity.network import (
    measure_balancer,
    measure_gateway,
    measure_subnet,
    read_balancers,
    read_gateways,
    read_subnets,
)
from opslib.aws.capacity.rows import Resource
from opslib.aws.capacity.tables import measure_table, read_tables
from opslib.aws.reads import Reads
from opslib.tables.capacity import CapacityService

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of resources.

    Args:
        table: what coverage calls its read.
        read: reads it in every account and region.
        measure: adds the limits and series of one.
    """

    table: str
    read: Callable[[Reads], pd.DataFrame]
    measure: Callable[[Resource, Known, Measures], None]


KINDS: Mapping[CapacityService, Kind] = {
    CapacityService.ECS: Kind(table="capacity ecs", read=read_ecs_services, measure=measure_ecs),
    CapacityService.EC2: Kind(table="capacity ec2", read=read_servers, measure=measure_server),
    CapacityService.ASG: Kind(table="capacity ec2", read=read_groups, measure=measure_group),
    CapacityService.EKS: Kind(
        table="capacity eks", read=read_kubernetes, measure=measure_kubernetes
    ),
    CapacityService.AURORA: Kind(
        table="capacity databases", read=read_clusters, measure=measure_cluster
    ),
    CapacityService.RDS: Kind(
        table="capacity databases", read=read_instances, measure=measure_instance
    ),
    CapacityService.DYNAMODB: Kind(
        table="capacity dynamodb", read=read_tables, measure=measure_table
    ),
    CapacityService.LAMBDA: Kind(
        table="capacity lambda", read=read_functions, measure=measure_function
    ),
    CapacityService.LOAD_BALANCER: Kind(
        table="capacity network", read=read_balancers, measure=measure_balancer
    ),
    CapacityService.CACHE: Kind(table="capacity caches", read=read_caches, measure=measure_cache),
    CapacityService.NAT: Kind(
        table="capacity network", read=read_gateways, measure=measure_gateway
    ),
    CapacityService.SUBNET: Kind(
        table="capacity network", read=read_subnets, measure=measure_subnet
    ),
    CapacityService.EBS: Kind(table="capacity ec2", read=read_volumes, measure=measure_volume),
}
"""All but quotas, which are read of recovery regions too."""
