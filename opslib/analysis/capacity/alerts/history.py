"""Alert thresholds held against history: what they would have told, when, and for nothing.

Method: each rule is replayed on every resource that it is about (`alarm_evaluation`) and its alarms
are set beside the trouble that the resource had (`troubles`). A trouble is foretold where an alarm
was on, or had been within the hour before; its lead is from the alarm until the trouble began. What
a rule missed is trouble of the limit that it watches; an alarm was for nothing where the resource
had no trouble of any kind.

Failure mode: without trouble in the history nothing is known of a rule's use, whatever it did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from opslib.analysis.capacity.alerts.evaluation import find_spells, longer_periods
from opslib.analysis.capacity.alerts.precision import Precision, judge_precision
from opslib.analysis.capacity.alerts.size import remedy_of_size, short_of_size
from opslib.analysis.capacity.alerts.troubles import Trouble, find_troubles, limit_troubles
from opslib.analysis.capacity.alerts.verdict import AlertHistory, AlertVerdict, judge_alert
from opslib.analysis.capacity.inventory import Inventory, LimitUse, ResourceDetails
from opslib.analysis.capacity.sizes.rightsizing import Rightsizing
from opslib.analysis.capacity.sizes.weekly_peaks import since_first_value
from opslib.parameters.capacity import CapacityParameters
from opslib.parameters.capacity_plans import AlertRule
from opslib.tables.capacity import CapacityService, CapacityTables
from opslib.tables.regular_series import RegularSeries

__all__ = ["AlertHistory", "AlertVerdict", "check_alerts", "describe_rule"]

JUST_BEFORE = timedelta(hours=1)
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarm:
    told: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Estate:
    """What was read, what its sizes were judged, and percent that a size may come to."""

    inventory: Inventory
    sizes: Mapping[str, Rightsizing]
    most: float


def check_alerts(
    tables: CapacityTables, parameters: CapacityParameters, sizes: Sequence[Rightsizing] = ()
) -> tuple[AlertHistory, ...]:
    """Return what each rule would have done, in the order of the rules and of the resources.

    Args:
        tables: what was read.
        parameters: ``alert_rules`` are the rules; ``rightsizing_headroom_percent`` is what a size
            leaves free.
        sizes: what each size was judged: an alarm of what is too small is no noise.
    """
    most = 100 - parameters.rightsizing_headroom_percent
    judged = {one.resource: one for one in sizes}
    estate = _Estate(inventory=Inventory(tables), sizes=judged, most=most)
    return tuple(
        history for rule in parameters.alert_rules for history in _check_rule(estate, rule)
    )


def describe_rule(rule: AlertRule) -> str:
    """Return a rule in words."""
    unit = "" if rule.is_count else "%"
    return (
        f"{rule.limit} above {rule.above:g}{unit} "
        f"({rule.statistic}, {rule.periods} x {rule.period_seconds} s)"
    )


def _check_rule(estate: _Estate, rule: AlertRule) -> Sequence[AlertHistory]:
    watched = estate.inventory.of(CapacityService(rule.service))
    if not watched:
        why = f"no resource of the kind {rule.service} was read"
        unseen = AlertHistory(
            rule=rule.name, watched=describe_rule(rule), verdict=AlertVerdict.UNKNOWN, why=why
        )
        return [unseen]
    return [_check_resource(estate, rule, resource) for resource in watched]


def _check_resource(estate: _Estate, rule: AlertRule, resource: ResourceDetails) -> AlertHistory:
    unseen = AlertHistory(
        rule=rule.name,
        resource=resource.resource,
        name=resource.name,
        watched=describe_rule(rule),
        verdict=AlertVerdict.UNKNOWN,
        why=f"{rule.limit} is not reported: the alarm would have said nothing, whatever happened",
    )
    use = estate.inventory.limit(resource.resource, rule.limit)
    if use is None or use.measured is None:
        return unseen
    unseen = replace(unseen, limit_share=rule.above / use.value * 100 if rule.is_count else None)
    history = use.history
    if history is None or np.isnan(history.values).all():
        return unseen
    precision = judge_precision(rule, use.measured.statistic, history.step_seconds)
    alarms, minutes = _replay(rule, use, history, precision)
    anything = find_troubles(estate.inventory, resource.resource)
    sized = estate.sizes.get(resource.resource)
    is_short = short_of_size(use, sized, estate.most)
    seen = since_first_value(history.values)
    compared = _compare(unseen, alarms, limit_troubles(use), anything)
    compared = replace(
        compared,
        minutes=minutes,
        days=len(seen) * history.step_seconds / SECONDS_A_DAY,
        missing=float(np.isnan(seen).mean()),
        is_short=is_short,
        remedy=remedy_of_size(estate.inventory, resource, sized) if is_short else "",
        certainty=precision.certainty,
    )
    verdict, why = judge_alert(compared, rule)
    why = "; ".join(part for part in (why, precision.why) if part)
    return replace(compared, verdict=verdict, why=why)


def _replay(
    rule: AlertRule, use: LimitUse, history: RegularSeries, precision: Precision
) -> tuple[list[_Alarm], float]:
    """Return the alarms and the minutes that they were on."""
    share = use.percent()
    values = history.values if rule.is_count or share is None else share
    values = longer_periods(values, precision.width, maximum=rule.statistic == "Maximum")
    spells = find_spells(values > rule.above, np.isnan(values), precision.needed)
    step = timedelta(seconds=history.step_seconds * precision.width)
    alarms = [
        _Alarm(
            told=history.start + (spell.since + 1) * step,
            end=history.start + (spell.last + 1) * step,
        )
        for spell in spells
    ]
    on = sum(spell.last - spell.since + 1 for spell in spells)
    return alarms, on * step.total_seconds() / 60


def _compare(
    unseen: AlertHistory,
    alarms: Sequence[_Alarm],
    troubles: Sequence[Trouble],
    anything: Sequence[Trouble],
) -> AlertHistory:
    firsts = [_first_told(alarms, trouble) for trouble in troubles]
    leads = [
        (trouble.start - told).total_seconds() / 60
        for trouble, told in zip(troubles, firsts, strict=True)
        if told is not None
    ]
    idle = [alarm for alarm in alarms if not any(_tells(alarm, one) for one in anything)]
    return replace(
        unseen,
        alarms=len(alarms),
        for_nothing=len(idle),
        troubles=len(troubles),
        missed=sum(told is None for told in firsts),
        leads_minutes=tuple(leads),
    )


def _tells(alarm: _Alarm, trouble: Trouble) -> bool:
    return alarm.told <= trouble.end and alarm.end >= trouble.start - JUST_BEFORE


def _first_told(alarms: Sequence[_Alarm], trouble: Trouble) -> datetime | None:
    return min((alarm.told for alarm in alarms if _tells(alarm, trouble)), default=None)
