"""Which finding tells a trouble that shows both in the week's change and in single days.

A change (`opslib.analysis.cost.changes`) says what moved: a price, the use of a meter, a resource.
An anomaly says when, and what was done before. Whoever reads both must not take them for two
troubles: a change that stays is told as the change, with the anomaly's cause; days that came and
went are told as the anomaly, with the meters that made them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.change import Change, ChangeKind
from opslib.money import total
from opslib.timewindow import TimeWindow

__all__ = ["ToldTroubles", "share_out"]

IN_METERS = {ChangeKind.PRICE, ChangeKind.QUANTITY, ChangeKind.CHARGE}
NEAR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTroubles:
    """Who tells what.

    Args:
        changes: findings of their own, in their order.
        anomalies: findings of their own, in their order.
        shown_by: place in ``changes`` to the anomaly that it shows as.
        meters: place in ``anomalies`` to the changes that are told with it.
    """

    changes: tuple[Change, ...]
    anomalies: tuple[CostAnomaly, ...]
    shown_by: Mapping[int, CostAnomaly]
    meters: Mapping[int, tuple[Change, ...]]


def share_out(
    changes: Sequence[Change], anomalies: Sequence[CostAnomaly], period: TimeWindow
) -> ToldTroubles:
    """Return which troubles are told as changes and which as anomalies.

    Args:
        changes: the changes that matter.
        anomalies: the period's.
        period: the report's days.
    """
    own: list[CostAnomaly] = []
    meters: dict[int, tuple[Change, ...]] = {}
    taken: list[Change] = []
    for anomaly in anomalies:
        alike = [one for one in changes if _is_of(one, anomaly)]
        money = abs(anomaly.impact_within(period).mid)
        passing = [one for one in alike if _is_passing(one) and abs(one.amount) <= 2 * money]
        staying = [one for one in alike if not _is_passing(one)]
        if staying and abs(total(one.amount for one in staying)) * 2 >= money:
            continue
        meters[len(own)] = tuple(passing)
        taken += passing
        own.append(anomaly)
    left = tuple(one for one in changes if one not in taken)
    shown = {
        number: anomaly
        for number, change in enumerate(left)
        for anomaly in [next((one for one in anomalies if _is_of(change, one)), None)]
        if anomaly is not None
    }
    return ToldTroubles(changes=left, anomalies=tuple(own), shown_by=shown, meters=meters)


def _is_of(change: Change, anomaly: CostAnomaly) -> bool:
    accounts = {part.account for part in anomaly.parts}
    dated = change.first_day
    return (
        change.service == anomaly.place.service
        and (change.amount > 0) == anomaly.rises
        and (not change.account or "" in accounts or change.account in accounts)
        and (dated is None or anomaly.first_day - NEAR <= dated <= anomaly.last_day + NEAR)
    )


def _is_passing(change: Change) -> bool:
    """Say whether a change of a meter came and went within the period."""
    return change.kind in IN_METERS and not change.lasts
