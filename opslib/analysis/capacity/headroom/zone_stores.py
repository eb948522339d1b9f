"""Whether databases, caches and gateways are still there when a zone is lost.

What keeps a standby or a reader in another zone goes on after its failover; what has none waits for
its zone. How well a reader carries what the writer did is not judged. Routes are not read: a zone
without a gateway of its own may go out through another's, or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.inventory import Inventory, ResourceDetails
from opslib.findings import Verdict
from opslib.tables.capacity import CapacityService
from opslib.wording import join

__all__ = ["check_stores"]


def check_stores(inventory: Inventory) -> Iterator[ZoneLoss]:
    """Yield what the loss of a zone does to each database, cache and set of gateways."""
    for resource in inventory.of(CapacityService.RDS):
        yield _told(resource, *_judge_standby(resource))
    for resource in inventory.of(CapacityService.AURORA, CapacityService.CACHE):
        yield _told(resource, *_judge_copies(resource))
    yield from _check_gateways(inventory)


def _told(resource: ResourceDetails, verdict: Verdict, why: str) -> ZoneLoss:
    units = tuple(sorted(Counter(resource.zones).items(), key=lambda one: (-one[1], one[0])))
    return ZoneLoss(
        resource=resource.resource,
        name=resource.name,
        service=resource.service,
        account=resource.account,
        region=resource.region,
        units=units,
        lost_zone=units[0][0] if units else "",
        verdict=verdict,
        after_scaling=verdict,
        why=why,
    )


def _judge_standby(resource: ResourceDetails) -> tuple[Verdict, str]:
    has_standby = resource.settings.get("is_multi_az")
    if has_standby is None:
        return Verdict.INCONCLUSIVE, "whether it has a standby is not known"
    if has_standby:
        return Verdict.PASS, "its standby is in another zone"
    return Verdict.FAIL, "it has no standby in another zone"


def _judge_copies(resource: ResourceDetails) -> tuple[Verdict, str]:
    zones = sorted(set(resource.zones))
    if not zones:
        return Verdict.INCONCLUSIVE, "the zones of its nodes are not known"
    if len(zones) == 1:
        return Verdict.FAIL, f"all of it is in {zones[0]}"
    if resource.service == CapacityService.CACHE:
        fails_over = resource.settings.get("automatic_failover")
        if fails_over is None:
            return Verdict.INCONCLUSIVE, "whether a replica takes over by itself is not known"
        if fails_over != "enabled":
            return Verdict.FAIL, "no replica takes over by itself"
    return Verdict.PASS, f"it has nodes in {join(zones)}"


def _check_gateways(inventory: Inventory) -> Iterator[ZoneLoss]:
    """Yield one line a network: whether each zone of its subnets has a gateway of its own."""
    subnets = inventory.of(CapacityService.SUBNET)
    by_name = {(one.account, one.region, one.name): one for one in subnets}
    networks: dict[tuple[str, str, str], list[ResourceDetails]] = {}
    for gateway in inventory.of(CapacityService.NAT):
        keys = [(gateway.account, gateway.region, n) for n in gateway.settings.get("subnets", ())]
        inside = [by_name[key] for key in keys if key in by_name]
        zones = gateway.zones or tuple(zone for one in inside for zone in one.zones)
        network = _network(inside[0]) if inside else (gateway.account, gateway.region, "")
        networks.setdefault(network, []).append(replace(gateway, zones=zones))
    for network, gateways in networks.items():
        beside = [one for one in subnets if network[2] and _network(one) == network]
        yield _told(gateways[0], *_judge_gateways(gateways, beside))


def _network(subnet: ResourceDetails) -> tuple[str, str, str]:
    return subnet.account, subnet.region, str(subnet.settings.get("network", ""))


def _judge_gateways(
    gateways: Sequence[ResourceDetails], subnets: Sequence[ResourceDetails]
) -> tuple[Verdict, str]:
    with_gateway = {zone for gateway in gateways for zone in gateway.zones}
    zones = {zone for subnet in subnets for zone in subnet.zones}
    if not zones or not with_gateway:
        return Verdict.INCONCLUSIVE, "the zones of its gateways or subnets are not known"
    without = sorted(zones - with_gateway)
    if not without:
        return Verdict.PASS, f"every zone of its subnets has a gateway: {join(sorted(zones))}"
    held = join(sorted(with_gateway))
    why = f"subnets in {join(without)} have no gateway in their zone, and could go out by {held}"
    return Verdict.INCONCLUSIVE, f"{why}; their routes were not read"
