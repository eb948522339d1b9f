"""Metrics of the NAT gateways."""

from __future__ import annotations

from collections.abc import Iterator

from opslib.sandbox.capacity_estate import GATEWAYS
from opslib.sandbox.capacity_load import Load
from opslib.sandbox.capacity_metric import CapacityMetric, constant, counted, follows, gauge
from opslib.sandbox.capacity_plan import CapacityPlan

__all__ = ["list_network_metrics"]

NAT = "AWS/NATGateway"


def list_network_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    """Yield what each gateway reports; none of them ran out of ports."""
    for gateway in GATEWAYS:
        named = (("NatGatewayId", gateway),)
        load = Load(key=f"gateway {gateway}", level=5200.0, daily=0.6, noise=0.04, spikes=0.25)
        yield gauge(NAT, "ActiveConnectionCount", named, "Count", follows(plan, load))
        for name, factor in (("BytesOutToDestination", 700.0), ("BytesInFromDestination", 2600.0)):
            yield counted(NAT, name, named, follows(plan, load, factor), unit="Bytes")
        for name in ("ErrorPortAllocation", "PacketsDropCount"):
            yield counted(NAT, name, named, constant(0.0))
