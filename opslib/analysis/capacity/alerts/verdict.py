"""What history says of an alert: useful, noisy, late, or nothing.

Late is an alert that told fewer than half of the troubles of its limit before they began. Noisy is
one most of whose alarms came without trouble, once a week or more, or that was on for more than a
tenth of the time. Where what is watched has too small a size for its use (`short_of_size`), such
alarms tell of that: the size is what to change, not the alert. What an approximation could turn
round is not said: neither lateness of an alert whose alarms are understated, nor noise of one whose
alarms are overstated, nor use of one with more than a hundredth of the values missing. An alert
without trouble to tell of was never tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from opslib.analysis.capacity.alerts.precision import Certainty
from opslib.parameters.capacity_plans import AlertRule
from opslib.wording import count, percent

__all__ = ["AlertHistory", "AlertVerdict", "judge_alert"]

NOISE_A_WEEK = 1.0
NOISE_SHARE = 0.1
FEWEST_DAYS = 7
MOST_MISSING = 0.01
MINUTES_A_DAY = 1440
UNDERSTATED = (Certainty.AT_LEAST, Certainty.ABOUT)
OVERSTATED = (Certainty.AT_MOST, Certainty.ABOUT)


class AlertVerdict(StrEnum):
    """What history says of a rule on a resource."""

    USEFUL = "useful"
    NOISY = "noisy"
    TOO_SMALL = "size too small"
    LATE = "late"
    NEVER_TESTED = "never tested"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHistory:
    """What a rule would have done on a resource.

    Args:
        rule: its name.
        resource, name: of what it watches; empty where nothing of its kind was read.
        watched: the rule in words.
        limit_share: the threshold as a share of the limit, in percent; None where not known.
        days: days that were seen.
        missing: share of the values that are missing, 0 to 1.
        alarms: how often it would have fired.
        minutes: minutes that it would have been on.
        for_nothing: alarms without trouble.
        troubles: spells of trouble of the limit that it watches.
        missed: those of them that no alarm told of, before or while they lasted.
        leads_minutes: of each trouble that was told of, minutes from the alarm until it began;
            negative where the alarm came after.
        is_short: the resource was so busy that its size is too small, which is no noise.
        remedy: what to change instead of the alert where it is; '' where it is not.
        certainty: what the number of alarms is to the true one.
        verdict: what history says of it.
        why: the verdict's reason, with figures, and what was approximated.
    """

    rule: str
    resource: str = ""
    name: str = ""
    watched: str
    limit_share: float | None = None
    days: float = 0.0
    missing: float = 0.0
    alarms: int = 0
    minutes: float = 0.0
    for_nothing: int = 0
    troubles: int = 0
    missed: int = 0
    leads_minutes: tuple[float, ...] = ()
    is_short: bool = False
    remedy: str = ""
    certainty: Certainty = Certainty.EXACT
    verdict: AlertVerdict
    why: str


def judge_alert(seen: AlertHistory, rule: AlertRule) -> tuple[AlertVerdict, str]:
    """Return the verdict on an alert whose figures are known, and why."""
    ahead = sum(lead > 0 for lead in seen.leads_minutes)
    never = _never_reached(seen, rule)
    if 2 * ahead < seen.troubles:
        told = f"{ahead} of {count(seen.troubles, 'trouble')} told ahead, {seen.missed} not at all"
        if seen.certainty in UNDERSTATED and not never:
            return AlertVerdict.UNKNOWN, f"{told}, as far as can be seen"
        return AlertVerdict.LATE, f"{told}; {never}" if never else told
    noise = _noise(seen)
    if noise:
        is_sure = seen.certainty not in OVERSTATED
        told = noise if is_sure else f"{noise}, at most"
        return AlertVerdict.NOISY if is_sure else AlertVerdict.UNKNOWN, told
    if seen.is_short and seen.alarms and not seen.troubles:
        return AlertVerdict.TOO_SMALL, _told_of_size(seen)
    if seen.missing > MOST_MISSING:
        return AlertVerdict.UNKNOWN, f"{percent(seen.missing)} of the values are missing"
    return _tested(seen, ahead, never)


def _tested(seen: AlertHistory, ahead: int, never: str) -> tuple[AlertVerdict, str]:
    if not seen.troubles:
        calm = f"no trouble in {seen.days:.0f} days"
        return AlertVerdict.NEVER_TESTED, f"{calm}; {never}" if never else calm
    lead = sorted(seen.leads_minutes)[len(seen.leads_minutes) // 2]
    told = f"{ahead} of {count(seen.troubles, 'trouble')} told ahead"
    return AlertVerdict.USEFUL, f"{told}, by {lead:.0f} min in the middle"


def _told_of_size(seen: AlertHistory) -> str:
    on = percent(seen.minutes / (seen.days * MINUTES_A_DAY))
    return (
        f"{seen.remedy}, and leave the alert: its size is too small, which is what the "
        f"{count(seen.alarms, 'alarm')} in {seen.days:.0f} days told, on for {on} of the time"
    )


def _never_reached(seen: AlertHistory, rule: AlertRule) -> str:
    """Return why the alarm cannot fire before its limit is reached; empty where it can."""
    share = seen.limit_share if rule.is_count else rule.above
    if share is None or share < 100:  # noqa: PLR2004  the whole limit
        return ""
    return f"the threshold is {share:.0f}% of the limit, so it cannot fire before it is reached"


def _noise(seen: AlertHistory) -> str:
    """Return how much the alarm told for nothing; empty where that is bearable."""
    if seen.days < FEWEST_DAYS or not seen.for_nothing or seen.is_short:
        return ""
    weekly = seen.for_nothing * FEWEST_DAYS / seen.days
    often = weekly >= NOISE_A_WEEK and 2 * seen.for_nothing > seen.alarms
    standing = seen.minutes / (seen.days * MINUTES_A_DAY) > NOISE_SHARE
    if not often and not standing:
        return ""
    on = percent(seen.minutes / (seen.days * MINUTES_A_DAY))
    share = f"; the threshold is {seen.limit_share:.0f}% of the limit" if seen.limit_share else ""
    return (
        f"{seen.for_nothing} of {count(seen.alarms, 'alarm')} in {seen.days:.0f} days without "
        f"trouble, on for {on} of the time{share}"
    )
