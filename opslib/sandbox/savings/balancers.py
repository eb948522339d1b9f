"""Load balancers: some that nothing goes through, and those that only look so.

Prices: Elastic Load Balancing pricing, https://aws.amazon.com/elasticloadbalancing/pricing/, of an
application load balancer in us-east-1; every type is charged them, so that a meter has one price.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from opslib.sandbox.estate import ELB, LAB
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, LabMetric, PlantedResource, regional

__all__ = ["make_classic_balancer", "plan_balancers"]

IDLE = "idle_load_balancer"


SORTS = {
    "application": ("app/", "AWS/ApplicationELB", "RequestCount", "ConsumedLCUs"),
    "network": ("net/", "AWS/NetworkELB", "NewFlowCount", "ActiveFlowCount"),
    "gateway": ("gwy/", "AWS/GatewayELB", "NewFlowCount", "ConsumedLCUs"),
}
"""Type to how its ARNs name it, CloudWatch's namespace, what is told only where not zero, and what
always."""
HOUR_USD, UNIT_USD = "0.0225", "0.008"
BUSY_UNITS = 9.6


def plan_balancers(draw: Draw) -> Iterator[PlantedResource]:
    """Yield idle load balancers where waste is planted; one busy, one young, one that is silent."""
    if draw.wasteful:
        for number in range(draw.number(1, 2)):
            sort = draw.one_of(sorted(SORTS))
            yield _balancer(draw, sort, f"forgotten-{number}", draw.old(), wasted=True)
        yield _classic(draw, "old-front", has_instance=draw.number(0, 1) == 1)
    busy, young, silent = (draw.one_of(sorted(SORTS)) for _ in range(3))
    yield _balancer(draw, busy, "front", draw.old(), traffic=draw.number(2, 900))
    yield _balancer(draw, young, "trial", draw.young(), is_young=True)
    yield _balancer(draw, silent, "unseen", draw.old(), is_told=False)


def _balancer(
    draw: Draw,
    sort: str,
    name: str,
    created: datetime,
    *,
    traffic: int = 0,
    is_told: bool = True,
    is_young: bool = False,
    wasted: bool = False,
) -> PlantedResource:
    short, namespace, counted, always = SORTS[sort]
    region = draw.region()
    local = f"{short}{name}/{draw.hex_id('')[1:]}"
    told = [(always, traffic / 900)] + ([(counted, float(traffic))] if traffic else [])
    named = (("LoadBalancer", local),)
    hours = _charge(region, "LoadBalancerUsage", "Hrs", HOUR_USD, 24.0)
    units = _charge(region, "LCUUsage", "LCU-Hrs", UNIT_USD, BUSY_UNITS)
    return PlantedResource(
        kind="load_balancer",
        id=f"arn:aws:elasticloadbalancing:{region}:{LAB}:loadbalancer/{local}",
        created=created,
        region=region,
        charges=(hours, units) if traffic else (hours,),
        metrics=tuple(
            LabMetric(namespace=namespace, name=metric, dimensions=named, hourly=hourly)
            for metric, hourly in (told if is_told else ())
        ),
        details={"name": name, "type": sort},
        wasted=IDLE if wasted else "",
        saving=hours.monthly if wasted else None,
        first_day=created.date() if is_young else None,
    )


def _classic(draw: Draw, name: str, *, has_instance: bool) -> PlantedResource:
    """Return an idle classic load balancer; hosts are told of only where there are some."""
    region = draw.region()
    hours = _charge(region, "LoadBalancerUsage", "Hrs", HOUR_USD, 24.0)
    healthy = LabMetric(
        namespace="AWS/ELB",
        name="HealthyHostCount",
        dimensions=(("LoadBalancerName", name),),
        hourly=1.0,
    )
    return PlantedResource(
        kind="classic_balancer",
        id=f"arn:aws:elasticloadbalancing:{region}:{LAB}:loadbalancer/{name}",
        created=draw.old(),
        region=region,
        charges=(hours,),
        metrics=(healthy,) if has_instance else (),
        details={"name": name, "instances": [draw.hex_id("i")] if has_instance else []},
        wasted=IDLE,
        saving=hours.monthly,
    )


def _charge(region: str, meter: str, unit: str, price: str, daily: float) -> FlatCharge:
    return FlatCharge(
        service=ELB, meter=regional(region, meter), unit=unit, price=price, daily=daily
    )


def make_classic_balancer(backend: Any, planted: PlantedResource) -> None:
    """Make a classic load balancer in moto's ELB of its region."""
    balancer = backend.create_load_balancer(
        name=planted.details["name"],
        zones=[f"{planted.region}a"],
        ports=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}],
    )
    balancer.created_time = planted.created.astimezone(UTC)
    balancer.instance_sparse_ids = list(planted.details["instances"])
