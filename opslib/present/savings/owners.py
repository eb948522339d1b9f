"""Who could save what: recommendations by owner."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.analysis.savings.counting import Counted
from opslib.analysis.savings.report import SavingsReport
from opslib.money import total
from opslib.parameters.owners import NOBODY
from opslib.present.html import Column, Html, table
from opslib.wording import money, printable

__all__ = ["owner_of", "tabulate_owners"]


def owner_of(report: SavingsReport, counted: Counted) -> str:
    """Return who answers for a recommendation, in words."""
    return report.advice.owners.of(counted.recommendation.thing) or NOBODY


def tabulate_owners(report: SavingsReport, shown: Sequence[Counted] | None = None) -> Html:
    """Return what each owner could save, the most first, with a total that ties out.

    Args:
        report: the analysis.
        shown: the recommendations to add up; None for all.
    """
    held: dict[str, list[Counted]] = {}
    for one in report.counted if shown is None else shown:
        held.setdefault(owner_of(report, one), []).append(one)
    sums = {owner: total(one.saving for one in ones) for owner, ones in held.items()}
    ranked = sorted(held, key=lambda owner: (-sums[owner], owner))
    return table(
        (Column("Owner"), Column("Recommendations", "figure"), Column("Counted", "figure")),
        [
            (printable(owner), f"{len(held[owner]):,}", money(sums[owner], report.currency))
            for owner in ranked
        ],
        caption="Who could save it, a month of 30 days",
        total=(
            "Total",
            f"{sum(map(len, held.values())):,}",
            money(total(sums.values()), report.currency),
        ),
        note=f"{NOBODY}: what no rule of the owner map names, or two alike.",
    )
