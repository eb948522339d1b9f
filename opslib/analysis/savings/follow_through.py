"""What became of earlier advice: open, taken and credited by the bill, declined, or not known.

Taken is what is not recommended any more and costs less since, by the bill. What is merely not
recommended any more saved nothing; what could not be read leaves it not known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from opslib.analysis.savings.advised import AdviceState, Advised, Followed, make_advised
from opslib.analysis.savings.credit import Credit, DailyBill, credit_lines, make_daily_bill
from opslib.analysis.savings.recommendation import Rejection
from opslib.coverage import Coverage, CoverageStatus
from opslib.money import EXACT
from opslib.tables.past_advice import ADVICE_TABLES, PastAdvice
from opslib.tables.savings import Spend
from opslib.wording import day

__all__ = ["Now", "follow_advice"]

TAKEN_SHARE, PART_SHARE = Decimal("0.9"), Decimal("0.1")
"""Shares of what was promised from which on advice is taken, and taken in part: less may be chance
of use."""
SEEN = {
    CoverageStatus.COMPLETE,
    CoverageStatus.UNSETTLED,
    CoverageStatus.EMPTY,
    CoverageStatus.NOT_FOUND,
}
"""How reads end that tell all there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What this report says, that earlier advice is held against.

    Args:
        spend: the bill.
        open: ids of what is recommended.
        declined: ids of what is declined.
        rejections: what is not recommended, by the id that it would have.
        accounts: labels of the accounts that were read; none: the one of the credentials.
        coverage: of all reads.
    """

    spend: Spend
    open: Collection[str]
    declined: Collection[str]
    rejections: Mapping[str, Rejection]
    accounts: Collection[str]
    coverage: Sequence[Coverage]

    def is_blind(self, account: str, region: str) -> bool:
        """Say whether something of a place could not be read."""
        if self.accounts and account not in self.accounts:
            return True
        return any(
            line.status not in SEEN and line.account == account and line.region in {"", region}
            for line in self.coverage
            if line.account and line.table not in ADVICE_TABLES
        )


def follow_advice(past: PastAdvice, now: Now) -> tuple[Followed, ...]:
    """Return what became of all earlier advice, the largest promise first.

    Each line of the bill is credited once, to the recommendation that promised most of those that
    are not recommended any more.

    Args:
        past: from `opslib.aws.savings.past_advice.read_past_advice`.
        now: what this report says.
    """
    advised = make_advised(past)
    if not advised:
        return ()
    bill = make_daily_bill(now.spend, [line for one in advised for line in one.lines])
    claimed: set[tuple[str, str, str]] = set()
    followed = []
    for one in advised:
        became = _follow(one, bill, now, claimed)
        if became.state.is_credited:
            claimed |= {line.key for line in one.lines if line.acted}
        followed.append(became)
    return tuple(followed)


def _follow(
    one: Advised, bill: DailyBill | None, now: Now, claimed: Collection[tuple[str, str, str]]
) -> Followed:
    if one.id in now.open:
        return _became(one, AdviceState.OPEN, "it is still recommended")
    if one.id in now.declined:
        return _became(one, AdviceState.DECLINED, now.rejections[one.id].sentence)
    acted = [line for line in one.lines if line.acted]
    if bill is None or not acted or not all(line.charged for line in acted):
        return _became(
            one, AdviceState.UNKNOWN, "what it acts on was no line of one resource of the bill"
        )
    lines = [replace(line, acted=line.acted and line.key not in claimed) for line in one.lines]
    if not any(line.acted for line in lines):
        return _became(one, AdviceState.LAPSED, "what it saves is credited to other advice")
    credit = credit_lines(lines, bill, one.last.date())
    if credit is None:
        return _became(one, AdviceState.SETTLING, "the bill of a week since is not settled yet")
    return _judge(one, credit, now)


def _judge(one: Advised, credit: Credit, now: Now) -> Followed:
    if not credit.ended and now.is_blind(one.account, one.region):
        why = "its account and region could not be read whole, and it is still charged"
        return _became(one, AdviceState.UNKNOWN, why)
    since = f"by the bill from {day(credit.since)} on"
    if credit.monthly <= 0 or credit.monthly < EXACT.multiply(one.promised, PART_SHARE):
        rejected = now.rejections.get(one.id)
        why = f"; {rejected.reason.value}: {rejected.sentence}" if rejected else ""
        return _became(one, AdviceState.LAPSED, f"it costs what it did, {since}{why}")
    whole = credit.monthly >= EXACT.multiply(one.promised, TAKEN_SHARE)
    fell = "is not charged any more" if credit.ended else "costs less"
    short = "" if whole else ", but not by what was promised"
    return Followed(
        advised=one,
        state=AdviceState.TAKEN if whole else AdviceState.PARTLY,
        sentence=f"it {fell}, {since}{short}",
        realised=credit.monthly,
        so_far=credit.so_far,
    )


def _became(one: Advised, state: AdviceState, sentence: str) -> Followed:
    return Followed(advised=one, state=state, sentence=sentence)
