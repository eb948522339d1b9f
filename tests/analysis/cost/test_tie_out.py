from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.cost.control import Control
from opslib.analysis.cost.periods import plan_periods
from opslib.analysis.cost.report import CostReport, analyse_cost
from opslib.analysis.cost.tie_out import TieOut, tie_out
from opslib.findings import Verdict
from opslib.tables.bill_controls import CURRENCIES, TIE_OUT, BillControls
from tests.analysis.cost.bills import DAY, Charge, make_bill, parameters, steady
from tests.analysis.cost.cost_tables import NO_CHANGES, empty, tables_of

FIRST, LAST = date(2025, 11, 1), date(2026, 3, 1)
DAYS = tuple(date(2026, 2, 20) + timedelta(days=n) for n in range(7))
EC2 = "Amazon EC2"


def told(
    lines: Iterable[tuple[date, str, str, str]], *, net: str = "1", effective: str = "1"
) -> pd.DataFrame:
    """Return Cost Explorer's rows of day, service, record type and amount.

    Args:
        lines: one row each.
        net: factor of the amounts after private discounts.
        effective: factor of the amortised amounts.
    """
    rows = []
    for day, service, record, amount in lines:
        cost = Decimal(amount)
        spread = cost * Decimal(effective)
        rows.append(
            (day, service, record, cost, spread, cost * Decimal(net), spread * Decimal(net))
        )
    return pd.DataFrame(rows, columns=list(TIE_OUT.columns))


def usage(amount: str = "24", service: str = EC2) -> list[tuple[date, str, str, str]]:
    return [(day, service, "Usage", amount) for day in DAYS]


def held(lines: pd.DataFrame, charges: Iterable[Charge]) -> TieOut:
    return tie_out(make_bill(charges), lines, DAYS, "EffectiveCost")


BILL = steady(DAYS[0], DAYS[-1])


def test_equal_sums_tie() -> None:
    result = held(told(usage()), BILL)
    assert (result.unexplained, result.named, result.net) == ((), (), False)
    assert [tie.difference for tie in result.services] == [0]


@pytest.mark.parametrize(("amount", "ties"), [("24.01", True), ("23.99", True), ("24.0101", False)])
def test_a_cent_is_the_most_that_rounding_may_take(amount: str, ties: bool) -> None:
    assert (held(told(usage(amount)), BILL).unexplained == ()) == ties


def test_use_that_only_one_of_the_two_knows_is_unexplained() -> None:
    result = held(told([*usage(), (DAYS[3], "Amazon RDS", "Usage", "5")]), BILL)
    (day,) = result.unexplained
    assert (day.day, day.difference, day.unexplained) == (DAYS[3], Decimal(-5), Decimal(-5))
    assert (result.services[0].service, result.services[0].difference) == (
        "named differently",
        Decimal(-5),
    )


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ("Tax", "tax"),
        ("Credit", "credits and refunds"),
        ("Refund", "credits and refunds"),
        ("Support", "fees"),
    ],
)
def test_a_difference_in_charges_of_other_invoices_is_named(record: str, kind: str) -> None:
    result = held(told([*usage(), (DAYS[2], "Elsewhere", record, "7")]), BILL)
    assert result.unexplained == ()
    (day,) = result.named
    assert day.named == ((kind, Decimal(-7)),)


def test_what_is_left_beside_a_named_difference_is_unexplained() -> None:
    lines = [*usage(), (DAYS[2], "Tax", "Tax", "7"), (DAYS[2], EC2, "DiscountedUsage", "2")]
    (day,) = held(told(lines), BILL).unexplained
    assert (day.named, day.unexplained) == ((("tax", Decimal(-7)),), Decimal(-2))


def test_billed_cost_that_ties_leaves_amortisation() -> None:
    result = held(told(usage(), effective="0.5"), BILL)
    assert result.unexplained == ()
    assert [day.named for day in result.named] == [(("amortisation", Decimal(12)),)] * len(DAYS)


def test_an_export_after_private_discounts_ties_to_the_net_amounts() -> None:
    result = held(told(usage("48"), net="0.5"), BILL)
    assert (result.net, result.unexplained) == (True, ())


def test_a_savings_plan_is_taken_back_within_its_day() -> None:
    covered = [(day, EC2, "SavingsPlanCoveredUsage", "10") for day in DAYS]
    negated = [(day, EC2, "SavingsPlanNegation", "-10") for day in DAYS]
    assert held(told([*usage(), *covered, *negated]), BILL).unexplained == ()


def test_services_are_matched_by_plain_names_and_by_the_parts_of_ec2() -> None:
    charges = [
        *steady(DAYS[0], DAYS[-1], service="Amazon Elastic Compute Cloud"),
        *steady(DAYS[0], DAYS[-1], service="AmazonCloudWatch", cost="3"),
        *steady(DAYS[0], DAYS[-1], service="Elastic Load Balancing", cost="2"),
    ]
    lines = [
        *usage("20", "Amazon Elastic Compute Cloud - Compute"),
        *usage("4", "EC2 - Other"),
        *usage("3", "Amazon CloudWatch"),
        *usage("2", "Amazon Elastic Load Balancing"),
    ]
    result = held(told(lines), charges)
    assert result.unexplained == ()
    assert {tie.service: tie.difference for tie in result.services} == {
        "Amazon Elastic Compute Cloud": 0,
        "AmazonCloudWatch": 0,
        "named differently": 0,
    }


@given(st.lists(st.decimals(-50, 50, places=4), min_size=7, max_size=7))
def test_what_is_named_and_what_is_unexplained_sum_to_the_difference(
    amounts: list[Decimal],
) -> None:
    lines = [*usage(), *((day, "Tax", "Tax", str(a)) for day, a in zip(DAYS, amounts, strict=True))]
    for day, amount in zip(held(told(lines), BILL).days, amounts, strict=True):
        assert day.difference == -amount
        parts = sum((part for _, part in day.named), Decimal(0))
        assert abs(day.difference - parts - day.unexplained) <= Decimal("0.01")


def report_of(lines: pd.DataFrame | None, asked: tuple[date, ...] = DAYS) -> CostReport:
    controls = BillControls(
        files=None, duplicates=None, currencies=empty(CURRENCIES), tie_out=lines, tied_days=asked
    )
    charges = steady(FIRST, LAST)
    params = parameters(source="export", path="s3://bills/cost")
    periods = plan_periods(params)
    tables = tables_of(make_bill(charges, days=periods.days), controls=controls)
    return analyse_cost(params, periods, tables, NO_CHANGES, ())


def control_of(report: CostReport) -> Control:
    return report.controls[-1]


def test_days_that_do_not_tie_are_compared_with_nothing() -> None:
    report = report_of(told([*usage(), (DAYS[3], EC2, "Usage", "5")]))
    assert control_of(report).doubtful == (DAYS[3],)
    assert [c.verdict for c in report.conclusions[:2]] == [Verdict.INCONCLUSIVE] * 2
    assert report.changes is None
    (finding,) = [f for f in report.findings if f.kind == "cost.untied_days"]
    assert "$5.00 less than Cost Explorer on 1 day" in finding.sentence


def test_a_named_difference_is_told_and_leaves_the_bill_complete() -> None:
    report = report_of(told([*usage(), (DAYS[3], "Tax", "Tax", "5")]))
    assert report.conclusions[0].verdict is Verdict.PASS
    assert "by -$5.00 of tax" in control_of(report).said


def test_no_answer_is_no_tie() -> None:
    assert control_of(report_of(None)).verdict is Verdict.INCONCLUSIVE
    assert control_of(report_of(None, ())).verdict is None


def test_an_account_that_stops_is_told() -> None:
    charges = [
        *steady(FIRST, LAST),
        *steady(FIRST, date(2026, 2, 22), account="222222222222"),
        *steady(FIRST, date(2026, 1, 10), account="333333333333"),
        *(Charge(day=FIRST + DAY * n, cost=Decimal(1), account="4") for n in range(0, 110, 3)),
    ]
    params = parameters()
    periods = plan_periods(params)
    tables = tables_of(make_bill(charges, days=periods.days))
    report = analyse_cost(params, periods, tables, NO_CHANGES, ())
    stopped = [f.subject for f in report.findings if f.kind == "cost.stopped_account"]
    assert stopped == [{"SubAccountId": "222222222222"}]
    assert report.conclusions[0].verdict is Verdict.INCONCLUSIVE
