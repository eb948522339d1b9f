"""EC2 instances that run on a previous generation, and what AWS names instead.

Source: Amazon EC2 API Reference, DescribeInstanceTypes (CurrentGeneration); AWS, "Previous
Generation Instances" (https://aws.amazon.com/ec2/previous-generation/); AWS Price List Query API.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from opslib.analysis.savings.charges import MONTH_DAYS, Line
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Effect, Judging, Option, recommend, reject_dear
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.analysis.savings.successors import Successor
from opslib.money import EXACT, ZERO
from opslib.wording import printable

__all__ = ["check_previous_generations"]

KIND = "previous_generation_instance"
LINUX = "RunInstances"
"""UsageOperation of Linux without licences, whose price a meter of any mixture cannot be below."""
HOURS = Decimal(24 * MONTH_DAYS)


def check_previous_generations(judging: Judging) -> Iterator[Option]:
    """Yield instances on demand that would cost less on the type that AWS names instead.

    Assumption: the successor of the same size serves as well; its drivers (ENA, NVMe) and, where
    the old type has local disks, their use are not seen.
    """
    for instance in judging.estate.of_kind("instance"):
        told = instance.settings
        key = (instance.region, told["type"], told.get("operation", ""))
        successor = judging.successors.get(key)
        if successor and told["state"] == "running" and not told.get("lifecycle"):
            yield _move(instance, successor, judging)


def _move(instance: Thing, successor: Successor, judging: Judging) -> Option:
    old, new = instance.settings["type"], successor.type
    hourly = _hourly(instance, successor, judging)
    if hourly is None:
        return Rejection(
            kind=KIND,
            thing=instance,
            reason=Reason.UNKNOWN,
            sentence=f"neither the bill nor AWS's price list has a price of {printable(new)}",
        )

    def saved(line: Line) -> Decimal:
        hours = HOURS if line.quantity is None else line.quantity
        return max(ZERO, EXACT.subtract(line.cost, EXACT.multiply(hours, hourly)))

    meter = f"BoxUsage:{old}"
    option = recommend(
        KIND,
        instance,
        judging,
        Effect(meters=(meter,), saved=saved, size={meter: HOURS}),
        sentence=f"it runs on {old} of a previous generation; AWS names {new} instead",
        action=f"Move it to {new} once its image has the drivers and no local disk is needed.",
    )
    return reject_dear(option, f"{new}, which AWS names instead, costs no less an hour")


def _hourly(instance: Thing, successor: Successor, judging: Judging) -> Decimal | None:
    """Return what an hour of the successor costs: the account's own price, else AWS's list."""
    own = judging.charges.price(f"BoxUsage:{successor.type}", instance.region)
    if own is not None and instance.settings.get("operation") == LINUX:
        return own
    return successor.hourly_usd if judging.charges.currency == "USD" else None
