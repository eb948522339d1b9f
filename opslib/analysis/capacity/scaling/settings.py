"""Scaling settings to propose for each resource that scales, with the reason for each.

Method: every setting of the grid is replayed over the recorded load (`scaling_replay`); the
cheapest one that keeps the allowed minutes is proposed. The same choice made on the first three
quarters of the history is held against the last quarter, which it has not seen: where it fails
there, settings in force that keep what they have to stay.
Assumption: the load to come is like the recorded one, and grows to the forecast peak at most.
Failure mode: a history without its busiest season proposes too little.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from opslib.analysis.capacity.demand.models import DemandModel
from opslib.analysis.capacity.recorded import Recorded
from opslib.analysis.capacity.scaling.choice import (
    Bounds,
    choose,
    excuse_others,
    weigh,
)
from opslib.analysis.capacity.scaling.grid import settings_to_try
from opslib.analysis.capacity.scaling.load import (
    SUPPOSED,
    UnitLoad,
    find_load,
    suppose_deployments,
    tracked,
)
from opslib.analysis.capacity.scaling.prices import price_unit
from opslib.analysis.capacity.scaling.proposals import HeldOut, ScalingProposal, reason_words
from opslib.analysis.capacity.scaling.replay import Replay, replay
from opslib.analysis.capacity.scaling.rules import ScalingRules, ScalingSetting, rules_of
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityTables
from opslib.wording import printable

__all__ = ["propose_settings"]

FEWEST_DAYS = 7
TRAINED = 0.75
DAY_MINUTES, MONTH_HOURS, WEEK_MINUTES = 1440, 720, 10_080
SELF_SCALED = "rds:cluster:acu"
UNITS = {
    "ecs:service:DesiredCount": "tasks",
    "autoscaling:group": "instances",
    SELF_SCALED: "ACUs",
    "eks:hpa": "pods",
}
SPREAD = {"tasks", "pods", "instances"}
"""Units that lie in one zone each."""


def propose_settings(
    tables: CapacityTables,
    parameters: CapacityParameters,
    models: Sequence[DemandModel] = (),
    peaks: Mapping[str, float] | None = None,
) -> tuple[ScalingProposal, ...]:
    """Return a proposal for every row of `SCALING_TARGETS`, and for Kubernetes' deployments.

    Args:
        tables: what was read.
        parameters: the grid, and the minutes that are allowed.
        models: of `learn_demand`, for what full units hide.
        peaks: by resource, the forecast peak load over the recorded one; none for no growth.
    """
    recorded = Recorded(tables)
    rows = {str(row["Resource"]): row for row in tables.resources.to_dict("records")}
    targets: list[Mapping[Any, Any]] = [
        *tables.targets.to_dict("records"),
        *suppose_deployments(tables, recorded, parameters.target_utilisation_percent),
    ]
    learned = {one.resource: one for one in models if one.target_percent and one.per_unit}
    return tuple(
        _propose(
            _Case(
                tables=tables,
                parameters=parameters,
                resource=rows[str(target["Resource"])],
                target=target,
                model=learned.get(str(target["Resource"])),
                growth=max((peaks or {}).get(str(target["Resource"]), 1.0), 1.0),
            ),
            recorded,
        )
        for target in targets
        if str(target["Resource"]) in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    """One row of `SCALING_TARGETS`, with what is known of it."""

    tables: CapacityTables
    parameters: CapacityParameters
    resource: Mapping[Any, Any]
    target: Mapping[Any, Any]
    model: DemandModel | None
    growth: float

    @property
    def dimension(self) -> str:
        return str(self.target["Dimension"])

    @property
    def unit(self) -> str:
        if self.dimension.startswith("dynamodb:"):
            return f"{'write' if 'Write' in self.dimension else 'read'} capacity units"
        return UNITS.get(self.dimension, "units")

    @property
    def in_force(self) -> ScalingSetting:
        return ScalingSetting(
            minimum=float(self.target["Min"]),
            maximum=float(self.target["Max"]),
            target_percent=_number(self.target["Target"]),
        )

    @property
    def rules(self) -> ScalingRules | None:
        return rules_of(self.dimension, _number(self.target["ScaleInCooldownSeconds"]))

    def bounds(self, load: UnitLoad, full: float) -> Bounds:
        """Return what a setting has to keep; the peak is what the allowed minutes do not cover."""
        allowed = self.parameters.scaling_grid.max_under_minutes_a_week
        listed = json.loads(str(self.resource["Zones"])) if self.unit in SPREAD else []
        zones, now = len(set(listed)), self.in_force
        shared = 100 * (zones - 1) / zones if zones > 1 else 100.0
        peak = float(np.nanquantile(load.load, max(1 - allowed / WEEK_MINUTES, 0.0)))
        return Bounds(
            most_under_minutes=allowed,
            zones=zones,
            least_units=min(now.minimum, float(zones)),
            most_percent=max(shared, now.target_percent or 0.0),
            peak_units=peak * self.growth,
            full=full,
        )

    def told(self, **values: Any) -> ScalingProposal:
        return ScalingProposal(
            resource=str(self.resource["Resource"]),
            name=str(self.resource["Name"]),
            service=str(self.resource["Service"]),
            account=str(self.resource["Account"]),
            region=str(self.resource["Region"]),
            dimension=self.dimension,
            unit=self.unit,
            tracked=tracked(str(self.target["Metric"])) if self.unit in SPREAD else "",
            in_force=self.in_force,
            is_supposed=str(self.target["Metric"]) == SUPPOSED,
            **values,
        )


def _propose(case: _Case, recorded: Recorded) -> ScalingProposal:
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


def _replayed(case: _Case, rules: ScalingRules, load: UnitLoad, days: int) -> ScalingProposal:
    bounds = case.bounds(load, rules.full_percent / 100)
    grid = case.parameters.scaling_grid
    settings = settings_to_try(case.in_force, grid, case.dimension, bounds.full, bounds.peak_units)
    done = replay(load.load, load.step_seconds, settings, rules, grid.warm_up_minutes)
    price = price_unit(case.tables, case.resource, case.dimension)
    results = weigh(settings, done, price.an_hour)
    held_out = _hold_out(settings, done, bounds, case.unit)
    broken_now = bounds.broken_by(results[0], case.unit)
    proposed = choose(results, bounds, case.unit)
    if held_out and not held_out.keeps and not broken_now:
        proposed = results[0]
    excuses = excuse_others(results, proposed, bounds, case.unit, case.tables.currency)
    ran = None if load.units is None else float(np.nanmean(load.units)) * MONTH_HOURS
    proposal = case.told(
        proposed=proposed,
        results=results,
        excuses=excuses,
        reason="",
        broken_now=broken_now,
        is_spread_unknown=case.unit in SPREAD and not bounds.zones,
        keeps=not bounds.broken_by(proposed, case.unit),
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


def _hold_out(
    settings: Sequence[ScalingSetting], done: Replay, bounds: Bounds, unit: str
) -> HeldOut | None:
    """Return how the choice of the first days would have done on the last ones."""
    known = np.flatnonzero(done.known_minutes > 0)
    split = int(len(known) * TRAINED)
    if split < FEWEST_DAYS or len(known) - split < FEWEST_DAYS:
        return None
    place = np.arange(len(done.known_minutes))
    first, last = place < known[split], place >= known[split]
    chosen = choose(weigh(settings, done, None, first), bounds, unit).setting
    under = weigh(settings, done, None, last)[settings.index(chosen)].under_minutes_a_week
    return HeldOut(
        setting=chosen,
        first_days=split,
        last_days=len(known) - split,
        under_minutes_a_week=under,
        keeps=under <= bounds.most_under_minutes,
    )


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
