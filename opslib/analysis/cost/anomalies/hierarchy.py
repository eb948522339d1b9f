"""One cause that shows in several groups of the bill is one anomaly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly, DayCost, Place
from opslib.estimate import Estimate
from opslib.money import total

__all__ = ["gather_anomalies"]

TOGETHER = timedelta(days=1)
"""Charges of one cause may begin before and after midnight."""


def gather_anomalies(
    in_places: Iterable[CostAnomaly], in_services: Iterable[CostAnomaly]
) -> list[CostAnomaly]:
    """Return anomalies of places, those of one service that begin together as one.

    Then follow those of services as a whole of which the places tell less than half.
    """
    gathered: list[CostAnomaly] = []
    for anomaly in sorted(in_places, key=lambda one: (one.first_day, one.place)):
        place = next((n for n, one in enumerate(gathered) if _together(one, anomaly)), None)
        if place is None:
            gathered.append(anomaly)
        else:
            gathered[place] = _joined(gathered[place], anomaly)
    spread = [one for one in in_services if not _is_explained(one, gathered)]
    return [*gathered, *spread]


def _together(one: CostAnomaly, other: CostAnomaly) -> bool:
    same = one.place.service == other.place.service and one.rises == other.rises
    apart = not set(one.parts) & set(other.parts)
    return same and apart and abs(one.first_day - other.first_day) <= TOGETHER


def _joined(one: CostAnomaly, other: CostAnomaly) -> CostAnomaly:
    return replace(
        one,
        place=_common(one.place, other.place),
        parts=(*one.parts, *other.parts),
        first_day=min(one.first_day, other.first_day),
        last_day=max(one.last_day, other.last_day),
        lasts=one.lasts or other.lasts,
        days=tuple(_sum(*pair) for pair in zip(one.days, other.days, strict=True)),
    )


def _common(one: Place, other: Place) -> Place:
    return Place(
        service=one.service,
        account=one.account if one.account == other.account else "",
        region=one.region if one.region == other.region else "",
    )


def _sum(one: DayCost, other: DayCost) -> DayCost:
    expected = None
    if one.expected is not None and other.expected is not None:
        expected = Estimate(
            low=total((one.expected.low, other.expected.low)),
            mid=total((one.expected.mid, other.expected.mid)),
            high=total((one.expected.high, other.expected.high)),
            confidence=one.expected.confidence,
        )
    return DayCost(day=one.day, actual=total((one.actual, other.actual)), expected=expected)


def _is_explained(whole: CostAnomaly, parts: Sequence[CostAnomaly]) -> bool:
    """Say whether anomalies of its places tell half of a service's or more."""
    alike = [
        one
        for one in parts
        if one.place.service == whole.place.service
        and one.rises == whole.rises
        and one.first_day <= whole.last_day
        and whole.first_day <= one.last_day
    ]
    told = total(one.impact.mid for one in alike)
    return abs(told) * 2 >= abs(whole.impact.mid)
