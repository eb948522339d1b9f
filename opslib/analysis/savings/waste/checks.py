"""All checks for waste."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from opslib.analysis.savings.options import Judging, Option
from opslib.analysis.savings.waste.addresses import check_addresses
from opslib.analysis.savings.waste.balancers import check_idle_balancers
from opslib.analysis.savings.waste.buckets import check_unread_buckets
from opslib.analysis.savings.waste.caches import check_idle_caches
from opslib.analysis.savings.waste.databases import check_idle_databases
from opslib.analysis.savings.waste.dynamodb import check_over_provisioned_tables
from opslib.analysis.savings.waste.gateways import check_idle_gateways, check_missing_endpoints
from opslib.analysis.savings.waste.log_groups import check_log_retention
from opslib.analysis.savings.waste.previous_generations import check_previous_generations
from opslib.analysis.savings.waste.snapshots import check_snapshots
from opslib.analysis.savings.waste.spot import check_spot_candidates
from opslib.analysis.savings.waste.stopped_instances import check_stopped_instances
from opslib.analysis.savings.waste.trails import check_duplicate_trails
from opslib.analysis.savings.waste.transfer import check_internet_egress, check_zone_transfer
from opslib.analysis.savings.waste.volumes import check_gp2_volumes, check_unattached_volumes

__all__ = ["CHECKS", "find_waste"]

CHECKS: tuple[Callable[[Judging], Iterator[Option]], ...] = (
    check_unattached_volumes,
    check_gp2_volumes,
    check_addresses,
    check_snapshots,
    check_stopped_instances,
    check_previous_generations,
    check_idle_balancers,
    check_idle_gateways,
    check_missing_endpoints,
    check_log_retention,
    check_duplicate_trails,
    check_idle_databases,
    check_idle_caches,
    check_unread_buckets,
    check_over_provisioned_tables,
    check_spot_candidates,
    check_zone_transfer,
    check_internet_egress,
)


def find_waste(judging: Judging) -> tuple[Option, ...]:
    """Return what every check recommends and rejects, in the order of `CHECKS`."""
    return tuple(option for check in CHECKS for option in check(judging))
