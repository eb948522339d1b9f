"""Which components and resources an incident reached.

Method: a component is affected where a metric of its latency, errors or availability was out of the
usual at a time that may overlap with the symptom's; it is not affected where all of them could be
judged and none was; else it is not known, as for one that takes part in calls but is not measured.
Resources are those that the metrics which left the usual are about, by their dimensions.
Assumption: what left the usual at the time of the symptom belongs to it.
Fails where: another incident goes on at the same time; the report shows since when each was out.
Source: Google SRE Book, chapter 15, on the impact section of a post-mortem.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.onset import SymptomState
from opslib.analysis.incident.symptoms import ShownMetric

__all__ = ["AffectedComponent", "BlastRadius", "measure_blast_radius"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedComponent:
    """A component that the incident reached.

    Args:
        component: its name.
        metrics: those that left the usual.
        since: the first onset; None where it was unusual before the window.
        until: the last recovery; None where one goes on.
        resources: what the metrics are about, ``dimension value``.
    """

    component: str
    metrics: tuple[str, ...]
    since: Moment | None
    until: Moment | None
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastRadius:
    """How far an incident reached.

    Args:
        affected: the first to be affected first.
        unaffected: components whose metrics could be judged and stayed usual.
        unknown: components that were not measured, or could not be judged.
    """

    affected: tuple[AffectedComponent, ...]
    unaffected: tuple[str, ...]
    unknown: tuple[str, ...]


def measure_blast_radius(
    symptom: ShownMetric | None, shown: Sequence[ShownMetric], components: Iterable[str]
) -> BlastRadius:
    """Return what left the usual together with the symptom.

    Args:
        symptom: the metric that shows the incident; None where none does: nothing is affected.
        shown: every metric that was looked at.
        components: all that are known of, by metrics or by calls.
    """
    left = [one for one in shown if symptom is not None and _overlaps(one, symptom)]
    reached = {one.metric.component for one in left}
    blind = {
        one.metric.component for one in shown if one.symptom.state is SymptomState.INCONCLUSIVE
    }
    judged = {one.metric.component for one in shown} - blind
    known = set(components) | judged | blind | reached
    affected = [_affected(name, left) for name in sorted(reached)]
    return BlastRadius(
        affected=tuple(sorted(affected, key=_begins)),
        unaffected=tuple(sorted(judged - reached)),
        unknown=tuple(sorted(known - judged - reached)),
    )


def _overlaps(one: ShownMetric, symptom: ShownMetric) -> bool:
    if not one.symptom.has_left:
        return False
    later = one.onset and symptom.recovery and one.onset.earliest > symptom.recovery.latest
    earlier = one.recovery and symptom.onset and one.recovery.latest < symptom.onset.earliest
    return not later and not earlier


def _affected(component: str, left: Sequence[ShownMetric]) -> AffectedComponent:
    own = [one for one in left if one.metric.component == component]
    onsets, recoveries = [one.onset for one in own], [one.recovery for one in own]
    told = {f"{name} {value}" for one in own for name, value in one.metric.dimensions.items()}
    return AffectedComponent(
        component=component,
        metrics=tuple(one.name for one in own),
        since=None if None in onsets else min(filter(None, onsets), key=lambda at: at.earliest),
        until=None if None in recoveries else max(filter(None, recoveries), key=_latest),
        resources=tuple(sorted(told)),
    )


def _latest(moment: Moment) -> float:
    return moment.latest.timestamp()


def _begins(one: AffectedComponent) -> tuple[float, str]:
    return (one.since.earliest.timestamp() if one.since else 0.0, one.component)
