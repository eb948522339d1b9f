"""One finding a recommendation."""

from __future__ import annotations

from decimal import Decimal

from opslib.analysis.savings.commitments.judging import KIND as COMMITMENT
from opslib.analysis.savings.counting import Counted
from opslib.analysis.savings.owners import Owners
from opslib.analysis.savings.recommendation import Basis, Recommendation
from opslib.estimate import Estimate
from opslib.findings import Finding, Severity
from opslib.wording import money, printable

__all__ = ["describe_recommendation", "severity_of_share"]

LARGE, MEDIUM = Decimal("0.02"), Decimal("0.005")
"""Shares of a month's spend from which a saving is of high and of medium severity."""


def describe_recommendation(
    counted: Counted, spend: Decimal, currency: str, owners: Owners
) -> Finding:
    """Return the finding of a recommendation.

    Args:
        counted: the recommendation.
        spend: of a month, all in all.
        currency: of every amount.
        owners: who answers for what.
    """
    one = counted.recommendation
    place = ", ".join(part for part in (printable(one.thing.account), one.thing.region) if part)
    sentence = (
        f"{printable(one.thing.name)} ({place}): {one.sentence}; {_cost_and_saving(one, currency)}."
    )
    return Finding(
        kind=f"savings.{one.kind}",
        subject={
            "ResourceId": one.thing.id,
            "SubAccountId": one.thing.account_id,
            "RegionId": one.thing.region,
        },
        severity=severity_of_share(counted.saving, spend),
        sentence=sentence,
        action=one.action,
        owner=owners.of(one.thing),
        amount=Estimate.exact(one.saving),
        currency=currency,
        evidence=one.evidence,
    )


def _cost_and_saving(one: Recommendation, currency: str) -> str:
    about = " about" if one.basis is Basis.ESTIMATE else ""
    what, how = ("its usage", " on demand") if one.kind == COMMITMENT else ("it", "")
    cost, saving = money(one.cost, currency), money(one.saving, currency)
    part = "all of which" if one.saving == one.cost else f"of which {saving}"
    return f"{what} costs{about} {cost} a month{how}, {part} can be saved"


def severity_of_share(saving: Decimal, spend: Decimal) -> Severity:
    """Return the severity of an amount by its share of a month's spend."""
    if spend <= 0 or saving >= spend * LARGE:
        return Severity.HIGH
    return Severity.MEDIUM if saving >= spend * MEDIUM else Severity.LOW
