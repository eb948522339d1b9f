"""A proposal of scaling settings, and its reason in words."""

from __future__ import annotations

from dataclasses import dataclass

from opslib.analysis.capacity.scaling.choice import (
    SAME,
    WORTH,
    Excuse,
    SettingResult,
    amount_words,
)
from opslib.analysis.capacity.scaling.rules import ScalingSetting
from opslib.findings import Verdict

__all__ = ["HeldOut", "ScalingProposal", "reason_words", "setting_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What a choice made on every other week came to on the weeks between.

    Of the two ways to part the weeks it is the one that came to more minutes.

    Args:
        setting: that the one half of the weeks would have proposed.
        chosen_days, held_days: with a recorded load in that half, and in the other.
        under_minutes_a_week: of the other half.
        keeps: whether that is allowed.
    """

    setting: ScalingSetting
    chosen_days: int
    held_days: int
    under_minutes_a_week: float
    keeps: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingProposal:
    """What to set for one dimension of a resource.

    Args:
        resource, name, service, account, region: as in `CAPACITY_RESOURCES`.
        dimension: as in `SCALING_TARGETS`.
        unit: tasks, ACUs, ...
        tracked: cpu or memory; '' where the dimension has one metric, or another is tracked.
        in_force: what is set.
        is_supposed: what is set is not told by AWS: bounds as recorded, and the planned target.
        proposed: what to set; None where nothing was replayed.
        results: of every setting tried, that in force first.
        excuses: why each other setting is not proposed.
        reason: for the proposal, with figures; or what is missing.
        broken_now: what the settings in force break, in words; '' for nothing.
        keeps: the proposal keeps what it has to.
        breaks: what it does not, in words; '' for nothing.
        held_out: the check on days not seen; None where there are too few.
        days: of history that were replayed.
        full_percent: utilisation above which capacity counts as too little.
        allowed_minutes_a_week: that a proposal may be under-provisioned.
        recorded_unit_hours_a_month: that ran; None where it is not recorded.
        unknown_minutes: in which more was wanted than the history tells.
        filled_minutes: in which the requests told what was wanted.
        zone_doubt: why losing a zone was not weighed, in words; '' where it was, or has not to be.
        currency: ISO 4217 code of costs.
        price_missing: why there is no cost; '' where there is.
    """

    resource: str
    name: str
    service: str
    account: str
    region: str
    dimension: str
    unit: str
    tracked: str
    in_force: ScalingSetting
    proposed: SettingResult | None = None
    is_supposed: bool = False
    results: tuple[SettingResult, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    reason: str
    broken_now: str = ""
    keeps: bool = False
    breaks: str = ""
    held_out: HeldOut | None = None
    days: int = 0
    full_percent: float = 0.0
    allowed_minutes_a_week: float = 0.0
    recorded_unit_hours_a_month: float | None = None
    unknown_minutes: float = 0.0
    filled_minutes: float = 0.0
    zone_doubt: str = ""
    currency: str = ""
    price_missing: str = ""

    @property
    def now(self) -> SettingResult | None:
        """Return what the settings in force come to; None where nothing was replayed."""
        return self.results[0] if self.results else None

    @property
    def verdict(self) -> Verdict:
        """Say whether the settings in force keep what they have to."""
        if self.now is None or self.is_supposed:
            return Verdict.INCONCLUSIVE
        if self.broken_now:
            return Verdict.FAIL
        if self.unknown_minutes:
            return Verdict.INCONCLUSIVE
        return Verdict.PASS

    @property
    def changes(self) -> bool:
        """Say whether something else than what is in force is proposed."""
        return self.proposed is not None and self.proposed.setting != self.in_force


def setting_words(setting: ScalingSetting, unit: str) -> str:
    """Return a setting in words."""
    at = "" if setting.target_percent is None else f" at {setting.target_percent:g}%"
    return f"{setting.minimum:g} to {setting.maximum:g} {unit}{at}"


def reason_words(proposal: ScalingProposal) -> str:
    """Return the reason for a proposal that was replayed, with the figures."""
    now, proposed = proposal.results[0], proposal.proposed
    assert proposed is not None
    setting = setting_words(proposed.setting, proposal.unit)
    minutes = f"{proposed.under_minutes_a_week:,.1f} minutes a week under-provisioned"
    allowed = f"{proposal.allowed_minutes_a_week:g} allowed"
    if not proposal.keeps:
        told = (
            f"No setting tried keeps what it has to; closest comes {setting}: {minutes}, {allowed}"
        )
        if proposed.under_minutes_a_week <= proposal.allowed_minutes_a_week:
            told += f"; {proposal.breaks}"
    elif not proposal.changes:
        told = f"Keep {setting}: {minutes}, {allowed}"
        if proposal.held_out is None or proposal.held_out.keeps:
            told += f"; nothing else saves {WORTH:.0%}"
    else:
        before = f"{now.under_minutes_a_week:,.1f} now, {allowed}"
        told = f"Set {setting}: {minutes} ({before}), {_difference(proposal, now, proposed)}"
        if proposal.broken_now and now.under_minutes_a_week <= proposal.allowed_minutes_a_week:
            told += f"; in force: {proposal.broken_now}"
    return told + _doubts(proposal) + "."


def _difference(proposal: ScalingProposal, now: SettingResult, proposed: SettingResult) -> str:
    more = proposed.unit_hours_a_month - now.unit_hours_a_month
    if abs(more) <= SAME * now.unit_hours_a_month:
        return "for about the same cost"
    how = amount_words(abs(more), proposed, now, proposal.unit, proposal.currency)
    return f"{how} a month {'more' if more > 0 else 'less'}"


def _doubts(proposal: ScalingProposal) -> str:
    told = ""
    if proposal.is_supposed:
        now = setting_words(proposal.in_force, proposal.unit)
        told += f"; AWS does not tell what is in force: compared with {now}, as recorded"
    if proposal.unknown_minutes:
        told += (
            f"; in {proposal.unknown_minutes:,.0f} minutes more was wanted than was recorded, so "
            "that minutes and cost are the least there were"
        )
    if proposal.zone_doubt:
        told += f"; {proposal.zone_doubt}"
    held = proposal.held_out
    if held is not None and not held.keeps:
        setting = setting_words(held.setting, proposal.unit)
        told += (
            f"; {setting}, chosen on every other week alone, would have had "
            f"{held.under_minutes_a_week:,.1f} minutes a week in the weeks between"
        )
    return told
