"""The answers of the savings report."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from opslib.analysis.savings.counting import Counted
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Verdict
from opslib.money import total
from opslib.wording import count, money

__all__ = ["conclude_waste"]

MOST_REASONS = 5
WASTE = "Is anything paid for that serves nobody?"


def conclude_waste(
    counted: Sequence[Counted], unjudged: int, currency: str, coverage: Sequence[Coverage]
) -> Conclusion:
    """Return whether anything is paid for that serves nobody.

    What is found fails whatever else could not be seen; nothing found passes only where all was.

    Args:
        counted: what is recommended against waste.
        unjudged: how many resources nobody can tell of.
        currency: of the amounts.
        coverage: of all reads that it rests on.
    """
    saving: Decimal = total(one.saving for one in counted)
    missing = gaps(coverage)
    because = tuple(f"{line.named}: {line.status.words}" for line in missing)
    if unjudged:
        because = (*because, f"{count(unjudged, 'resource')} without what tells of its use or cost")
    because = _shortened(because)
    if counted:
        found = count(len(counted), "resource")
        said = (
            f"{found} can go or be stored cheaper, which saves {money(saving, currency)} a month."
        )
        return Conclusion(question=WASTE, verdict=Verdict.FAIL, sentence=said, because=because)
    if because:
        said = "Nothing was found in what could be seen."
        return Conclusion(
            question=WASTE, verdict=Verdict.INCONCLUSIVE, sentence=said, because=because
        )
    return Conclusion(question=WASTE, verdict=Verdict.PASS, sentence="Nothing was found.")


def _shortened(because: tuple[str, ...]) -> tuple[str, ...]:
    if len(because) <= MOST_REASONS:
        return because
    return (*because[: MOST_REASONS - 1], f"and {len(because) - MOST_REASONS + 1} more")
