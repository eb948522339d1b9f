"""Scaling settings to propose for each resource that scales, with the reason for each.

Method: every setting of the grid is replayed over the recorded load (`scaling_replay`); the
cheapest one that keeps what it has to (`choice`) is proposed. The same choice made on every other
week is held against the weeks between (`held_out`): where it fails there, settings in force that
keep what they have to stay.
Assumption: the load to come is like the recorded one, and grows to the forecast peak at most.
Failure mode: a history without its busiest season proposes too little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from opslib.analysis.capacity.demand.models import DemandModel
from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.recorded import Recorded
from opslib.analysis.capacity.scaling.case import SELF_SCALED, ScalingCase
from opslib.analysis.capacity.scaling.choice import choose, excuse_others, weigh
from opslib.analysis.capacity.scaling.grid import settings_to_try
from opslib.analysis.capacity.scaling.held_out import hold_out
from opslib.analysis.capacity.scaling.load import UnitLoad, find_load, suppose_deployments
from opslib.analysis.capacity.scaling.prices import price_unit
from opslib.analysis.capacity.scaling.proposals import ScalingProposal, reason_words
from opslib.analysis.capacity.scaling.replay import replay
from opslib.analysis.capacity.scaling.rules import ScalingRules
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityTables
from opslib.wording import printable

__all__ = ["propose_settings"]

FEWEST_DAYS = 7
DAY_MINUTES, MONTH_HOURS = 1440, 720


def propose_settings(
    tables: CapacityTables,
    parameters: CapacityParameters,
    models: Sequence[DemandModel] = (),
    peaks: Mapping[str, float] | None = None,
    losses: Iterable[ZoneLoss] = (),
) -> tuple[ScalingProposal, ...]:
    """Return a proposal for every row of `SCALING_TARGETS`, and for Kubernetes' deployments.

    Args:
        tables: what was read.
        parameters: the grid, and the minutes that are allowed.
        models: of `learn_demand`, for what full units hide.
        peaks: by resource, the forecast peak load over the recorded one; none for no growth.
        losses: of `check_zone_loss`; of a resource without, the replay weighs no lost zone.
    """
    recorded = Recorded(tables)
    rows = {str(row["Resource"]): row for row in tables.resources.to_dict("records")}
    targets: list[Mapping[Any, Any]] = [
        *tables.targets.to_dict("records"),
        *suppose_deployments(tables, recorded, parameters.target_utilisation_percent),
    ]
    learned = {one.resource: one for one in models if one.target_percent and one.per_unit}
    lost = {one.resource: one for one in losses}
    return tuple(
        _propose(
            ScalingCase(
                tables=tables,
                parameters=parameters,
                resource=rows[str(target["Resource"])],
                target=target,
                model=learned.get(str(target["Resource"])),
                growth=max((peaks or {}).get(str(target["Resource"]), 1.0), 1.0),
                loss=lost.get(str(target["Resource"])),
            ),
            recorded,
        )
        for target in targets
        if str(target["Resource"]) in rows
    )


def _propose(case: ScalingCase, recorded: Recorded) -> ScalingProposal:
    rules = case.rules
    if rules is None:
        return case.told(reason=f"how {printable(case.dimension)} scales is not replayed")
    if case.in_force.target_percent is None and case.dimension != SELF_SCALED:
        return case.told(reason="it tracks no target, so that there is nothing to replay")
    load = find_load(case.tables, recorded, case.target, case.model)
    known = float(np.isfinite(load.load).sum()) * load.step_seconds / 60 / DAY_MINUTES
    if load.why_not or known < FEWEST_DAYS:
        few = f"{known:.1f} days of five minutes are known, {FEWEST_DAYS} are wanted"
        return case.told(reason=load.why_not or few, days=int(known))
    if load.contradicts(case.in_force.minimum, case.in_force.maximum):
        ran = f"in the last week it often ran fewer or more {case.unit} than its bounds allow"
        why = "the bounds are newer, or how many ran is not told rightly"
        return case.told(reason=f"{ran}: {why}", days=int(known))
    return _replayed(case, rules, load, round(known))


def _replayed(case: ScalingCase, rules: ScalingRules, load: UnitLoad, days: int) -> ScalingProposal:
    full = rules.full_percent / 100
    grid, peak, step = case.parameters.scaling_grid, case.peak(load), load.step_seconds
    settings = settings_to_try(
        case.in_force,
        grid,
        case.dimension,
        lambda held: peak / case.held(held, full),
        case.carrying,
    )
    done = replay(load.load, step, settings, rules, grid.warm_up_minutes, case.spread)
    price = price_unit(case.tables, case.resource, case.dimension)
    results = weigh(settings, done, price.an_hour)
    bounds = case.bounds(load, full, results[0])
    held_out = hold_out(
        settings, done, lambda now, some: case.bounds(load, full, now, some), case.unit
    )
    broken_now = bounds.broken_by(results[0], case.unit)
    proposed = choose(results, bounds, case.unit)
    if held_out and not held_out.keeps and not broken_now:
        proposed = results[0]
    broken = bounds.broken_by(proposed, case.unit)
    ran = None if load.units is None else float(np.nanmean(load.units)) * MONTH_HOURS
    proposal = case.told(
        proposed=proposed,
        results=results,
        excuses=excuse_others(results, proposed, bounds, case.unit, case.tables.currency),
        reason="",
        broken_now=broken_now.why if broken_now else "",
        zone_doubt=case.zone_doubt,
        keeps=broken is None,
        breaks=broken.why if broken else "",
        held_out=held_out,
        days=days,
        full_percent=rules.full_percent,
        allowed_minutes_a_week=bounds.most_under_minutes,
        recorded_unit_hours_a_month=ran,
        unknown_minutes=load.unknown_minutes,
        filled_minutes=load.filled_minutes,
        currency=case.tables.currency,
        price_missing=price.why_not,
    )
    return replace(proposal, reason=reason_words(proposal))
