"""Auto Scaling groups on demand that could run on Spot Instances.

Method: what may be interrupted nobody can see from outside; a tag says it. A group so tagged, in
two zones or more and without data beside its root volumes, would pay the mean of the Spot price of
the last thirty days for the hours that its instances are billed.

Failure mode: a Spot price of tomorrow is not that of yesterday, and capacity may be lacking.

Source: Amazon EC2 User Guide, "Best practices for Amazon EC2 Spot": prepare instances for
interruptions, be flexible about instance types and Availability Zones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from opslib.analysis.savings.charges import MONTH_DAYS, Line
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import (
    Effect,
    Judging,
    Option,
    recommend_parts,
    reject_young,
)
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.money import EXACT, ZERO, divide, total
from opslib.wording import count, join, printable

__all__ = ["check_spot_candidates"]

CANDIDATE = "spot_candidate"
BOX, PLATFORM = "BoxUsage:", "Linux/UNIX"
LEAST_ZONES = 2
MONTH_HOURS = Decimal(24 * MONTH_DAYS)


def check_spot_candidates(judging: Judging) -> Iterator[Option]:
    """Yield groups that may be interrupted and pay on-demand prices, and those not judged."""
    instances = {
        (one.account, one.region, one.id): one for one in judging.estate.of_kind("instance")
    }
    for group in judging.estate.of_kind("instance_group"):
        if not group.settings["instances"]:
            continue
        held = (
            instances.get((group.account, group.region, name))
            for name in group.settings["instances"]
        )
        yield _judge(group, tuple(one for one in held if one), judging)


def _judge(group: Thing, instances: tuple[Thing, ...], judging: Judging) -> Option:
    rejected = (
        _reject_mixed(group, instances)
        or _reject_untagged(group, judging)
        or reject_young(CANDIDATE, group, judging)
        or _reject_unfit(group, instances)
        or _reject_unpriced(group, instances, judging)
    )
    if rejected:
        return rejected
    prices = _prices(group)
    told = join([f"{kind} at {price:.4f} USD an hour" for kind, price in sorted(prices.items())])
    return recommend_parts(
        CANDIDATE,
        group,
        judging,
        [(one, _effect(one, prices)) for one in instances],
        sentence=f"{count(len(instances), 'instance')} that may be interrupted pay on-demand "
        f"prices; Spot was {told} over 30 days",
        action="Give the group a mixed instances policy with Spot Instances of several types.",
    )


def _reject(group: Thing, reason: Reason, why: str) -> Rejection:
    return Rejection(kind=CANDIDATE, thing=group, reason=reason, sentence=why)


def _reject_mixed(group: Thing, instances: tuple[Thing, ...]) -> Rejection | None:
    if group.settings["mixed"]:
        return _reject(group, Reason.COVERED, "a mixed instances policy chooses what it pays")
    if any(one.settings.get("lifecycle") == "spot" for one in instances):
        return _reject(group, Reason.COVERED, "it has Spot Instances")
    return None


def _reject_untagged(group: Thing, judging: Judging) -> Rejection | None:
    wanted = judging.parameters.spot_tag
    if wanted and wanted.items() <= group.tags.items():
        return None
    said = join([f"{printable(key)}={printable(value)}" for key, value in wanted.items()])
    why = f"nothing tells that it may be interrupted: no tag {said}"
    return _reject(group, Reason.UNKNOWN, why)


def _reject_unfit(group: Thing, instances: tuple[Thing, ...]) -> Rejection | None:
    """Return why an interruption would cost more than its instance."""
    zones = {one["zone"] for one in group.settings["instances"].values()}
    if len(zones) < LEAST_ZONES:
        why = f"all of it runs in {join(sorted(zones))}, which one interruption may empty"
        return _reject(group, Reason.VOLATILE, why)
    if group.settings.get("stored") is None or len(instances) < len(group.settings["instances"]):
        return _reject(group, Reason.UNKNOWN, "the disks of its instances were not read")
    if group.settings["stored"] or any(len(one.settings["volumes"]) > 1 for one in instances):
        return _reject(group, Reason.IN_USE, "its instances hold data beside their root volumes")
    return None


def _reject_unpriced(
    group: Thing, instances: tuple[Thing, ...], judging: Judging
) -> Rejection | None:
    pools = {f"{one['type']} {one['zone']}" for one in group.settings["instances"].values()}
    if pools - set(group.settings.get("spot") or {}):
        return _reject(group, Reason.UNKNOWN, "the Spot price of its instances is not known")
    if any(one.settings.get("platform") != PLATFORM for one in instances):
        return _reject(group, Reason.UNKNOWN, f"Spot prices are read of {PLATFORM} alone")
    if judging.charges.currency != "USD":
        why = f"Spot prices are told in USD, the bill in {judging.charges.currency}"
        return _reject(group, Reason.UNKNOWN, why)
    return None


def _prices(group: Thing) -> dict[str, Decimal]:
    """Return the mean Spot price of each type, over the zones that its instances run in."""
    told: dict[str, list[Decimal]] = defaultdict(list)
    for one in group.settings["instances"].values():
        told[one["type"]].append(Decimal(group.settings["spot"][f"{one['type']} {one['zone']}"]))
    return {kind: divide(total(held), Decimal(len(held))) for kind, held in told.items()}


def _saved(line: Line, prices: Mapping[str, Decimal]) -> Decimal:
    """Return what the billed hours cost more than as Spot; nothing where they do not."""
    price = prices.get(line.meter.partition(BOX)[2])
    if price is None or line.quantity is None:
        return ZERO
    return max(ZERO, EXACT.subtract(line.cost, EXACT.multiply(line.quantity, price)))


def _effect(instance: Thing, prices: Mapping[str, Decimal]) -> Effect:
    meter = f"{BOX}{instance.settings['type']}"
    return Effect(meters=(BOX,), saved=lambda line: _saved(line, prices), size={meter: MONTH_HOURS})
