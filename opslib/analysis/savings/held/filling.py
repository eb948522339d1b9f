"""Whether the Savings Plans that are held are filled, before another one is bought beside them.

Compute Savings Plans apply to all that any Savings Plan applies to: while one is used too little,
usage goes to it first (Savings Plans User Guide, "Understanding how Savings Plans apply to your
usage").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opslib.analysis.savings.held.commitments import Commitment
from opslib.analysis.savings.held.findings import COMPUTE, is_underused, name_commitment
from opslib.coverage import Coverage, gaps
from opslib.parameters.savings import SavingsParameters
from opslib.tables.held_commitments import PLANS_TABLE, TOTALS_TABLE
from opslib.wording import count

__all__ = ["ALL_FILLED", "Filling", "judge_filling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What keeps from buying a Savings Plan beside those that are held.

    Args:
        unfilled: names of Compute Savings Plans that are paid for and used too little.
        untold: why it is not known whether there are such; empty where it is.
    """

    unfilled: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


ALL_FILLED = Filling()


def judge_filling(
    commitments: Sequence[Commitment], parameters: SavingsParameters, coverage: Sequence[Coverage]
) -> Filling:
    """Return which Compute Savings Plans are not filled, and why that is not known of all.

    Args:
        commitments: all.
        parameters: tell the share that should be used, and the smallest amount worth telling.
        coverage: of all reads.
    """
    plans = [one for one in commitments if one.kind == "savings_plan"]
    underused = [one for one in plans if is_underused(one, parameters)]
    unknown = sum(one.is_unknown and one.service in {COMPUTE, ""} for one in plans)
    unlisted = sum(not one.is_listed for one in underused)
    asked = {line.table for line in coverage}
    return Filling(
        unfilled=tuple(name_commitment(one) for one in underused if one.service == COMPUTE),
        untold=(
            *(f"{table}: not asked" for table in (PLANS_TABLE, TOTALS_TABLE) if table not in asked),
            *dict.fromkeys(
                f"{line.named}: {line.status.words}"
                for line in gaps(coverage, PLANS_TABLE, TOTALS_TABLE)
            ),
            *([f"use of {count(unknown, 'Savings Plan')} is not told"] if unknown else []),
            *([f"type of {count(unlisted, 'Savings Plan')} is not told"] if unlisted else []),
        ),
    )
