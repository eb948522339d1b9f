"""Earlier advice held against this report and its bill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.savings.advice_findings import (
    conclude_advice,
    describe_taken,
    headline_advice,
    weigh_advice,
)
from opslib.analysis.savings.advised import AdviceState, Followed
from opslib.analysis.savings.follow_through import Now, follow_advice
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Severity, Verdict
from opslib.tables.past_advice import ADVICE_TABLES, PAST_ADVICE, PAST_LINES, PastAdvice
from opslib.tables.schema import check_table
from tests.analysis.savings.estates import ACCOUNT, AS_OF, DAYS, REGION, Charged, spend_of, thing
from tests.analysis.savings.test_credit import OTHER

LAST = datetime(2026, 2, 1, 6, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, 6, tzinfo=UTC)


def advice(name: str, saving: str, *lines: tuple[str, str], **facts: Any) -> PastAdvice:
    """Return advice on one volume; lines are of meter and cost."""
    row = {
        "Id": f"id-{name}",
        "Kind": "unattached_volume",
        "ResourceId": "v",
        "Name": f"<{name}>",
        "SubAccountId": ACCOUNT,
        "Account": "lab",
        "RegionId": REGION,
        "Owner": "ada",
        "Basis": "bill",
        "Cost": Decimal(60),
        "Saving": Decimal(saving),
        "FirstAsOf": FIRST,
        "LastAsOf": LAST,
    }
    told = [(row["Id"], ACCOUNT, "v", meter, Decimal(cost), True, True) for meter, cost in lines]
    charged = pd.DataFrame(told, columns=list(PAST_LINES.columns)).assign(**facts)
    return PastAdvice(
        advice=check_table(pd.DataFrame([row]), PAST_ADVICE, "advice"),
        lines=check_table(charged, PAST_LINES, "lines"),
    )


def both(one: PastAdvice, other: PastAdvice) -> PastAdvice:
    return PastAdvice(
        advice=pd.concat([one.advice, other.advice], ignore_index=True),
        lines=pd.concat([one.lines, other.lines], ignore_index=True),
    )


def now(*charged: Charged, **facts: Any) -> Now:
    made: dict[str, Any] = {
        "spend": spend_of([OTHER, *charged]),
        "open": (),
        "declined": (),
        "rejections": {},
        "accounts": ("lab",),
        "coverage": (),
    }
    return Now(**{**made, **facts})


def one(past: PastAdvice, standing: Now) -> Followed:
    (followed,) = follow_advice(past, standing)
    return followed


WHOLE = advice("a", "60", ("gp3", "60"))
STILL: Charged = ("v", "gp3", "1", "2", DAYS)
DENIED = Coverage(
    table="volumes", asked="all", status=CoverageStatus.DENIED, account="lab", region=REGION
)


def test_what_is_recommended_still_is_open() -> None:
    became = one(WHOLE, now(open={"id-a"}))
    assert (became.state, became.realised) == (AdviceState.OPEN, None)
    assert became.advised.age_days(AS_OF) == 60


def test_what_is_gone_from_the_bill_is_taken() -> None:
    became = one(WHOLE, now(("v", "gp3", "1", "2", DAYS[:8])))
    assert (became.state, became.realised) == (AdviceState.TAKEN, Decimal(60))
    (finding,) = describe_taken([became], "USD")
    assert (finding.kind, finding.owner) == ("savings.advice_taken", "ada")
    assert finding.amount is not None
    assert finding.amount.mid == 60
    assert finding.severity is Severity.INFO


def test_what_fell_by_less_is_taken_in_part() -> None:
    became = one(WHOLE, now(("v", "gp3", "1", "1", DAYS)))
    assert (became.state, became.realised) == (AdviceState.PARTLY, Decimal(30))
    (finding,) = describe_taken([became], "USD")
    assert finding.kind == "savings.advice_taken_in_part"
    assert "saves $30.00 a month, of $60.00 promised" in finding.sentence


def test_what_costs_what_it_did_is_not_credited() -> None:
    rejected = Rejection(
        kind="unattached_volume",
        thing=thing("volume", "v"),
        reason=Reason.IN_USE,
        sentence="it is attached",
    )
    became = one(WHOLE, now(STILL, rejections={"id-a": rejected}))
    assert (became.state, became.realised) == (AdviceState.LAPSED, None)
    assert "in use: it is attached" in became.sentence
    assert list(describe_taken([became], "USD")) == []


def test_a_little_less_may_be_chance() -> None:
    assert one(WHOLE, now(("v", "gp3", "1", "1.9", DAYS))).state is AdviceState.LAPSED


def test_what_could_not_be_read_and_is_charged_is_not_known() -> None:
    assert one(WHOLE, now(STILL, coverage=(DENIED,))).state is AdviceState.UNKNOWN
    assert one(WHOLE, now(STILL, accounts=("other",))).state is AdviceState.UNKNOWN
    elsewhere = replace(DENIED, region="eu-west-1")
    assert one(WHOLE, now(STILL, coverage=(elsewhere,))).state is AdviceState.LAPSED


def test_the_bill_alone_tells_what_is_gone() -> None:
    assert one(WHOLE, now(coverage=(DENIED,))).state is AdviceState.TAKEN


def test_a_bill_without_resources_tells_nothing() -> None:
    became = one(WHOLE, now(spend=spend_of([OTHER], knows_resources=False)))
    assert became.state is AdviceState.UNKNOWN


def test_an_estimate_cannot_be_followed() -> None:
    estimated = advice("a", "60", ("gp3", "60"), Charged=False)
    assert one(estimated, now()).state is AdviceState.UNKNOWN


def test_a_bill_that_is_not_settled_leaves_it_open() -> None:
    late = WHOLE.advice.assign(LastAsOf=datetime(2026, 2, 25, 6, tzinfo=UTC))
    became = one(replace(WHOLE, advice=late), now())
    assert became.state is AdviceState.SETTLING


def test_declined_stays_declined() -> None:
    rejected = Rejection(
        kind="k", thing=thing("volume", "v"), reason=Reason.DECLINED, sentence="ada said no"
    )
    standing = now(declined={"id-a"}, rejections={"id-a": rejected})
    became = one(WHOLE, standing)
    assert (became.state, became.sentence) == (AdviceState.DECLINED, "ada said no")


def test_a_line_is_credited_once() -> None:
    smaller = advice("b", "20", ("gp3", "60"))
    first, second = follow_advice(both(smaller, WHOLE), now())
    assert (first.advised.id, first.realised) == ("id-a", Decimal(60))
    assert (second.state, second.realised) == (AdviceState.LAPSED, None)
    assert weigh_advice([first, second]).realised == 60


METERS = ("a", "b", "c")
COSTS = st.dictionaries(st.sampled_from(METERS), st.integers(1, 900), min_size=1)


@settings(max_examples=40)
@given(st.lists(COSTS, min_size=1, max_size=4), st.dictionaries(st.sampled_from(METERS), COSTS))
def test_credits_add_up_to_no_more_than_the_bill_fell_by(
    advised: list[dict[str, int]], charged: dict[str, dict[str, int]]
) -> None:
    paid = {
        meter: max(costs[meter] for costs in advised if meter in costs)
        for meter in METERS
        if any(meter in costs for costs in advised)
    }
    past = PastAdvice()
    for number, costs in enumerate(advised):
        lines = [(meter, str(paid[meter])) for meter in costs]
        more = advice(f"{number}", str(sum(paid[meter] for meter in costs)), *lines)
        past = both(past, more) if number else more
    now_paid = {meter: sum(costs.values()) for meter, costs in charged.items()}
    bill = [("v", meter, str(cost), "0.01", DAYS) for meter, cost in now_paid.items()]
    fell = sum(
        max(Decimal(cost) - Decimal(now_paid.get(meter, 0)) * 30 / 100, Decimal(0))
        for meter, cost in paid.items()
    )
    followed = follow_advice(past, now(*bill))
    assert weigh_advice(followed).realised <= fell


def test_without_earlier_advice_nothing_is_followed() -> None:
    assert follow_advice(PastAdvice(), now()) == ()


def concluded(followed: Sequence[Followed], *coverage: Coverage) -> tuple[Verdict, str, str]:
    answer = conclude_advice(followed, AS_OF, "USD", coverage)
    return answer.verdict, answer.sentence, " ".join(answer.because)


def test_it_was_worth_it_where_what_was_taken_saves_what_it_promised() -> None:
    taken = one(WHOLE, now())
    verdict, said, because = concluded([taken, one(WHOLE, now(open={"id-a"}))])
    assert (verdict, because) == (Verdict.PASS, "")
    assert said == (
        "1 of 2 earlier recommendations taken: that saves $60.00 a month, of $60.00 promised."
    )
    assert [one.amount for one in headline_advice([taken], "USD")] == [60, 60]


def test_it_was_not_where_that_saves_less() -> None:
    part = one(WHOLE, now(("v", "gp3", "1", "1", DAYS)))
    unknown = one(WHOLE, now(STILL, coverage=(DENIED,)))
    assert concluded([part, unknown])[0] is Verdict.FAIL


def test_doubts_leave_it_open() -> None:
    taken, unknown = one(WHOLE, now()), one(WHOLE, now(STILL, coverage=(DENIED,)))
    verdict, _, because = concluded([taken, unknown])
    assert (verdict, because) == (Verdict.INCONCLUSIVE, "1 recommendation not known")
    left_out = Coverage(
        table=ADVICE_TABLES[0], asked="", status=CoverageStatus.PARTIAL, detail="1 left out"
    )
    assert concluded([taken], left_out)[0] is Verdict.INCONCLUSIVE


def test_nothing_taken_and_nothing_advised_tell_nothing() -> None:
    verdict, said, because = concluded([one(WHOLE, now(open={"id-a"}))])
    assert verdict is Verdict.INCONCLUSIVE
    assert "the oldest is 60 days old" in said
    assert because == "nothing was taken so far"
    verdict, _, because = concluded([])
    assert (verdict, because) == (Verdict.INCONCLUSIVE, "nothing was recommended before")
    assert [one.amount for one in headline_advice([], "USD")] == [None, None]
