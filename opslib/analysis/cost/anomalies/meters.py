"""What the usage types that moved say of a change, where no resource is known.

A usage type names what is charged: BoxUsage and a class for an instance, NatGateway-Bytes for what
a route leads through a gateway. A change that is about such a thing, or asks for such a class, fits
what moved; one that is about a thing that other usage types charge for does not. A bill by Cost
Explorer tells usage types by service in the very request that all else is computed from.

Source: AWS Cost and Usage Reports user guide, lineItem/UsageType; the usage types of Amazon EC2,
Amazon VPC, Elastic Load Balancing and Amazon RDS.
Failure mode: usage types of a service are told for all accounts at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.anomalies.cause_kinds import noun_of
from opslib.analysis.cost.anomalies.moves import moves_by
from opslib.analysis.incident.change_factors import STEP
from opslib.tables.cost_changes import classes_in
from opslib.tables.costs import Bill

__all__ = ["meter_odds", "moved_meters"]

SHARE = 0.25
"""A usage type with this part of an anomaly moved."""
CHARGED_AS = {
    "Instance": "boxusage|spotusage|dedicatedusage|hostusage|instanceusage|multi-az|nodeusage"
    "|esinstance|cpucredits|ebsoptimized",
    "Volume": "volume",
    "Snapshot": "snapshot|backup",
    "Image": "snapshot",
    "Gateway": "gateway",
    "Route": "gateway|peering|bytes",
    "Address": "elasticip|idleaddress|publicipv4",
    "Balancer": "loadbalancer|lcu|bytes",
    "Listener": "loadbalancer|lcu|bytes",
    "Endpoint": "endpoint|host:",
}
"""What an operation is about, to parts of the usage types that charge for it."""


def moved_meters(bill: Bill, anomaly: CostAnomaly, column: str) -> tuple[str, ...]:
    """Return the usage types of the anomaly's service that moved as it did, in small letters.

    Args:
        bill: by usage type and day.
        anomaly: its episode is compared with the week before.
        column: the cost in question.
    """
    rows = bill.meters[bill.meters["ServiceName"] == anomaly.place.service]
    moves = moves_by(rows, anomaly, "SkuMeter", column)
    return tuple(move.name.casefold() for move in moves if move.name and move.share >= SHARE)


def meter_odds(
    action: str, classes: Collection[str], meters: Collection[str], *, own: bool
) -> float:
    """Return a step for what fits the usage types that moved, one against what fits others.

    Args:
        action: ``service:Operation``, or what a source calls it.
        classes: instance classes that it asks for, as `classes_in` has them.
        meters: usage types that moved, in small letters; nothing is said without any.
        own: whether these are of the API that was called: what another API's thing is charged
            as there speaks for it, and nothing against it.
    """
    against = -STEP if own else 0.0
    charged = {one for meter in meters for one in classes_in(meter)}
    if classes and charged:
        return STEP if charged & set(classes) else against
    parts = _charged_as(noun_of(action))
    if not (parts and meters):
        return 0.0
    return STEP if any(re.search(parts, meter) for meter in meters) else against


def _charged_as(noun: tuple[str, ...]) -> str:
    """Return what charges for what the last word of a noun says, one or several of them."""
    last = noun[-1] if noun else ""
    names = (last, last.removesuffix("s"), last.removesuffix("es"))
    return next((CHARGED_AS[name] for name in names if name in CHARGED_AS), "")
