"""What was unusual in the daily bill: places, days and money.

Method: each place of the bill (service, account and region), and each service over all of its
places, is a series of daily cost, in which `opslib.analysis.anomaly.daily` finds episodes. Those of
one service that begin together on the same side are one anomaly. A service's own episode counts
where its places tell less than half of it: a rise spread over many, each too small to be seen.

A resource that came or went where a place's own noise hides it is an anomaly too.

Only settled days are judged. A day on which more is given back than used, or a fall no larger than
what was given back in the region that day, is a credit and no anomaly. What is worth less than the
smallest change of the parameters is none either. An episode belongs to the report in whose period
it began, or to the first in which it is worth enough.

Failure mode: two causes of one service that begin on neighbouring days are told as one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from opslib.analysis.anomaly.daily import FEWEST_DAYS, DailyEpisode, find_daily_episodes
from opslib.analysis.anomaly.views import Floats
from opslib.analysis.cost.anomalies.anomaly import CostAnomalies, CostAnomaly, DayCost, Place
from opslib.analysis.cost.anomalies.appearances import find_appearances
from opslib.analysis.cost.anomalies.hierarchy import gather_anomalies
from opslib.analysis.cost.anomalies.series import (
    Credits,
    PlaceCosts,
    amounts_of,
    costs_by_place,
    credits_by_day,
    sums_of_services,
)
from opslib.analysis.cost.completeness import missing_days
from opslib.analysis.cost.daily import daily_totals
from opslib.analysis.cost.periods import Periods
from opslib.analysis.cost.worth import smallest_worth
from opslib.estimate import Estimate
from opslib.money import ZERO, total
from opslib.parameters.cost import CostParameters
from opslib.tables.costs import Bill

__all__ = ["find_cost_anomalies"]

LEAST_SCALE = 0.01
DECIMALS = 6


def find_cost_anomalies(
    parameters: CostParameters, periods: Periods, bill: Bill, doubted: Collection[date] = ()
) -> CostAnomalies:
    """Return what was unusual in the daily bill, in the report's period and before.

    Args:
        parameters: cost basis, smallest change, confidence of intervals.
        periods: the report's days.
        bill: the bill, by place or by account.
        doubted: days that are not judged, since a control of the bill puts them in doubt.
    """
    column = parameters.cost_basis.column
    spend = daily_totals(bill.charges, periods.current.days, column).values()
    floor = smallest_worth(parameters, total(spend))
    days = _judged_days(bill, periods)
    if len(days) <= FEWEST_DAYS:
        return CostAnomalies(found=(), earlier=(), floor=floor, groups=0, judged_from=None)
    missing = {*missing_days(bill, periods, column), *doubted}
    search = _Search(
        days=days,
        missing=missing,
        floor=floor,
        credits=credits_by_day(bill, days, column),
        confidence=parameters.confidence,
        period_days=len(periods.current.days),
    )
    costs = costs_by_place(bill, column)
    in_places, groups = search.anomalies(costs)
    in_services, _ = search.anomalies(sums_of_services(costs))
    anomalies = [
        one for one in gather_anomalies(in_places, in_services) if abs(one.impact.mid) >= floor
    ]
    anomalies += find_appearances(bill, periods, missing, column, floor, anomalies)
    found = [one for one in anomalies if _is_told(one, periods, floor)]
    earlier = [
        one
        for one in anomalies
        if one not in found and one.first_day < periods.current.start.date()
    ]
    return CostAnomalies(
        found=tuple(sorted(found, key=lambda one: (-abs(one.impact.mid), one.place))),
        earlier=tuple(sorted(earlier, key=lambda one: (one.first_day, one.place), reverse=True)),
        floor=floor,
        groups=groups,
        judged_from=days[FEWEST_DAYS],
    )


def _judged_days(bill: Bill, periods: Periods) -> tuple[date, ...]:
    """Return the settled days up to the period's end, from the bill's first charge on."""
    last = periods.current.last_day
    first = bill.first_day
    return tuple(d for d in periods.settled_days if first is not None and first <= d <= last)


def _is_told(anomaly: CostAnomaly, periods: Periods, floor: Decimal) -> bool:
    start = periods.current.start.date()
    if anomaly.first_day >= start:
        return True
    before = abs(anomaly.impact_before(start).mid)
    return anomaly.last_day >= start and before < floor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """What all series are judged with."""

    days: Sequence[date]
    missing: set[date]
    floor: Decimal
    credits: Credits
    confidence: float
    period_days: int

    def anomalies(self, costs: PlaceCosts) -> tuple[list[CostAnomaly], int]:
        """Return the episodes of each place as anomalies, and how many places were judged."""
        found, judged = [], 0
        for place in sorted(costs):
            amounts = amounts_of(costs[place], self.days, self.missing)
            if self._is_small(amounts):
                continue
            judged += 1
            found += self._of_place(place, costs, amounts)
        return found, judged

    def _is_small(self, amounts: Floats) -> bool:
        """Say whether nothing in the series could come to the floor within a period."""
        known = amounts[~np.isnan(amounts)]
        return not known.size or float(np.ptp(known)) * self.period_days < float(self.floor)

    def _of_place(self, place: Place, costs: PlaceCosts, amounts: Floats) -> list[CostAnomaly]:
        scale = float(self.floor) or max(float(np.nanmedian(np.abs(amounts))), LEAST_SCALE)
        shown = find_daily_episodes(self.days, amounts, scale=scale, confidence=self.confidence)
        expected = _estimates(shown.low, shown.expected, shown.high, self.confidence)
        days = tuple(
            DayCost(day=day, actual=costs[place].get(day, ZERO), expected=middle)
            for day, middle in zip(self.days, expected, strict=True)
        )
        anomalies = [self._anomaly(place, episode, days) for episode in shown.episodes]
        return [one for one in anomalies if not self._is_credit(one)]

    def _anomaly(
        self, place: Place, episode: DailyEpisode, days: tuple[DayCost, ...]
    ) -> CostAnomaly:
        return CostAnomaly(
            place=place,
            parts=(place,),
            first_day=self.days[episode.first],
            last_day=self.days[episode.last],
            rises=episode.rises,
            lasts=episode.is_level,
            days=days,
        )

    def _is_credit(self, anomaly: CostAnomaly) -> bool:
        """Say whether a fall is no larger than what was given back on its days."""
        if anomaly.rises:
            return False
        given = self.credits.get(anomaly.place.region, {})
        back = total(given.get(day.day, ZERO) for day in anomaly.episode)
        return back < 0 and back <= anomaly.impact.mid


def _estimates(
    low: Floats, middle: Floats, high: Floats, confidence: float
) -> list[Estimate | None]:
    return [
        None
        if np.isnan(mid)
        else Estimate(
            low=_exact(min(lo, mid)),
            mid=_exact(mid),
            high=_exact(max(hi, mid)),
            confidence=confidence,
        )
        for lo, mid, hi in zip(low.tolist(), middle.tolist(), high.tolist(), strict=True)
    ]


def _exact(value: float) -> Decimal:
    return Decimal(repr(round(value, DECIMALS)))
