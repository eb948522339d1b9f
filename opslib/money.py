"""Exact arithmetic on money.

Python's default decimal context rounds to 28 digits; a bill with 18 decimals and a large total
needs more. Every sum of money in opslib goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Context, Decimal

__all__ = ["EXACT", "ZERO", "cut", "divide", "split_exactly", "total"]

ZERO = Decimal(0)
EXACT = Context(prec=100)
SMALLEST = Decimal(1).scaleb(-12)


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """Return the exact sum, taking None as nothing."""
    result = ZERO
    for amount in amounts:
        if amount is not None:
            result = EXACT.add(result, amount)
    return result


def divide(amount: Decimal, by: Decimal) -> Decimal:
    """Return the quotient to twelve decimals, cut off."""
    return cut(EXACT.divide(amount, by))


def cut(amount: Decimal) -> Decimal:
    """Return an amount to twelve decimals, cut off."""
    return amount.quantize(SMALLEST, rounding=ROUND_DOWN, context=EXACT)


def split_exactly(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Divide ``amount`` by ``weights`` so that the parts sum to it exactly.

    What twelve decimals leave over goes to the largest weight, the first by name among equals.

    Args:
        amount: what is divided, of either sign.
        weights: name to weight, none negative and not all zero.

    Raises:
        ValueError: no positive weight.
    """
    whole = total(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError("the weights must not be negative, and not all zero")
    parts = {
        name: divide(EXACT.multiply(amount, weight), whole) for name, weight in weights.items()
    }
    largest = min(weights, key=lambda name: (-weights[name], name))
    rest = EXACT.subtract(amount, total(parts.values()))
    parts[largest] = EXACT.add(parts[largest], rest)
    return parts
