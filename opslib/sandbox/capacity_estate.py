"""What of the estate has a capacity: services, databases, tables, functions, networks.

All of it in us-east-1 and in production. `opslib.sandbox.capacity_instances` has the instances.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from opslib.sandbox.shop import REGION, hex_id

__all__ = [
    "ALB",
    "CACHE",
    "CACHE_NODES",
    "CAPACITY_CLUSTER",
    "CPU_IDLE",
    "FUNCTIONS",
    "GATEWAYS",
    "NLB",
    "SERVERLESS",
    "SERVICES",
    "STORAGE_GIB",
    "SUBNETS",
    "TABLES",
    "ZONES",
    "FunctionSpec",
    "ServiceSpec",
    "Subnet",
    "TableSpec",
    "tag_of",
    "target_group_of",
]

CAPACITY_CLUSTER, CACHE = "platform", "cart"
CACHE_NODES = tuple(f"{CACHE}-{number:03d}" for number in (1, 2))
"""A primary and its replica, which hold the same."""
SERVERLESS = "orders-2"
"""The Aurora cluster's serverless instance, beside the provisioned one."""
STORAGE_GIB = 200.0
"""Allocated to each RDS instance."""
ALB = "app/platform/6f1d2c3b4a596877"
NLB = "net/ingest/1a2b3c4d5e6f7081"
ZONES = tuple(f"{REGION}{letter}" for letter in "abc")
CPU_IDLE = 3.0
"""CPU utilisation of a task that nobody asks anything, in percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """An ECS service.

    Args:
        name: of the service.
        workload: value of its tag Workload.
        cpu, memory_mib: of a task.
        least, most: tasks that it is scaled between; 0 where it is not scaled.
        target: CPU utilisation that it is scaled to, in percent.
        requests_a_task: requests a second that a task carries at the target.
        peak: tasks at the peak of a weekday.
        memory: utilisation in percent.
        has_balancer: whether requests come by the load balancer.
    """

    name: str
    workload: str
    cpu: int = 1024
    memory_mib: int = 2048
    least: int = 3
    most: int = 30
    target: float = 45.0
    requests_a_task: float = 40.0
    peak: float = 9.0
    memory: float = 48.0
    has_balancer: bool = True


SERVICES = (
    ServiceSpec(name="storefront", workload="shop", most=40, requests_a_task=55, peak=13),
    ServiceSpec(name="basket", workload="shop", requests_a_task=38, peak=9.5, memory=52),
    ServiceSpec(name="pricing", workload="shop", cpu=512, memory_mib=1024, requests_a_task=120),
    ServiceSpec(name="ranking", workload="search", cpu=2048, memory_mib=8192, requests_a_task=21),
    ServiceSpec(name="profile", workload="accounts", most=24, requests_a_task=70, peak=7),
    ServiceSpec(name="ledger-api", workload="payments", most=24, requests_a_task=33, peak=6),
    ServiceSpec(name="wishlist", workload="shop", most=20, requests_a_task=48, peak=5),
    ServiceSpec(name="importer", workload="search", least=0, most=0, has_balancer=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """A DynamoDB table; provisioned tables scale between their limits at a target of 70 per cent.

    Args:
        name: of the table.
        write: capacity units a second at the peak of a weekday.
        most_read, most_write: maximum of the scaling; 0 where it is on demand.
        index: its global secondary index; empty for none.
    """

    name: str
    write: float
    most_read: int = 0
    most_write: int = 0
    index: str = ""


TABLES = (
    TableSpec(name="carts", write=240, most_read=4000, most_write=1200, index="by-sku"),
    TableSpec(name="inventory", write=150, most_read=6000, most_write=1000),
    TableSpec(name="sessions", write=700),
)
"""The shop reports what is read of its sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """A Lambda function.

    Args:
        name: of the function.
        memory_mib: of an execution.
        share: of the account's executions at any time.
        seconds: that an execution takes.
        reserved: concurrency that is kept for it; 0 for none.
    """

    name: str
    memory_mib: int
    share: float
    seconds: float
    reserved: int = 0


FUNCTIONS = (
    FunctionSpec(name="resize", memory_mib=1024, share=0.68, seconds=1.9),
    FunctionSpec(name="notify", memory_mib=256, share=0.27, seconds=0.35),
    FunctionSpec(name="export", memory_mib=2048, share=0.05, seconds=22.0, reserved=200),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A subnet.

    Args:
        id: of the subnet.
        zone: availability zone.
        cidr: its addresses.
        total, free: addresses that can be used, and that are free.
        name: value of its tag Name.
    """

    id: str
    zone: str
    cidr: str
    total: int
    free: int
    name: str = field(default="")


SUBNETS = tuple(
    Subnet(
        id="subnet-0a1b2c3d4e5f60718" if not place else f"subnet-0{hex_id(f'app {zone}', 16)}",
        zone=zone,
        cidr=f"10.0.{16 * place}.0/20",
        total=4091,
        free=3300 - 120 * place,
        name=f"app-{zone[-1]}",
    )
    for place, zone in enumerate(ZONES)
)
GATEWAYS = tuple(f"nat-0{hex_id(f'gateway {zone}', 16)}" for zone in ZONES)


def target_group_of(service: str) -> str:
    """Return a service's target group, as CloudWatch's dimension names it."""
    return f"targetgroup/platform-{service}/{hex_id(f'platform targets {service}', 16)}"


def tag_of(service: ServiceSpec) -> list[dict[str, str]]:
    """Return the tags of a service as ECS tells them."""
    return [{"key": "Workload", "value": service.workload}]
