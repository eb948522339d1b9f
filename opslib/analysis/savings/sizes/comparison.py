"""What AWS's own services say of the same sizes, and why they say something else.

Each why follows from facts: what a service tells of itself (its look-back, whether it sees memory,
what commitments cover) and what we measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.savings.options import Judging
from opslib.analysis.savings.sizes.disagreement import Advice, explain, is_recommended
from opslib.analysis.savings.sizes.judging import Sized
from opslib.coverage import Coverage, gaps
from opslib.tables.savings_sizes import COMPUTE_OPTIMIZER, COST_EXPLORER, HUB, SizeTables

__all__ = ["Comparison", "SourceView", "compare_sizes"]

SOURCES = {
    "instance": (COMPUTE_OPTIMIZER, COST_EXPLORER, HUB),
    "database": (COMPUTE_OPTIMIZER, HUB),
}
"""Cost Explorer speaks of EC2 instances alone."""
REGIONAL = COMPUTE_OPTIMIZER
"""It is asked in every account and region, of instances and of databases apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """What one service says of one size.

    Args:
        source: the service.
        proposed: the size it proposes; empty for none.
        saving: a month, as it says; None where it does not.
        currency: of ``saving``.
        agrees: with us on the size, or that there is none; None where it could not be asked.
        why: it says something else; empty where it says the same.
    """

    source: str
    proposed: str
    saving: Decimal | None
    currency: str
    agrees: bool | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One instance or database as we and as AWS see it."""

    sized: Sized
    views: tuple[SourceView, ...]

    @property
    def saving(self) -> Decimal:
        """Return the largest saving that anybody sees, a month."""
        own = self.sized.option.saving
        return max([one for one in (own, *(v.saving for v in self.views)) if one] or [Decimal(0)])


def compare_sizes(
    sized: Sequence[Sized], tables: SizeTables, judging: Judging, coverage: Sequence[Coverage]
) -> tuple[Comparison, ...]:
    """Return every size that we or a service of AWS would change, the largest saving first.

    Args:
        sized: what we say.
        tables: what AWS says.
        judging: what is known.
        coverage: of all reads: a service that could not be asked says nothing.
    """
    if not judging.parameters.aws_advice:
        return ()
    advice = _advice(tables.advice)
    made = [
        Comparison(sized=one, views=tuple(_views(one, advice, tables.types, judging, coverage)))
        for one in sized
    ]
    told = [
        one
        for one in made
        if is_recommended(one.sized, judging) or any(view.proposed for view in one.views)
    ]
    return tuple(sorted(told, key=lambda one: (-one.saving, one.sized.thing.id)))


def _advice(told: pd.DataFrame) -> Mapping[tuple[str, str], Advice]:
    """Return what each service says of each resource.

    Cost Optimization Hub passes on what Compute Optimizer found, without saying from what.
    """
    found = {(row["Source"], row["ResourceId"]): _one(row) for row in told.to_dict("records")}
    for (source, resource), one in found.items():
        origin = found.get((COMPUTE_OPTIMIZER, resource))
        if source == HUB and origin is not None:
            found[source, resource] = one.completed(origin)
    return found


def _one(row: Mapping[Any, Any]) -> Advice:
    def number(name: str) -> Any:
        return None if pd.isna(row[name]) else row[name]

    return Advice(
        finding=row["Finding"],
        proposed=row["Proposed"],
        saving=number("MonthlySaving"),
        currency=row["Currency"],
        look_back_days=number("LookBackDays"),
        sees_memory=row["SeesMemory"],
        covered_share=number("CoveredShare"),
    )


def _views(
    sized: Sized,
    advice: Mapping[tuple[str, str], Advice],
    types: pd.DataFrame,
    judging: Judging,
    coverage: Sequence[Coverage],
) -> Iterator[SourceView]:
    ours = sized.proposed if is_recommended(sized, judging) else ""
    for source in SOURCES[sized.thing.kind]:
        told = advice.get((source, sized.thing.id))
        unread = "" if told else _unread(source, sized, coverage)
        one = told or Advice()
        yield SourceView(
            source=source,
            proposed=one.proposed,
            saving=one.saving if one.proposed else None,
            currency=one.currency,
            agrees=None if unread else one.proposed == ours and not one.is_end,
            why=unread or explain(sized, told, types, judging),
        )


def _unread(source: str, sized: Sized, coverage: Sequence[Coverage]) -> str:
    """Return why a service said nothing of where a resource lies; empty where it could."""
    what = "RDS" if sized.thing.kind == "database" else "EC2"
    place = (sized.thing.account, sized.thing.region)
    for line in gaps(coverage, source):
        is_here = (line.account, line.region) == place and what in line.asked
        if source != REGIONAL or is_here:
            return line.detail or line.status.words
    return ""
