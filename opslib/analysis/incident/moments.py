"""Moments that are known to lie between two times, and how long it was between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Moment", "Span"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment that lies in [earliest, latest].

    Args:
        earliest, latest: aware; equal where it is known exactly.
        by: what tells it, in words.
    """

    earliest: datetime
    latest: datetime
    by: str = ""

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError(f"not in order: {self.earliest}, {self.latest}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How long it was from one moment to another: between ``low`` and ``high`` seconds."""

    low: float
    high: float

    @classmethod
    def between(cls, start: Moment, end: Moment) -> Span:
        """Return the span from ``start`` to ``end``; negative where ``end`` came before."""
        low = (end.earliest - start.latest) / timedelta(seconds=1)
        high = (end.latest - start.earliest) / timedelta(seconds=1)
        return cls(low=low, high=high)
