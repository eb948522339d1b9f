"""Which of the replayed settings to propose, and why not each of the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.scaling.replay import Replay
from opslib.analysis.capacity.scaling.rules import ScalingSetting
from opslib.wording import about

__all__ = ["Bounds", "Excuse", "SettingResult", "choose", "excuse_others", "weigh"]

WEEK_MINUTES = 10_080
MONTH_MINUTES = 43_200
WORTH = 0.05
"""Share of the cost that a change of settings has to save: less is within the replay's error."""
SAME = 0.01
"""Share by which two costs are told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingResult:
    """What a setting would have come to.

    Args:
        setting: bounds and target.
        under_minutes_a_week: with too little capacity.
        unit_hours_a_month: of capacity, in 30 days.
        cost_a_month: of that; None where the bill does not tell the price.
    """

    setting: ScalingSetting
    under_minutes_a_week: float
    unit_hours_a_month: float
    cost_a_month: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """Why a setting is not proposed, with the figures."""

    setting: ScalingSetting
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a setting has to keep.

    Args:
        most_under_minutes: a week.
        zones: that the units lie in; 0 where that is not known, or does not matter.
        least_units: that its minimum has, one a zone.
        most_percent: of its target, so that the other zones carry the load when one is lost.
        peak_units: of load that its maximum holds, running at ``full``.
        full: fraction above which capacity is too little.
    """

    most_under_minutes: float
    zones: int
    least_units: float
    most_percent: float
    peak_units: float
    full: float

    def broken_by(self, result: SettingResult, unit: str) -> str:
        """Return what a setting breaks, in words; '' for nothing."""
        setting = result.setting
        if result.under_minutes_a_week > self.most_under_minutes:
            return (
                f"{result.under_minutes_a_week:,.1f} minutes a week under-provisioned, "
                f"{self.most_under_minutes:g} allowed"
            )
        if setting.maximum * self.full < self.peak_units - 1e-9:
            wanted = math.ceil(self.peak_units / self.full - 1e-9)
            return f"the forecast peak wants {wanted:g} {unit}, its maximum is {setting.maximum:g}"
        if setting.minimum < self.least_units:
            return f"a minimum of {setting.minimum:g} {unit} is less than one for each zone in use"
        if (setting.target_percent or 0.0) > self.most_percent:
            left = (setting.target_percent or 0.0) * self.zones / (self.zones - 1)
            return f"with one of {self.zones} zones lost, the others would run at {left:.0f}%"
        return ""


def weigh(
    settings: Sequence[ScalingSetting],
    replayed: Replay,
    price: float | None,
    days: NDArray[np.bool_] | None = None,
) -> tuple[SettingResult, ...]:
    """Return what settings come to in a week and a month, of all days or of those given.

    Args:
        settings: that were replayed.
        replayed: what they came to day by day.
        price: of an hour of a unit; None where it is not known.
        days: which days count; None for all.
    """
    kept = np.ones(len(replayed.known_minutes), dtype=bool) if days is None else days
    known = float(replayed.known_minutes[kept].sum())
    under = replayed.under_minutes[:, kept].sum(axis=1) / known * WEEK_MINUTES
    hours = replayed.unit_hours[:, kept].sum(axis=1) / known * MONTH_MINUTES
    return tuple(
        SettingResult(
            setting=setting,
            under_minutes_a_week=float(minutes),
            unit_hours_a_month=float(used),
            cost_a_month=None if price is None else Decimal(repr(round(float(used) * price, 4))),
        )
        for setting, minutes, used in zip(settings, under, hours, strict=True)
    )


def choose(results: Sequence[SettingResult], bounds: Bounds, unit: str) -> SettingResult:
    """Return the cheapest setting that keeps the bounds; of equals, the closest to that in force.

    What is in force, the first, stays where it keeps them and nothing saves enough. Where nothing
    keeps them, it is the one with the fewest minutes under-provisioned.
    """
    in_force = results[0]
    keeping = [one for one in results if not bounds.broken_by(one, unit)]
    if not keeping:
        fewest = min(one.under_minutes_a_week for one in results)
        keeping = [one for one in results if one.under_minutes_a_week <= fewest + 1e-9]
    cheapest = min(one.unit_hours_a_month for one in keeping)
    if in_force in keeping and cheapest > (1 - WORTH) * in_force.unit_hours_a_month:
        return in_force
    equals = [one for one in keeping if one.unit_hours_a_month <= cheapest * (1 + SAME)]
    return min(equals, key=lambda one: _distance(one.setting, in_force.setting))


def _distance(one: ScalingSetting, other: ScalingSetting) -> tuple[int, float]:
    """Return how many settings differ, and by how much in all."""
    pairs = (
        (one.minimum, other.minimum),
        (one.maximum, other.maximum),
        (one.target_percent or 1.0, other.target_percent or 1.0),
    )
    away = [abs(math.log(mine / theirs)) for mine, theirs in pairs if mine > 0 and theirs > 0]
    return sum(mine != theirs for mine, theirs in pairs), sum(away)


def excuse_others(
    results: Sequence[SettingResult],
    proposed: SettingResult,
    bounds: Bounds,
    unit: str,
    currency: str,
) -> tuple[Excuse, ...]:
    """Return why each other setting is not proposed."""
    return tuple(
        Excuse(
            setting=one.setting,
            why=bounds.broken_by(one, unit) or _dearer(one, proposed, unit, currency),
        )
        for one in results
        if one is not proposed
    )


def _dearer(one: SettingResult, proposed: SettingResult, unit: str, currency: str) -> str:
    more = one.unit_hours_a_month - proposed.unit_hours_a_month
    if abs(more) <= SAME * proposed.unit_hours_a_month:
        return "comes to the same, and changes more"
    how = amount_words(abs(more), one, proposed, unit, currency)
    if more < 0:
        if -more > WORTH * proposed.unit_hours_a_month:
            return f"would save {how} a month, but the choice did not hold on days not seen"
        return f"saves only {how} a month, within the replay's error"
    than = "the same" if one.under_minutes_a_week >= proposed.under_minutes_a_week else "fewer"
    return f"{how} more a month for {than} minutes under-provisioned"


def amount_words(
    hours: float, one: SettingResult, other: SettingResult, unit: str, currency: str
) -> str:
    """Return a difference in money, in unit-hours where the price is not known."""
    if one.cost_a_month is None or other.cost_a_month is None:
        return f"{hours:,.0f} {unit.removesuffix('s')}-hours"
    return about(abs(one.cost_a_month - other.cost_a_month), currency)
