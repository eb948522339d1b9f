"""An unusual stretch of daily cost, with its money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from opslib.estimate import Estimate
from opslib.money import EXACT, total
from opslib.timewindow import TimeWindow

__all__ = ["CostAnomalies", "CostAnomaly", "DayCost", "Place"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A group of the bill.

    Args:
        service: FOCUS ServiceName.
        account: FOCUS SubAccountId; '' for all of them.
        region: FOCUS RegionId; '' for all of them, for none, and where the bill does not tell.
    """

    service: str
    account: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCost:
    """A day's cost beside what was expected of it; None before enough days were seen."""

    day: date
    actual: Decimal
    expected: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAnomaly:
    """One episode: days in a row on which a place, or several at once, left the usual.

    Args:
        place: what its parts have in common; '' where they differ.
        parts: the groups that it shows in.
        first_day, last_day: of the episode, as far as it is known.
        rises: whether more was spent than expected.
        lasts: whether it stays as a new level, or went on when the settled days ended.
        days: all settled days read, episode and past, in order.
    """

    place: Place
    parts: tuple[Place, ...]
    first_day: date
    last_day: date
    rises: bool
    lasts: bool
    days: tuple[DayCost, ...]

    @property
    def episode(self) -> tuple[DayCost, ...]:
        """Return the days of the episode."""
        return tuple(day for day in self.days if self.first_day <= day.day <= self.last_day)

    @property
    def impact(self) -> Estimate:
        """Return what was spent beyond the expected, signed, over the episode."""
        return impact_of(self.episode)

    def impact_within(self, window: TimeWindow) -> Estimate:
        """Return the same of the episode's days in ``window``."""
        return impact_of(day for day in self.episode if day.day in window.days)

    def impact_before(self, moment: date) -> Estimate:
        """Return the same of the episode's days before ``moment``."""
        return impact_of(day for day in self.episode if day.day < moment)


def impact_of(days: Iterable[DayCost]) -> Estimate:
    """Return actual less expected cost of some days.

    The interval takes the errors of the days to go together, which makes it rather too wide.
    """
    known = [(day.actual, day.expected) for day in days if day.expected is not None]
    actual = total(amount for amount, _ in known)
    low, mid, high = (
        EXACT.subtract(actual, total(getattr(expected, end) for _, expected in known))
        for end in ("high", "mid", "low")
    )
    confidence = known[0][1].confidence if known else 1.0
    return Estimate(low=low, mid=mid, high=high, confidence=confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAnomalies:
    """What was unusual in the daily bill.

    Args:
        found: the report period's, the largest first.
        earlier: those that earlier reports told, the latest first.
        floor: smallest impact that counts.
        groups: groups of the bill that were large enough to be judged.
        judged_from: first day that could be judged; None where the bill is too short.
    """

    found: tuple[CostAnomaly, ...]
    earlier: tuple[CostAnomaly, ...]
    floor: Decimal
    groups: int
    judged_from: date | None
