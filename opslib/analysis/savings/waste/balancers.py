"""Load balancers that nothing goes through.

Source: Elastic Load Balancing user guides, "CloudWatch metrics": requests, new flows and bytes
are reported only where they are not zero, the capacity units of application and gateway load
balancers and the active flows of network ones always, hosts of classic ones while some are
registered; Elastic Load Balancing pricing: each hour is charged, used or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from opslib.analysis.savings.charges import MONTH_DAYS
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Effect, Judging, Option, recommend, reject_young
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.analysis.savings.use import untold_days, use_total
from opslib.wording import count

__all__ = ["check_idle_balancers"]

IDLE = "idle_load_balancer"
TRAFFIC = {
    "application": ("requests", "redirects", "fixed responses"),
    "network": ("flows", "bytes", "active flows"),
    "gateway": ("flows", "bytes"),
    "classic": ("requests",),
}
SPEAKING = {
    "application": ("capacity units",),
    "network": ("active flows",),
    "gateway": ("capacity units",),
    "classic": ("healthy hosts", "unhealthy hosts"),
}
"""What AWS always reports, zero too; of classic ones while a host is registered."""
HOURS = Decimal(24 * MONTH_DAYS)


def check_idle_balancers(judging: Judging) -> Iterator[Option]:
    """Yield load balancers without traffic, and those of which that is not known.

    Method: no request, redirect, fixed response, flow or byte in the days of metrics, while a
    metric that AWS always reports was told of each of these days. A classic load balancer without
    an instance can answer nothing: it needs no such metric.
    Failure mode: one connection that was opened before these days is seen by no count of requests.
    """
    for balancer in judging.estate.of_kind("load_balancer"):
        traffic = TRAFFIC.get(balancer.settings["type"])
        if traffic is None or use_total(judging, balancer, *traffic) > 0:
            continue
        young = reject_young(IDLE, balancer, judging)
        yield young or _judge(balancer, judging)


def _judge(balancer: Thing, judging: Judging) -> Option:
    sort = balancer.settings["type"]
    is_empty = sort == "classic" and not balancer.settings["instances"]
    if not is_empty and untold_days(judging, balancer, *SPEAKING[sort]):
        why = "CloudWatch does not speak of it every day, so that no traffic is not known"
        return Rejection(kind=IDLE, thing=balancer, reason=Reason.UNKNOWN, sentence=why)
    empty = " and no instance is registered with it" if is_empty else ""
    days = count(judging.parameters.use_days, "day")
    return recommend(
        IDLE,
        balancer,
        judging,
        Effect(
            meters=("LoadBalancerUsage", "LCUUsage"),
            size={"LoadBalancerUsage": HOURS},
        ),
        sentence=f"nothing went through this {sort} load balancer in {days}{empty}",
        action="Look who holds its name in DNS, then delete the load balancer.",
    )
