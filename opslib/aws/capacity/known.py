"""What is known of an estate beside its resources: scaled dimensions, quotas and instance types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from opslib.aws.capacity.rows import Resource
from opslib.aws.details import Details
from opslib.aws.places import Place, read_places
from opslib.aws.reads import Fetched, Reads
from opslib.errors import ReadError
from opslib.tables.capacity import CAPACITY_RESOURCES

__all__ = ["InstanceType", "Known", "Scaled", "open_details", "read_resources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """A dimension that is scaled by itself; target and cooldowns None where it has none."""

    minimum: float
    maximum: float
    metric: str = ""
    target: float | None = None
    out_seconds: float | None = None
    in_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceType:
    """What an instance type has; pods by its network interfaces, 0 where that is not told."""

    vcpus: float
    memory_gib: float
    pods: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What limits are made of beside a resource's own settings.

    Args:
        scaled: by account, region, Application Auto Scaling's resource id, and dimension.
        quotas: applied value by account, region and quota code.
        types: by name.
        unquoted: accounts and regions whose quotas were not told, or not all.
        unscaled: accounts and regions whose scaled dimensions were not told, or not all.
    """

    scaled: Mapping[tuple[str, str, str, str], Scaled] = field(default_factory=dict)
    quotas: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    types: Mapping[str, InstanceType] = field(default_factory=dict)
    unquoted: frozenset[tuple[str, str]] = frozenset()
    unscaled: frozenset[tuple[str, str]] = frozenset()

    def hides_quotas(self, resource: Resource) -> bool:
        """Say whether an applied quota of where ``resource`` lies may not have been told."""
        return (resource.account, resource.region) in self.unquoted

    def hides_scaling(self, resource: Resource) -> bool:
        """Say whether ``resource`` may be scaled though nothing tells so."""
        return (resource.account, resource.region) in self.unscaled

    def scaling_of(self, resource: Resource, dimension: str) -> Scaled | None:
        """Return how a dimension of ``resource`` is scaled, by its ``scaling_id``."""
        key = (
            resource.account,
            resource.region,
            str(resource.settings.get("scaling_id", "")),
            dimension,
        )
        return self.scaled.get(key)

    def quota(self, resource: Resource, code: str) -> float | None:
        """Return the applied value of a quota where ``resource`` lies."""
        return self.quotas.get((resource.account, resource.region, code))


def read_resources(
    reads: Reads, table: str, asked: str, fetch: Callable[[Place], Fetched]
) -> pd.DataFrame:
    """Read one kind of resources in every account and region; columns of `CAPACITY_RESOURCES`."""
    return read_places(reads, table, asked, CAPACITY_RESOURCES, fetch, lambda _: {"kind": asked})


def open_details() -> Details:
    """Return details of which any may be refused."""
    return Details(tolerated=(ReadError,))
