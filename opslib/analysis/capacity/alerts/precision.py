"""How closely a rule can be replayed on the values that were kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from opslib.parameters.capacity_plans import AlertRule

__all__ = ["Certainty", "Precision", "judge_precision"]


class Certainty(StrEnum):
    """What the replay's count of alarms is to the true one."""

    EXACT = "exact"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    ABOUT = "about"


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How a rule is replayed.

    Args:
        width: kept values that make one of its periods.
        needed: periods in a row, on the step of the replay.
        certainty: what the count of alarms is to the true one.
        why: what was approximated; empty where nothing was.
    """

    width: int
    needed: int
    certainty: Certainty
    why: str


def judge_precision(rule: AlertRule, statistic: str, step_seconds: int) -> Precision:
    """Return how ``rule`` is replayed on values of one statistic every ``step_seconds``.

    An average hides peaks and so understates a rule on the maximum, and a rule on shorter periods;
    a maximum, or a high percentile, overstates a rule on the average. A maximum of five minutes is
    above where one of its minutes was, and tells a rule on one such minute exactly.
    """
    certain: set[Certainty] = set()
    told = []
    if statistic != rule.statistic:
        understated = rule.statistic == "Maximum"
        certain.add(Certainty.AT_LEAST if understated else Certainty.AT_MOST)
        word = "understates" if understated else "overstates"
        told.append(f"{statistic} {word} the rule's {rule.statistic}")
    finer = rule.period_seconds < step_seconds
    if finer and not (statistic == "Maximum" and rule.periods == 1):
        certain.add(Certainty.ABOUT if statistic == "Maximum" else Certainty.AT_LEAST)
        told.append(f"values every {step_seconds} s cannot tell periods of {rule.period_seconds} s")
    width = max(1, math.ceil(rule.period_seconds / step_seconds))
    if not finer and rule.period_seconds % step_seconds:
        certain.add(Certainty.ABOUT)
        told.append(f"periods are taken as {width * step_seconds} s")
    spanned = rule.periods * rule.period_seconds / step_seconds
    return Precision(
        width=width,
        needed=max(1, math.ceil(spanned)) if finer else rule.periods,
        certainty=_together(certain),
        why="; ".join(told),
    )


def _together(certain: set[Certainty]) -> Certainty:
    if not certain:
        return Certainty.EXACT
    return certain.pop() if len(certain) == 1 else Certainty.ABOUT
