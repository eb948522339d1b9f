"""What the copies of CloudTrail's events cost.

Source: AWS CloudTrail User Guide, "Viewing your CloudTrail cost and usage with AWS Cost Explorer":
PaidEventsRecorded are further copies of management events, DataEventsRecorded all of data events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from opslib.analysis.savings.charges import Line
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging
from opslib.analysis.savings.recommendation import LineSaving
from opslib.money import divide
from opslib.tables.usage_types import region_of_usage_type

__all__ = ["DATA", "MANAGEMENT", "Copies", "Events", "Spare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """A kind of events.

    Args:
        words: what people call them.
        meter: part of the usage type that charged copies are told by.
        is_first_free: whether one copy costs nothing.
    """

    words: str
    meter: str
    is_first_free: bool


MANAGEMENT = Events(words="management events", meter="PaidEventsRecorded", is_first_free=True)
DATA = Events(words="data events", meter="DataEventsRecorded", is_first_free=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """A trail whose events another delivers too, in one account and region.

    Args:
        trail: the one that can go.
        stays: the one that stays.
        events: of which kind.
        lines: what its copies cost.
        is_share: whether that is a share of what several copies cost.
    """

    trail: Thing
    stays: Thing
    events: Events
    lines: tuple[LineSaving, ...]
    is_share: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """The copies of one kind of events in one account and region.

    Assumption: where the bill charges a trail that stays, and not one that goes, that is the copy
    that is charged no more; among several that go, each is an equal part of it.

    Args:
        events: of which kind.
        kept: trails that stay.
        spare: trails that can go.
        judging: what is known.
    """

    events: Events
    kept: Sequence[Thing]
    spare: Sequence[Thing]
    judging: Judging

    def cost_of(self, trail: Thing, stays: Thing) -> Spare:
        """Return what a trail's copies cost: its own lines, or its part of those that stay."""
        lines, parts = self._own(trail), 1
        if not lines:
            lines, parts = self._shared(), self._sharing()
        return Spare(
            trail=trail,
            stays=stays,
            events=self.events,
            lines=tuple(_saved(line, parts, trail) for line in lines),
            is_share=parts > 1,
        )

    def _own(self, trail: Thing) -> tuple[Line, ...]:
        return self._charged(self.judging.charges.of(trail))

    def _shared(self) -> tuple[Line, ...]:
        """Return the lines of trails that stay, whose copies are free once the others are gone."""
        if not self.events.is_first_free:
            return ()
        return tuple(line for one in self.kept for line in self._own(one))

    def _sharing(self) -> int:
        """Return how many trails can go that the bill does not name."""
        return sum(not self._own(one) for one in self.spare)

    def _charged(self, lines: Iterable[Line]) -> tuple[Line, ...]:
        region = self.kept[0].region
        return tuple(
            line
            for line in lines
            if self.events.meter in line.meter
            and line.cost > 0
            and region_of_usage_type(line.meter) == region
        )


def _saved(line: Line, parts: int, trail: Thing) -> LineSaving:
    """Return one of equal parts of a line; the resource of a part is the trail that it is of."""
    told = line if parts == 1 else replace(line, resource=trail.id)
    cost = line.cost if parts == 1 else divide(line.cost, Decimal(parts))
    return LineSaving(
        resource=told.resource, meter=told.meter, account=told.account, cost=cost, saving=cost
    )
