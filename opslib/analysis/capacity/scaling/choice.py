"""Which of the replayed settings to propose, and why not each of the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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
        without_zone_minutes_a_week: in which the other zones would not have carried the load.
        unit_hours_a_month: of capacity, in 30 days.
        cost_a_month: of that; None where the bill does not tell the price.
    """

    setting: ScalingSetting
    under_minutes_a_week: float
    unit_hours_a_month: float
    cost_a_month: Decimal | None
    without_zone_minutes_a_week: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """Why a setting is not proposed.

    Args:
        setting: that is not.
        figure: of this setting, such as minutes or money; '' where the reason holds it.
        reason: the same for all settings that it keeps from being proposed.
    """

    setting: ScalingSetting
    figure: str
    reason: str

    @property
    def why(self) -> str:
        """Return the reason with its figure."""
        return f"{self.figure} {self.reason}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a setting has to keep.

    Args:
        most_under_minutes: a week.
        zones: that the units lie in; 0 where that is not known, or does not matter.
        least_units: that its minimum has, one a zone.
        most_percent: of its target, so that the other zones carry the load when one is lost.
        peak_units: of load that its maximum holds.
        held: by target, how full its maximum may be then, as a fraction.
        most_target: in percent, where it ran short at that in force; a higher one runs shorter.
        most_without_zone_minutes: a week, in which the other zones do not carry the load.
    """

    most_under_minutes: float
    zones: int
    least_units: float
    most_percent: float
    peak_units: float
    held: Callable[[float | None], float]
    most_target: float = math.inf
    most_without_zone_minutes: float = math.inf

    def broken_by(self, result: SettingResult, unit: str) -> Excuse | None:
        """Return what a setting breaks; None for nothing."""
        under, without = result.under_minutes_a_week, result.without_zone_minutes_a_week
        reason = self._broken(result.setting, unit)
        if under > self.most_under_minutes:
            figure = f"{under:,.1f}"
            reason = f"minutes a week under-provisioned, {self.most_under_minutes:g} allowed"
        elif not reason and without > self.most_without_zone_minutes:
            figure, most = f"{without:,.0f}", self.most_without_zone_minutes
            reason = f"minutes a week too busy for the other zones alone, {most:,.0f} allowed"
        else:
            figure = ""
        return Excuse(setting=result.setting, figure=figure, reason=reason) if reason else None

    def _broken(self, setting: ScalingSetting, unit: str) -> str:
        """Return what a setting breaks whatever its replay comes to, in words."""
        if (setting.target_percent or 0.0) > self.most_target:
            return f"it ran short at a target of {self.most_target:g}% already"
        enough = self.peak_units / self.held(setting.target_percent)
        if setting.maximum < enough - 1e-9:
            wanted = math.ceil(enough - 1e-9)
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
    without = replayed.without_zone_minutes[:, kept].sum(axis=1) / known * WEEK_MINUTES
    hours = replayed.unit_hours[:, kept].sum(axis=1) / known * MONTH_MINUTES
    return tuple(
        SettingResult(
            setting=setting,
            under_minutes_a_week=float(minutes),
            without_zone_minutes_a_week=float(lacking),
            unit_hours_a_month=float(used),
            cost_a_month=None if price is None else Decimal(repr(round(float(used) * price, 4))),
        )
        for setting, minutes, lacking, used in zip(settings, under, without, hours, strict=True)
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
        bounds.broken_by(one, unit) or _dearer(one, proposed, unit, currency)
        for one in results
        if one is not proposed
    )


def _dearer(one: SettingResult, proposed: SettingResult, unit: str, currency: str) -> Excuse:
    figure, reason = _difference(one, proposed, unit, currency)
    return Excuse(setting=one.setting, figure=figure, reason=reason)


def _difference(
    one: SettingResult, proposed: SettingResult, unit: str, currency: str
) -> tuple[str, str]:
    more = one.unit_hours_a_month - proposed.unit_hours_a_month
    if abs(more) <= SAME * proposed.unit_hours_a_month:
        return "", "comes to the same, and changes more"
    how = amount_words(abs(more), one, proposed, unit, currency)
    if more < 0:
        if -more > WORTH * proposed.unit_hours_a_month:
            return how, "a month would be saved, but the choice did not hold on days not seen"
        return how, "a month is all that it saves, within the replay's error"
    than = "the same" if one.under_minutes_a_week >= proposed.under_minutes_a_week else "fewer"
    return how, f"more a month for {than} minutes under-provisioned"


def amount_words(
    hours: float, one: SettingResult, other: SettingResult, unit: str, currency: str
) -> str:
    """Return a difference in money, in unit-hours where the price is not known."""
    if one.cost_a_month is None or other.cost_a_month is None:
        return f"{hours:,.0f} {unit.removesuffix('s')}-hours"
    return about(abs(one.cost_a_month - other.cost_a_month), currency)
