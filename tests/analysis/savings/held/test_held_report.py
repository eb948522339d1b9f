from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.savings.held import Filling, HeldReport, analyse_held, judge_filling
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Verdict
from opslib.tables.held_commitments import TOTALS_TABLE
from tests.analysis.savings.estates import AS_OF, parameters
from tests.analysis.savings.held.held_tables import PAYER, READ, advice, plan, tables, use

SPEND = Decimal(10_000)
SOON = AS_OF + timedelta(days=40)


def report(
    held: list[dict[str, Any]],
    totals: list[dict[str, Any]],
    *advised: dict[str, Any],
    coverage: tuple[Coverage, ...] = READ,
    **values: Any,
) -> HeldReport:
    return analyse_held(parameters(**values), tables(held, totals, *advised), SPEND, coverage)


def test_a_plan_that_is_used_and_lasts_passes() -> None:
    told = report([plan("p")], [use("p")])
    assert told.findings == ()
    assert told.conclusion.verdict is Verdict.PASS
    assert told.headlines[0].amount == 0


def test_what_is_used_less_than_it_should_be_is_told_with_what_buys_nothing() -> None:
    told = report([plan("p")], [use("p", unused="144", share=0.8)])
    (finding,) = told.findings
    assert finding.kind == "savings.underused_commitment"
    assert finding.subject == {"ResourceId": "p", "SubAccountId": PAYER, "RegionId": ""}
    assert finding.amount is not None
    assert finding.amount.mid == told.headlines[0].amount == 144
    assert "80% of it was used; $144.00 a month buys nothing" in finding.sentence
    assert "cannot be returned" in finding.action
    assert told.conclusion.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("service", "words"),
    [("Compute", "buy no other Savings Plan"), ("EC2Instance", "buy no more of the same")],
)
def test_a_plan_that_is_not_filled_speaks_against_what_it_could_pay_for_alone(
    service: str, words: str
) -> None:
    told = report([plan("p", Service=service)], [use("p", unused="144", share=0.8)])
    assert words in told.findings[0].action


def test_a_plan_for_all_compute_is_named_while_it_is_not_filled() -> None:
    told = report([plan("p")], [use("p", unused="144", share=0.8)])
    judged = judge_filling(told.commitments, parameters(), READ)
    (name,) = judged.unfilled
    assert "Compute Savings Plan p" in name
    assert judged.untold == ()
    filled = report([plan("p")], [use("p", unused="0", share=1.0)])
    assert judge_filling(filled.commitments, parameters(), READ) == Filling()


def test_whether_plans_are_filled_is_not_known_where_their_use_was_not_read() -> None:
    held = report([plan("p")], []).commitments
    denied = Coverage(table=TOTALS_TABLE, asked="all", status=CoverageStatus.DENIED)
    assert judge_filling(held, parameters(), (*READ[:-1], denied)) == Filling(
        untold=("use of commitments: denied", "use of 1 Savings Plan is not told")
    )
    assert judge_filling((), parameters(), ()).untold == (
        "Savings Plans: not asked",
        "use of commitments: not asked",
    )


def test_a_plan_that_nobody_lists_may_be_one_for_all_compute() -> None:
    unlisted = report([], [use("p", unused="144", share=0.8)]).commitments
    assert judge_filling(unlisted, parameters(), READ) == Filling(
        untold=("type of 1 Savings Plan is not told",)
    )


@pytest.mark.parametrize(
    "row",
    [
        use("p", unused="72", share=0.9),  # at the share that is asked for
        use("p", unused="0.99", share=0.5),  # less than is worth telling
    ],
)
def test_what_is_used_enough_or_hardly_paid_is_not_accused(row: dict[str, Any]) -> None:
    assert report([plan("p")], [row]).findings == ()


def test_what_aws_still_takes_back_is_to_be_returned() -> None:
    until = pd.Timestamp(AS_OF + timedelta(days=2))
    held = plan("p", ReturnableUntil=until)
    (finding,) = report([held], [use("p", unused="720", share=0)]).findings
    assert finding.action == "Return it before 4 Mar 2026 06:00 UTC."


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("standard m5.large reservation", "Reserved Instance Marketplace"),
        ("convertible m5.large reservation", "Exchange it"),
        ("cache.r7g.large reservation", "neither returned nor sold"),
    ],
)
def test_what_can_be_done_depends_on_what_was_bought(what: str, words: str) -> None:
    held = plan("p", Kind="reservation", What=what)
    (finding,) = report([held], [use("p", unused="720", share=0)]).findings
    assert words in finding.action


def test_what_ends_soon_is_told_with_what_its_usage_costs_more() -> None:
    (finding,) = report([plan("p", ends=SOON)], [use("p")]).findings
    assert finding.kind == "savings.expiring_commitment"
    assert finding.amount is not None
    assert finding.amount.mid == 280
    assert "ends on 11 Apr 2026, in 40 days" in finding.sentence


def test_an_end_whose_cost_nobody_tells_is_told_without_it() -> None:
    told = report([plan("p", ends=SOON)], [])
    (finding,) = told.findings
    assert finding.amount is None
    assert "is not known" in finding.sentence
    assert told.headlines[0].amount is None


@pytest.mark.parametrize(
    "held",
    [
        plan("p", ends=AS_OF + timedelta(days=90)),  # the first moment that is not ahead
        plan("p", ends=AS_OF - timedelta(days=1), State="retired"),
        plan("p", ends=SOON, State="queued"),
    ],
)
def test_an_end_that_is_far_or_over_or_not_begun_is_none(held: dict[str, Any]) -> None:
    assert report([held], [use("p")]).findings == ()


def test_the_end_of_what_costs_more_than_on_demand_is_no_loss() -> None:
    row = use("p", on_demand="720.5", share=1)
    assert report([plan("p", ends=SOON)], [row]).findings == ()


def test_what_is_renewed_does_not_end() -> None:
    queued = plan("next", Start=pd.Timestamp(SOON), State="queued")
    told = report([plan("p", ends=SOON), queued], [use("p")])
    assert told.findings == ()
    assert told.conclusion.verdict is Verdict.PASS


def test_nothing_committed_is_said_so() -> None:
    told = report([], [])
    assert (told.conclusion.verdict, told.conclusion.sentence) == (
        Verdict.PASS,
        "Nothing is committed.",
    )


@pytest.mark.parametrize(
    "coverage",
    [
        (),
        READ[:-1],
        (*READ, Coverage(table=TOTALS_TABLE, asked="x", status=CoverageStatus.DENIED)),
    ],
)
def test_what_was_not_seen_passes_nothing(coverage: tuple[Coverage, ...]) -> None:
    told = report([], [], coverage=coverage)
    assert told.conclusion.verdict is Verdict.INCONCLUSIVE
    assert told.conclusion.because
    assert told.headlines[0].amount is None


@pytest.mark.parametrize(
    ("held", "totals", "because"),
    [
        ([plan("p")], [], "use of 1 commitment is not told"),
        ([], [use("p")], "end of 1 commitment is not told"),
    ],
)
def test_half_of_what_is_known_of_a_commitment_passes_nothing(
    held: list[dict[str, Any]], totals: list[dict[str, Any]], because: str
) -> None:
    conclusion = report(held, totals).conclusion
    assert (conclusion.verdict, conclusion.because) == (Verdict.INCONCLUSIVE, (because,))


@settings(max_examples=10)
@given(shares=st.lists(st.integers(0, 100), min_size=1, max_size=5), least=st.integers(0, 100))
def test_asking_for_less_use_accuses_no_more(shares: list[int], least: int) -> None:
    held = [plan(str(n)) for n in range(len(shares))]
    totals = [
        use(str(n), unused=str(Decimal(720) * (100 - share) / 100), share=share / 100)
        for n, share in enumerate(shares)
    ]
    told = report(held, totals, min_utilisation=least / 100)
    accused = {one.subject["ResourceId"] for one in told.findings}
    assert accused == {str(n) for n, share in enumerate(shares) if share / 100 < least / 100}
    softer = report(held, totals, min_utilisation=least / 200)
    assert {one.subject["ResourceId"] for one in softer.findings} <= accused


def test_advice_pays_off_after_the_share_of_the_term_that_it_costs() -> None:
    plans = advice(TermYears=3, CostShare=0.5, MonthlySaving=Decimal(10))
    reserved = advice(Plan="reserved-cache-node", What="cache.r7g.large", RegionId="eu-west-1")
    reserved |= {"BreakEvenMonths": 7.5, "CostShare": None, "HourlyCommitment": None}
    unknown = advice(CostShare=None, MonthlySaving=Decimal(1))
    told = report([], [], plans, reserved, unknown).advice
    assert [one.break_even_months for one in told] == [7.5, 18.0, None]
    assert [one.offer for one in told] == [
        "reserved-cache-node cache.r7g.large eu-west-1 1y",
        "compute-savings-plan 3y",
        "compute-savings-plan 1y",
    ]
