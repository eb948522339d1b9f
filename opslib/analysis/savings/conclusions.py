"""The answers of the savings report."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from opslib.analysis.savings.counting import Counted
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Verdict
from opslib.money import total
from opslib.wording import count, money

__all__ = ["conclude_sizes", "conclude_waste", "shorten_reasons"]

MOST_REASONS = 5
WASTE = "Is anything paid for that serves nobody?"
SIZES = "Is anything larger than its use needs?"


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
    said = (
        f"{count(len(counted), 'resource')} can go or be stored cheaper, which saves "
        f"{money(saving, currency)} a month."
    )
    return _answer(WASTE, said if counted else "", _because(unjudged, coverage))


def conclude_sizes(
    counted: Sequence[Counted], unjudged: int, currency: str, coverage: Sequence[Coverage]
) -> Conclusion:
    """Return whether anything is larger than its use needs; as `conclude_waste`.

    Args:
        counted: what is recommended to be made smaller.
        unjudged: how many sizes nobody can tell of.
        currency: of the amounts.
        coverage: of all reads that it rests on.
    """
    saving: Decimal = total(one.saving for one in counted)
    said = (
        f"{count(len(counted), 'size')} can be smaller, which saves "
        f"{money(saving, currency)} a month."
    )
    return _answer(SIZES, said if counted else "", _because(unjudged, coverage))


def _because(unjudged: int, coverage: Sequence[Coverage]) -> tuple[str, ...]:
    because = tuple(f"{line.named}: {line.status.words}" for line in gaps(coverage))
    if unjudged:
        because = (*because, f"{count(unjudged, 'resource')} whose use or cost is not known")
    return shorten_reasons(because)


def _answer(question: str, found: str, because: tuple[str, ...]) -> Conclusion:
    if found:
        return Conclusion(question=question, verdict=Verdict.FAIL, sentence=found, because=because)
    if because:
        said = "Nothing was found in what could be seen."
        return Conclusion(
            question=question, verdict=Verdict.INCONCLUSIVE, sentence=said, because=because
        )
    return Conclusion(question=question, verdict=Verdict.PASS, sentence="Nothing was found.")


def shorten_reasons(because: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first reasons, and how many more there are."""
    if len(because) <= MOST_REASONS:
        return because
    return (*because[: MOST_REASONS - 1], f"and {len(because) - MOST_REASONS + 1} more")
