"""What appeared and what disappeared: resources, or meters where resources are not known.

New is what had no charge on any day before the period; gone is what was charged before and has
had no charge on the last days of the period, for longer than it ever paused. Both must be larger
than such comings and goings have been before, so that instances of an autoscaling group, which
replace each other daily, are no finding.

Limit: an identity that AWS changes (a replaced instance) is one gone and one new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pandas as pd

from opslib.analysis.cost.usual import usual_size
from opslib.money import EXACT, ZERO
from opslib.timewindow import TimeWindow

__all__ = ["Presence", "find_gone", "find_new", "follow_presence"]

Identity = tuple[str, ...]
SHORTEST_ABSENCE = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """The days on which one thing was charged, and how much in each period.

    Args:
        identity: what it is, by the columns that `follow_presence` was given.
        days: days with a cost other than zero, in order.
        costs: cost in each period, in the order of the periods (current first).
        longest_pause: between two charged days; days that no period holds are not known and
            make none.
    """

    identity: Identity
    days: tuple[date, ...]
    costs: tuple[Decimal, ...]
    longest_pause: timedelta

    @property
    def change(self) -> Decimal:
        """Return the change from the period before to the current one."""
        return EXACT.subtract(self.costs[0], self.costs[1])


def follow_presence(
    costs: pd.DataFrame, keys: Sequence[str], periods: Sequence[TimeWindow], column: str
) -> list[Presence]:
    """Return when and how much each thing was charged, in order of identity.

    Args:
        costs: one row per day and thing.
        keys: columns that name a thing.
        periods: current first, then the earlier ones, nearest first.
        column: BilledCost or EffectiveCost.
    """
    place = {day: index for index, period in enumerate(periods) for day in period.days}
    position = {day: number for number, day in enumerate(sorted(place))}
    days: dict[Identity, set[date]] = defaultdict(set)
    sums: dict[Identity, dict[int, Decimal]] = defaultdict(dict)
    charged = costs["ChargePeriodStart"]
    for day, *names, amount in zip(charged, *(costs[k] for k in keys), costs[column], strict=True):
        index = place.get(day)
        if index is None or not amount:
            continue
        identity = tuple(names)
        days[identity].add(day)
        sums[identity][index] = EXACT.add(sums[identity].get(index, ZERO), amount)
    return [
        Presence(
            identity=identity,
            days=tuple(sorted(days[identity])),
            costs=tuple(sums[identity].get(index, ZERO) for index in range(len(periods))),
            longest_pause=_longest_pause(days[identity], position),
        )
        for identity in sorted(days)
    ]


def _longest_pause(charged: Iterable[date], position: Mapping[date, int]) -> timedelta:
    """Return the longest way between two charged days, by their position among known days."""
    pairs = pairwise(sorted(position[day] for day in charged))
    return timedelta(days=max((later - earlier for earlier, later in pairs), default=1))


def find_new(
    things: Iterable[Presence], periods: Sequence[TimeWindow], floor: Decimal
) -> list[Presence]:
    """Return what first appeared in the current period, at a cost beyond ``floor`` and usual."""
    by_place = _by_neighbours(things)
    found = []
    for neighbours in by_place.values():
        arrivals = [
            max((abs(thing.costs[index]) for thing in _arrived(neighbours, period)), default=ZERO)
            for index, period in enumerate(periods[:-1])
        ]
        limit = max(floor, usual_size(arrivals[1:]))
        found += [thing for thing in _arrived(neighbours, periods[0]) if thing.costs[0] >= limit]
    return found


def find_gone(
    things: Iterable[Presence], periods: Sequence[TimeWindow], floor: Decimal
) -> list[Presence]:
    """Return what was charged before and stopped in the current period or at its start."""
    found = []
    for neighbours in _by_neighbours(things).values():
        losses = [
            max((_weight(thing, index) for thing in _left(neighbours, period)), default=ZERO)
            for index, period in enumerate(periods[:-1])
        ]
        limit = max(floor, usual_size(losses[1:]))
        found += [
            thing for thing in neighbours if _stopped(thing, periods) and -thing.change >= limit
        ]
    return found


def _by_neighbours(things: Iterable[Presence]) -> dict[Identity, list[Presence]]:
    """Group things by all but the last two parts of their identity: the meter they share."""
    groups: dict[Identity, list[Presence]] = defaultdict(list)
    for thing in things:
        groups[thing.identity[:-2] or thing.identity].append(thing)
    return groups


def _arrived(things: Iterable[Presence], period: TimeWindow) -> list[Presence]:
    return [thing for thing in things if period.start.date() <= thing.days[0] <= period.last_day]


def _left(things: Iterable[Presence], period: TimeWindow) -> list[Presence]:
    return [thing for thing in things if period.start.date() <= thing.days[-1] <= period.last_day]


def _weight(thing: Presence, index: int) -> Decimal:
    """Return what a thing that left in period ``index`` cost in its last two periods, at most."""
    return max(abs(thing.costs[index]), abs(thing.costs[index + 1]))


def _stopped(thing: Presence, periods: Sequence[TimeWindow]) -> bool:
    absence = periods[0].last_day - thing.days[-1]
    return thing.costs[1] > 0 and absence >= SHORTEST_ABSENCE and absence > thing.longest_pause
