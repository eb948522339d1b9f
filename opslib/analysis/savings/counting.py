"""Savings counted once: each line of the bill is saved by one recommendation alone.

Two recommendations that act on one line exclude each other: what is deleted is not made smaller
too. The line goes to the one that saves more in all, so that the sum of what is counted never
exceeds the spend that is acted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from opslib.analysis.savings.recommendation import Recommendation
from opslib.money import ZERO, total

__all__ = ["Counted", "count_once"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A recommendation, and what of it adds to the others.

    Args:
        recommendation: as it stands by itself.
        saving: what counts in sums, from zero to its own saving.
        elsewhere: ids of the recommendations that its other lines are counted with.
    """

    recommendation: Recommendation
    saving: Decimal
    elsewhere: tuple[str, ...] = ()


def count_once(recommendations: Sequence[Recommendation]) -> tuple[Counted, ...]:
    """Return every recommendation with what counts of it, the largest saving first."""
    taken: dict[tuple[str, str, str], str] = {}
    counted = []
    for one in sorted(recommendations, key=lambda one: (-one.saving, one.id)):
        free = [line for line in one.lines if line.key not in taken]
        others = {taken[line.key]: None for line in one.lines if line.key in taken}
        taken |= {line.key: one.id for line in free}
        saving = total(line.saving for line in free) if free else ZERO
        counted.append(Counted(recommendation=one, saving=saving, elsewhere=tuple(others)))
    return tuple(counted)
