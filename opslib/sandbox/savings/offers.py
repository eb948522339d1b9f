"""What Savings Plans and reservations cost in the sandbox; the prices are made up.

Each takes a share off the price on demand: more for a narrower plan, a longer term and more paid
upfront, and other shares for other families.
"""

from __future__ import annotations

import re
from decimal import Decimal

from opslib.sandbox.estate import AUTOSCALED, EAST, FRESH, IRELAND, LARGE, SMALL, hash_text

__all__ = ["family_of", "price_of", "rate_of", "region_of"]

PRICES = {one.meter: Decimal(one.price) for one in (*LARGE, *SMALL, *FRESH, AUTOSCALED)}
LEAST = {
    "Compute": 20,
    "EC2Instance": 29,
    "reserved": 31,
}
"""Per cent taken off for one year, nothing upfront."""
FAMILY_MOST, THREE_YEARS = 8, 18
UPFRONT = {"No Upfront": 0, "Partial Upfront": 2, "All Upfront": 3}
RATE = Decimal("0.0000000001")


def price_of(meter: str) -> Decimal | None:
    """Return what a unit costs on demand; None where nobody uses the meter."""
    return PRICES.get(meter)


def region_of(meter: str) -> str:
    """Return the region of a usage type."""
    return IRELAND if meter.startswith("EUW1-") else EAST


def family_of(meter: str) -> str:
    """Return the instance family of a usage type; empty where it has none."""
    found = re.search(r"BoxUsage:(\w+)\.", meter)
    return found[1] if found else ""


def rate_of(plan: str, meter: str, years: int, payment: str) -> Decimal | None:
    """Return what a unit costs under a plan; None where nobody uses the meter.

    Args:
        plan: Compute, EC2Instance or reserved.
        meter: usage type.
        years: one or three.
        payment: AWS's name of the option.
    """
    price = price_of(meter)
    if price is None:
        return None
    family = hash_text(family_of(meter) or meter) % (FAMILY_MOST + 1)
    off = LEAST[plan] + family + UPFRONT[payment] + (THREE_YEARS if years > 1 else 0)
    return (price * (100 - off) / 100).quantize(RATE)
