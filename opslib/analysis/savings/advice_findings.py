"""What the report says of earlier advice: findings, figures, and whether it was worth it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from opslib.analysis.savings.advised import AdviceState, Followed
from opslib.analysis.savings.follow_through import TAKEN_SHARE
from opslib.coverage import Coverage, gaps
from opslib.estimate import Estimate
from opslib.findings import Conclusion, Finding, Headline, Severity, Verdict
from opslib.money import EXACT, total
from opslib.tables.past_advice import ADVICE_TABLES
from opslib.wording import count, money, printable

__all__ = ["Worth", "conclude_advice", "describe_taken", "headline_advice", "weigh_advice"]

ADVICE = "Was last month's advice worth it?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What advice that was taken saves a month, against what it promised.

    Args:
        taken: how many recommendations.
        realised: by the bill.
        promised: by the last report with each.
    """

    taken: int
    realised: Decimal
    promised: Decimal


def weigh_advice(followed: Sequence[Followed]) -> Worth:
    """Return what the advice that was taken saves."""
    taken = [one for one in followed if one.state.is_credited]
    return Worth(
        taken=len(taken),
        realised=total(one.realised for one in taken),
        promised=total(one.advised.promised for one in taken),
    )


def describe_taken(followed: Sequence[Followed], currency: str) -> Iterator[Finding]:
    """Yield one finding for each recommendation that was taken, in whole or in part."""
    for one in followed:
        if one.realised is not None:
            yield _finding(one, one.realised, currency)


def _finding(one: Followed, realised: Decimal, currency: str) -> Finding:
    advised, whole = one.advised, one.state is AdviceState.TAKEN
    kind = advised.kind.replace("_", " ")
    return Finding(
        kind="savings.advice_taken" if whole else "savings.advice_taken_in_part",
        subject={
            "ResourceId": advised.resource,
            "SubAccountId": advised.account_id,
            "RegionId": advised.region,
            "RecommendationId": advised.id,
        },
        severity=Severity.INFO if whole else Severity.LOW,
        sentence=f"{printable(advised.name)} ({printable(advised.account)}, {advised.region}), "
        f"advised as {kind}: {one.sentence}; that saves {money(realised, currency)} a month, of "
        f"{money(advised.promised, currency)} promised.",
        action="Nothing is left to do." if whole else "See what is still charged for it, and why.",
        owner=advised.owner,
        amount=Estimate.exact(realised),
        currency=currency,
        evidence=("follow_through",),
    )


def headline_advice(followed: Sequence[Followed], currency: str) -> tuple[Headline, Headline]:
    """Return what is saved a month by advice that was taken, and what that promised."""
    worth = weigh_advice(followed)
    known = bool(followed)
    return (
        Headline(
            name="realised_saving",
            label="Saved a month by earlier advice",
            amount=worth.realised if known else None,
            unit=currency,
        ),
        Headline(
            name="promised_saving",
            label="Promised by the advice that was taken",
            amount=worth.promised if known else None,
            unit=currency,
        ),
    )


def conclude_advice(
    followed: Sequence[Followed], as_of: datetime, currency: str, coverage: Sequence[Coverage]
) -> Conclusion:
    """Return whether earlier advice was worth it.

    It fails where what was taken saves clearly less than it promised, whatever else is not known;
    it passes where that saves what it promised and everything could be judged.

    Args:
        followed: what became of earlier advice.
        as_of: the moment that the report speaks of.
        currency: of the amounts.
        coverage: of all reads.
    """
    worth = weigh_advice(followed)
    because = _doubts(followed, coverage)
    if not followed:
        said = "No report of an earlier moment recommends anything that could be followed."
        because = because or ("nothing was recommended before",)
        verdict = Verdict.INCONCLUSIVE
    elif not worth.taken:
        oldest = max(one.advised.age_days(as_of) for one in followed)
        said = (
            f"Of {count(len(followed), 'earlier recommendation')} none is known to be taken; the "
            f"oldest is {count(oldest, 'day')} old."
        )
        because = because or ("nothing was taken so far",)
        verdict = Verdict.INCONCLUSIVE
    else:
        said = (
            f"{worth.taken} of {count(len(followed), 'earlier recommendation')} taken: that saves "
            f"{money(worth.realised, currency)} a month, of {money(worth.promised, currency)} "
            "promised."
        )
        verdict = _verdict(worth, because)
    return Conclusion(question=ADVICE, verdict=verdict, sentence=said, because=because)


def _verdict(worth: Worth, because: tuple[str, ...]) -> Verdict:
    if worth.realised < EXACT.multiply(worth.promised, TAKEN_SHARE):
        return Verdict.FAIL
    return Verdict.INCONCLUSIVE if because else Verdict.PASS


def _doubts(followed: Sequence[Followed], coverage: Sequence[Coverage]) -> tuple[str, ...]:
    missing = gaps(coverage, ADVICE_TABLES[0])
    lines = [f"{line.table}: {line.detail or line.status.words}" for line in missing]
    for state in (AdviceState.SETTLING, AdviceState.UNKNOWN):
        held = sum(one.state is state for one in followed)
        if held:
            lines.append(f"{count(held, 'recommendation')} {state.value}")
    return tuple(lines)
