"""Uncertainty as a value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Estimate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with the interval that holds it with probability ``confidence``.

    Args:
        low: lower end of the interval, in the unit of ``mid``.
        mid: the central figure.
        high: upper end of the interval.
        confidence: probability that the truth lies in the interval, above 0 and at most 1.

    Raises:
        ValueError: the ends are not in order or the confidence is no probability.
    """

    low: Decimal
    mid: Decimal
    high: Decimal
    confidence: float

    def __post_init__(self) -> None:
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"not in order: {self.low}, {self.mid}, {self.high}")
        if not 0 < self.confidence <= 1:
            raise ValueError(f"confidence is no probability: {self.confidence}")

    @classmethod
    def exact(cls, amount: Decimal) -> Estimate:
        """Return a figure without uncertainty."""
        return cls(low=amount, mid=amount, high=amount, confidence=1.0)
