"""The estate of the shop that incidents befall: names, ARNs, and who calls whom."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from opslib.sandbox.estate import PRODUCTION, STAGING

__all__ = [
    "ALB",
    "BATCH_CLUSTER",
    "BATCH_SERVICE",
    "CALLS",
    "CLUSTER",
    "COMPONENTS",
    "FUNCTION",
    "REGION",
    "SERVICES",
    "SHOP_ACCOUNTS",
    "CallEdge",
    "callers_of",
    "hex_id",
    "log_group",
    "log_groups",
    "make_uuid",
    "secrets",
    "security_group",
    "service_arn",
    "target_group",
    "task_definition_arn",
]

REGION = "us-east-1"
SHOP_ACCOUNTS = (PRODUCTION, STAGING)
CLUSTER, BATCH_CLUSTER, BATCH_SERVICE = "shop", "batch", "reports"
SERVICES = ("web", "catalog", "search", "checkout", "payments", "accounts")
DATABASE, TABLE, CACHE, FUNCTION, GATEWAY = "orders", "sessions", "shop-cache", "receipt", "gateway"
COMPONENTS = (*SERVICES, DATABASE, TABLE, CACHE, FUNCTION, GATEWAY)
ALB = "app/shop/50dc6c495c0c9188"


@dataclass(frozen=True, slots=True)
class CallEdge:
    """A component that calls another.

    Args:
        caller, callee: the two.
        per_request: calls that one request to the caller makes, on average.
    """

    caller: str
    callee: str
    per_request: float


CALLS = (
    CallEdge("web", "catalog", 0.45),
    CallEdge("web", "search", 0.25),
    CallEdge("web", "checkout", 0.12),
    CallEdge("web", "accounts", 0.08),
    CallEdge("catalog", "shop-cache", 1),
    CallEdge("catalog", "orders", 0.3),
    CallEdge("search", "shop-cache", 2),
    CallEdge("checkout", "payments", 1),
    CallEdge("checkout", "orders", 2),
    CallEdge("checkout", "sessions", 1),
    CallEdge("checkout", "receipt", 1),
    CallEdge("accounts", "sessions", 1),
    CallEdge("accounts", "orders", 0.2),
    CallEdge("payments", "gateway", 1),
)
"""A request to web goes to one of its callees, or to none."""


def callers_of(component: str) -> frozenset[str]:
    """Return whoever calls a component, directly or through others."""
    direct = {edge.caller for edge in CALLS if edge.callee == component}
    return frozenset(direct.union(*(callers_of(caller) for caller in direct)))


def hex_id(text: str, digits: int) -> str:
    """Return hexadecimal digits that stand for a text, the same in every process."""
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def make_uuid(text: str) -> str:
    """Return a UUID that stands for a text."""
    digits = hex_id(text, 32)
    parts = (digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:])
    return "-".join(parts)


def security_group(component: str, account: str = PRODUCTION) -> str:
    """Return the id of a component's security group."""
    return f"sg-0{hex_id(f'group of {component} {account}', 16)}"


def target_group(service: str) -> str:
    """Return a service's target group, as CloudWatch's dimension names it."""
    return f"targetgroup/shop-{service}/{hex_id(f'targets of {service}', 16)}"


def service_arn(service: str, account: str, cluster: str = CLUSTER) -> str:
    """Return the ARN of an ECS service."""
    return f"arn:aws:ecs:{REGION}:{account}:service/{cluster}/{service}"


def task_definition_arn(service: str, revision: int, account: str) -> str:
    """Return the ARN of a revision of a service's task definition."""
    return f"arn:aws:ecs:{REGION}:{account}:task-definition/shop-{service}:{revision}"


def log_group(component: str) -> str:
    """Return the log group of a component."""
    return {
        DATABASE: f"/aws/rds/cluster/{DATABASE}/postgresql",
        FUNCTION: f"/aws/lambda/{FUNCTION}",
    }.get(component, f"/ecs/shop/{component}")


def log_groups() -> dict[str, str]:
    """Return the log groups, each with its component."""
    return {log_group(component): component for component in (*SERVICES, DATABASE, FUNCTION)}


def secrets() -> dict[str, int]:
    """Return the shop's secrets, each with the days between its rotations."""
    return {
        "shop/orders/application": 1,
        "shop/accounts/signing-key": 1,
        "shop/payments/gateway-key": 7,
        "shop/search/api-key": 30,
    }
