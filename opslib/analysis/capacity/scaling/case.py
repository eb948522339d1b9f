"""One dimension that scales, with what is known of it and what its settings have to keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opslib.analysis.capacity.demand.models import DemandModel
from opslib.analysis.capacity.headroom.zone_load import Spread
from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.scaling.choice import WEEK_MINUTES, Bounds, SettingResult
from opslib.analysis.capacity.scaling.load import SUPPOSED, UnitLoad, tracked
from opslib.analysis.capacity.scaling.proposals import ScalingProposal
from opslib.analysis.capacity.scaling.rules import ScalingRules, ScalingSetting, rules_of
from opslib.findings import Verdict
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityTables

__all__ = ["SELF_SCALED", "ScalingCase"]

DAY_SECONDS = 86_400
SELF_SCALED = "rds:cluster:acu"
UNITS = {
    "ecs:service:DesiredCount": "tasks",
    "autoscaling:group": "instances",
    SELF_SCALED: "ACUs",
    "eks:hpa": "pods",
}
SPREAD = {"tasks", "pods", "instances"}
"""Units that lie in one zone each, and of which the maximum is a wall that the count comes to."""
RARE_MINUTES = 0.01 * WEEK_MINUTES
"""A week: what is passed for less is no peak to the check of a lost zone, which takes the p99."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScalingCase:
    """One row of `SCALING_TARGETS`, with what is known of it.

    Args:
        tables: what was read.
        parameters: of the run.
        resource: its row of `CAPACITY_RESOURCES`.
        target: the row.
        model: what requests cost it; None where that was not learned.
        growth: the forecast peak over the recorded one, 1 at the least.
        loss: what the loss of a zone does to it; None where that was not checked.
    """

    tables: CapacityTables
    parameters: CapacityParameters
    resource: Mapping[Any, Any]
    target: Mapping[Any, Any]
    model: DemandModel | None
    growth: float
    loss: ZoneLoss | None

    @property
    def dimension(self) -> str:
        """Return what scales, as Application Auto Scaling calls it."""
        return str(self.target["Dimension"])

    @property
    def unit(self) -> str:
        """Return what its units are called."""
        if self.dimension.startswith("dynamodb:"):
            return f"{'write' if 'Write' in self.dimension else 'read'} capacity units"
        return UNITS.get(self.dimension, "units")

    @property
    def in_force(self) -> ScalingSetting:
        """Return what is set."""
        return ScalingSetting(
            minimum=float(self.target["Min"]),
            maximum=float(self.target["Max"]),
            target_percent=_number(self.target["Target"]),
        )

    @property
    def rules(self) -> ScalingRules | None:
        """Return how it scales; None where that is not replayed."""
        return rules_of(self.dimension, _number(self.target["ScaleInCooldownSeconds"]))

    @property
    def spread(self) -> Spread | None:
        """Return its units by zone; None where fewer than two zones are known."""
        if self.loss is None or self.unit not in SPREAD or len(self.loss.units) <= 1:
            return None
        return Spread(units=self.loss.units)

    @property
    def carrying(self) -> tuple[float, ...]:
        """Return the minimum that carries the peak without a zone, where that is too little now."""
        if self.spread is None or self.loss is None or self.loss.verdict is not Verdict.FAIL:
            return ()
        return (self.loss.units_to_carry,) if self.loss.units_to_carry else ()

    def bounds(
        self,
        load: UnitLoad,
        full: float,
        now: SettingResult,
        days: NDArray[np.bool_] | None = None,
    ) -> Bounds:
        """Return what a setting has to keep; the peak is what the allowed minutes do not cover.

        Args:
            load: that was recorded.
            full: fraction above which capacity is too little.
            now: what is in force came to, on the days that count.
            days: that count, without the forecast; None for all, and with it.
        """
        allowed = self.parameters.scaling_grid.max_under_minutes_a_week
        zones = len(set(self._zones))
        shared = 100 * (zones - 1) / zones if zones > 1 else 100.0
        ran_short = now.under_minutes_a_week > allowed
        return Bounds(
            most_under_minutes=allowed,
            zones=zones,
            least_units=min(self.in_force.minimum, float(zones)),
            most_percent=max(shared, self.in_force.target_percent or 0.0),
            peak_units=self.peak(load, days),
            held=lambda target: self.held(target, full),
            most_target=(self.in_force.target_percent or np.inf) if ran_short else np.inf,
            most_without_zone_minutes=self._most_without_zone(now),
        )

    def held(self, target_percent: float | None, full: float) -> float:
        """Return how full, as a fraction, the maximum may be at the forecast peak.

        Where the count of units comes to the maximum it is the target: beyond it scaling can add
        no more, which is a wall whatever a unit carries above its target.
        """
        is_counted = self.unit in SPREAD and target_percent is not None
        return min(full, (target_percent or 0.0) / 100) if is_counted else full

    def peak(self, load: UnitLoad, days: NDArray[np.bool_] | None = None) -> float:
        """Return the load that a maximum has to hold: the forecast one, or that of some days."""
        allowed = self.parameters.scaling_grid.max_under_minutes_a_week
        rare = max(1 - allowed / WEEK_MINUTES, 0.0)
        if days is None:
            return float(np.nanquantile(load.load, rare)) * self.growth
        counts = np.repeat(days, DAY_SECONDS // load.step_seconds)[: len(load.load)]
        return float(np.nanquantile(load.load[counts], rare))

    def _most_without_zone(self, now: SettingResult) -> float:
        """Return the minutes a week that the other zones need not carry: no more than in force."""
        if self.spread is None or self.loss is None:
            return np.inf
        without = now.without_zone_minutes_a_week
        if self.loss.verdict is not Verdict.FAIL:
            return max(RARE_MINUTES, without)
        # What fails for a short peak that comes back each week is to be without it.
        allowed = self.parameters.scaling_grid.max_under_minutes_a_week
        return RARE_MINUTES if without > RARE_MINUTES else allowed

    @property
    def _zones(self) -> list[str]:
        return json.loads(str(self.resource["Zones"])) if self.unit in SPREAD else []

    @property
    def zone_doubt(self) -> str:
        """Return why the loss of a zone does not tell settings apart; '' where it does."""
        if self.unit not in SPREAD:
            return ""
        zones = set(self._zones)
        if not zones:
            return "its zones are not known, so that losing one was not weighed"
        return "all of it is in one zone, whose loss no setting survives" if len(zones) == 1 else ""

    def told(self, **values: Any) -> ScalingProposal:
        """Return a proposal of it with some values."""
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


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
