"""The kinds of resources that capacity is read of: how each is read, limited and measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from opslib.aws.capacity_database_limits import measure_cluster, measure_instance
from opslib.aws.capacity_databases import read_clusters, read_instances
from opslib.aws.capacity_ecs import measure_ecs, read_ecs_services
from opslib.aws.capacity_known import Known
from opslib.aws.capacity_measures import Measures
from opslib.aws.capacity_rows import Resource
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
    CapacityService.AURORA: Kind(
        table="capacity databases", read=read_clusters, measure=measure_cluster
    ),
    CapacityService.RDS: Kind(
        table="capacity databases", read=read_instances, measure=measure_instance
    ),
}
