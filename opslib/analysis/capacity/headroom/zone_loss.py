"""What the loss of an availability zone does to a resource."""

from __future__ import annotations

from dataclasses import dataclass

from opslib.findings import Verdict

__all__ = ["ZoneLoss"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLoss:
    """What is left of a resource when the zone with most of it is lost.

    Args:
        resource: its identity in `CAPACITY_RESOURCES`.
        name, service, account, region: as in the table.
        units: how many units it has, by zone; none where their zones are not known.
        lost_zone: the zone that most of them are in; empty where not known.
        limit: what its peak is measured by, such as CPU; empty where only its place counts.
        target_percent: utilisation that it is run at: its own target, else the planned one.
        peak_percent: its recorded peak, on all of its units.
        at_once_percent: the same on the units that remain, before anything is replaced.
        after_percent: the same when scaling has done what its maximum allows.
        forecast_percent: as ``at_once_percent``, at the peak that is forecast; never below it.
        units_to_carry: fewest units, spread as now, of which the rest carry the higher peak.
        units_at_target: the same, the rest running at ``target_percent`` at the most.
        verdict: whether what remains carries the recorded peak at once.
        after_scaling: whether it does when scaling has replaced what it may.
        why: with figures.
    """

    resource: str
    name: str
    service: str
    account: str
    region: str
    units: tuple[tuple[str, int], ...]
    lost_zone: str
    limit: str = ""
    target_percent: float | None = None
    peak_percent: float | None = None
    at_once_percent: float | None = None
    after_percent: float | None = None
    forecast_percent: float | None = None
    units_to_carry: float | None = None
    units_at_target: float | None = None
    verdict: Verdict
    after_scaling: Verdict
    why: str
