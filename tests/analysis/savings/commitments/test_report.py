"""What is recommended to commit to, what is rejected and why, on hours made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest

from opslib.analysis.savings.commitments.conclusion import conclude_commitments
from opslib.analysis.savings.commitments.offers import Offer
from opslib.analysis.savings.commitments.report import BacktestReport, backtest_commitments
from opslib.analysis.savings.commitments.tables import backtest_tables
from opslib.analysis.savings.counting import Counted, count_once
from opslib.analysis.savings.held import Filling
from opslib.analysis.savings.recommendation import (
    Basis,
    LineSaving,
    Reason,
    Recommendation,
    Rejection,
)
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Verdict
from opslib.tables.savings_hours import BacktestTables
from tests.analysis.savings.commitments.hours import ACCOUNT, METER, rates_of, tables_of, used
from tests.analysis.savings.estates import parameters, thing

COMPUTE = rates_of(("compute-savings-plan", "", METER, "0.7"))
BOTH = rates_of(
    ("compute-savings-plan", "", METER, "0.7"),
    ("ec2-instance-savings-plan", "m6i us-east-1", METER, "0.6"),
)
ALWAYS = range(60 * 24)


def tried(
    tables: BacktestTables, counted: Sequence[Counted] = (), **values: object
) -> BacktestReport:
    return backtest_commitments(tables, counted, parameters(**values), "USD")


def reasons(report: BacktestReport) -> dict[str, Reason]:
    return {one.thing.id: one.reason for one in report.options if isinstance(one, Rejection)}


def bought(report: BacktestReport) -> dict[str, Recommendation]:
    return {one.thing.id: one for one in report.options if isinstance(one, Recommendation)}


def test_steady_use_is_committed_to_whole() -> None:
    report = tried(tables_of(used(ALWAYS), COMPUTE))
    (one,) = report.tried
    assert one.level == Decimal("0.700")
    assert one.saving == one.low == one.high == Decimal("0.3") * 720
    assert (one.older_level, one.newer_saving) == (Decimal("0.700"), Decimal(216))
    assert one.fallen_saving == Decimal("0.1") * 720  # 0.8 on demand would have cost less than 0.7
    assert one.utilisation == pytest.approx(1)
    advice = bought(report)["compute-savings-plan 1y"]
    assert (advice.cost, advice.saving) == (Decimal(720), Decimal(216))


def test_the_narrow_plan_is_taken_where_it_saves_more_and_the_wide_one_for_the_rest() -> None:
    other = "BoxUsage:c6i.large"
    rates = rates_of(
        ("compute-savings-plan", "", METER, "0.7"),
        ("compute-savings-plan", "", other, "0.7"),
        ("ec2-instance-savings-plan", "m6i us-east-1", METER, "0.6"),
    )
    report = tried(tables_of([*used(ALWAYS), *used(ALWAYS, meter=other)], rates))
    levels = {one.offer.id: one.level for one in report.tried[: report.bought]}
    assert levels == {
        "ec2-instance-savings-plan m6i us-east-1 1y": Decimal("0.600"),
        "compute-savings-plan 1y": Decimal("0.700"),
    }


def test_the_wide_plan_alone_is_told_as_another_way() -> None:
    report = tried(tables_of(used(ALWAYS), BOTH))
    assert set(bought(report)) == {"ec2-instance-savings-plan m6i us-east-1 1y"}
    assert reasons(report) == {"compute-savings-plan 1y": Reason.COUNTED}


def test_units_of_a_reservation_are_whole() -> None:
    meter, service = "NodeUsage:cache.r7g.large", "Amazon ElastiCache"
    rows = [
        *used(ALWAYS, meter=meter, service=service),
        *used(range(0, 60 * 24, 4), meter=meter, service=service, operation="half"),
    ]
    scope = "cache.r7g.large us-east-1"
    rates = rates_of(("reserved-cache-node", scope, meter, "0.6"), operation="")
    report = tried(tables_of(rows, rates))
    assert (report.tried[0].units, report.tried[0].level) == (1, Decimal("0.6"))


def test_use_by_day_only_is_too_volatile() -> None:
    by_day = [hour for hour in ALWAYS if 8 <= hour % 24 < 18]
    report = tried(tables_of(used(by_day), COMPUTE))
    assert reasons(report) == {"compute-savings-plan 1y": Reason.VOLATILE}


def test_what_fell_in_the_newer_half_is_too_volatile() -> None:
    report = tried(tables_of(used(range(45 * 24)), COMPUTE))
    (one,) = report.tried
    assert one.level > 0
    assert one.low < 0
    assert reasons(report) == {"compute-savings-plan 1y": Reason.VOLATILE}


def test_what_has_run_through_for_some_days_only_is_too_young() -> None:
    report = tried(tables_of(used(range(50 * 24, 60 * 24)), COMPUTE))
    assert reasons(report) == {"compute-savings-plan 1y": Reason.TOO_YOUNG}


def test_what_is_covered_whole_is_said_to_be() -> None:
    report = tried(tables_of(used(ALWAYS, 0.7, covered=True), COMPUTE))
    assert list(reasons(report).values()) == [Reason.COVERED]


def test_what_is_covered_is_not_committed_to_again() -> None:
    rows = [*used(ALWAYS, 0.7, covered=True), *used(ALWAYS, 0.5)]
    rates = rates_of(("compute-savings-plan", "", METER, "0.3"))
    assert tried(tables_of(rows, rates)).tried[0].level == Decimal("0.300")


def test_what_has_no_rate_is_named() -> None:
    report = tried(tables_of(used(ALWAYS, meter="BoxUsage:x9.large"), COMPUTE))
    assert reasons(report) == {f"BoxUsage:x9.large RunInstances {ACCOUNT}": Reason.UNKNOWN}


def test_a_rate_of_another_operation_is_not_taken() -> None:
    report = tried(tables_of(used(ALWAYS, operation="RunInstances:0002"), COMPUTE))
    assert list(reasons(report).values()) == [Reason.UNKNOWN]


def test_without_operations_a_rate_counts_that_is_the_same_for_all() -> None:
    windows = rates_of(("compute-savings-plan", "", METER, "0.7"), operation="RunInstances:0002")
    rows = used(ALWAYS, operation="")
    alike = tried(tables_of(rows, pd.concat([COMPUTE, windows])))
    assert len(alike.tried) == 1
    dearer = rates_of(("compute-savings-plan", "", METER, "0.8"), operation="RunInstances:0002")
    unlike = tried(tables_of(rows, pd.concat([COMPUTE, dearer])))
    assert list(reasons(unlike).values()) == [Reason.UNKNOWN]


def test_what_saves_too_little_is_left_to_be_rejected_by_its_saving() -> None:
    report = tried(tables_of(used(ALWAYS), COMPUTE), min_saving="500")
    assert report.bought == 0
    assert bought(report)["compute-savings-plan 1y"].saving < 500


def test_a_commitment_is_told_with_its_months_and_its_downside() -> None:
    (one,) = bought(tried(tables_of(used(ALWAYS), COMPUTE))).values()
    assert one.sentence == (
        "0.700 USD an hour would have saved $216.00 a month, 100% used; with 20% less usage "
        "still $72.00"
    )
    uneven = tables_of([*used(ALWAYS), *used(range(12 * 24, 60 * 24))], COMPUTE)
    (one,) = bought(tried(uneven, usage_fall=0.4)).values()
    assert one.sentence == (
        "1.400 USD an hour would have saved $144.00 to $432.00 a month, 90% used; with 40% less "
        "usage it would lose $230.40"
    )


def test_a_longer_term_is_told_as_another_way() -> None:
    longer = rates_of(("compute-savings-plan", "", METER, "0.5"), years=3)
    report = tried(tables_of(used(ALWAYS), pd.concat([COMPUTE, longer])), terms=[1, 3])
    assert set(bought(report)) == {"compute-savings-plan 1y"}
    assert reasons(report) == {"compute-savings-plan 3y": Reason.COUNTED}


def test_what_is_saved_otherwise_is_not_committed_to() -> None:
    saved = Recommendation(
        kind="smaller_instance",
        thing=thing("instance", "i-1"),
        lines=(
            LineSaving(
                resource="i-1",
                meter=METER,
                account=ACCOUNT,
                cost=Decimal(720),
                saving=Decimal(180),
            ),
        ),
        basis=Basis.BILL,
        sentence="it is too large",
        action="Make it smaller.",
    )
    report = tried(tables_of(used(ALWAYS), COMPUTE), count_once([saved]))
    (one,) = report.tried
    assert one.eligible == Decimal(540)
    assert one.level == Decimal("0.525")


def test_upfront_is_paid_back_by_what_each_month_costs_less() -> None:
    rates = rates_of(("compute-savings-plan", "", METER, "0.7"), payment="all_upfront", upfront="1")
    (one,) = tried(tables_of(used(ALWAYS), rates)).tried
    assert one.upfront == Decimal("0.7") * 8760
    assert one.break_even_months == pytest.approx(0.7 * 8760 / 720)


def test_gaps_leave_the_last_whole_months() -> None:
    report = tried(tables_of(used(ALWAYS), COMPUTE, lacking=[3]))
    assert report.span is not None
    assert (report.span.hours, report.span.whole, report.lacking) == (720, False, 1)
    assert report.tried[0].curve.hours == 720


@pytest.mark.parametrize(
    "broken",
    [{"lacking": [59 * 24]}, {"missing": ("s3://b/2.parquet",)}],
    ids=["a gap in the last month", "a promised file that is missing"],
)
def test_nothing_is_tried_where_the_last_month_is_not_whole(broken: dict[str, object]) -> None:
    tables = tables_of(used(ALWAYS), COMPUTE, **broken)  # type: ignore[arg-type]
    report = tried(tables)
    assert (report.span, report.tried, report.options) == (None, (), ())
    said = conclude_commitments(report, "USD", ())
    assert said.verdict is Verdict.INCONCLUSIVE


def test_without_an_hourly_export_nothing_can_be_said() -> None:
    said = conclude_commitments(tried(BacktestTables()), "USD", ())
    assert said.verdict is Verdict.INCONCLUSIVE
    assert "14 days" in said.because[0]


def test_the_answer_follows_from_what_was_tried_and_seen() -> None:
    found = tried(tables_of(used(ALWAYS), COMPUTE))
    assert conclude_commitments(found, "USD", ()).verdict is Verdict.FAIL
    none = tried(tables_of(used([h for h in ALWAYS if h % 2]), COMPUTE))
    assert conclude_commitments(none, "USD", ()).verdict is Verdict.PASS
    denied = Coverage(table="savings plan rates", asked="", status=CoverageStatus.DENIED)
    assert conclude_commitments(none, "USD", (denied,)).verdict is Verdict.INCONCLUSIVE


def test_tables_tell_every_offer_and_its_curve() -> None:
    tables = backtest_tables(tried(tables_of(used(ALWAYS), BOTH)))
    told = tables["tried_commitments"]
    assert list(told["to_buy"]) == [True, False]
    curves = tables["regret_curves"]
    assert min(curves["regret"]) == 0
    assert set(curves["ResourceId"]) == set(told["ResourceId"])


def test_an_offer_is_known_by_plan_scope_and_term() -> None:
    (one,) = tried(tables_of(used(ALWAYS), COMPUTE)).tried
    offer: Offer = one.offer
    assert replace(offer, scope="m6i us-east-1", years=3).id.endswith("m6i us-east-1 3y")


def beside(filling: Filling) -> BacktestReport:
    """Return what is to buy of a plan and a reservation beside what is held."""
    node = "NodeUsage:cache.r7g.large"
    rates = rates_of(
        ("compute-savings-plan", "", METER, "0.7"),
        ("reserved-cache-node", "cache.r7g.large us-east-1", node, "0.6"),
    )
    tables = tables_of([*used(ALWAYS), *used(ALWAYS, meter=node)], rates)
    return backtest_commitments(tables, (), parameters(), "USD", filling)


def test_no_plan_is_bought_while_one_that_is_held_is_not_filled() -> None:
    report = beside(Filling(unfilled=("plan of acme",), untold=("use of commitments: denied",)))
    assert set(bought(report)) == {"reserved-cache-node cache.r7g.large us-east-1 1y"}
    assert reasons(report)["compute-savings-plan 1y"] is Reason.COVERED
    assert report.bought == 1
    assert conclude_commitments(report, "USD", ()).verdict is Verdict.FAIL


def test_a_plan_beside_plans_whose_use_is_not_known_leaves_the_answer_open() -> None:
    report = beside(Filling(untold=("use of commitments: denied",)))
    nodes, plan = (one for _, one in sorted(bought(report).items(), reverse=True))
    assert "held are filled is not known" in plan.sentence
    assert plan.action.startswith("See first whether")
    assert "filled" not in nodes.sentence + nodes.action
    said = conclude_commitments(report, "USD", ())
    assert said.verdict is Verdict.INCONCLUSIVE
    assert said.because == ("use of commitments: denied",)
    assert "if what is held is filled" in said.sentence
    nodes_alone = report.keep({nodes.thing.id})
    assert conclude_commitments(nodes_alone, "USD", ()).verdict is Verdict.FAIL


def test_use_that_is_not_known_matters_only_to_what_is_bought() -> None:
    filling = Filling(untold=("use of commitments: denied",))
    tables = tables_of(used([h for h in ALWAYS if h % 2]), COMPUTE)
    report = backtest_commitments(tables, (), parameters(), "USD", filling)
    assert conclude_commitments(report, "USD", ()).verdict is Verdict.PASS


def test_reasons_that_are_left_out_are_counted() -> None:
    report = beside(Filling(untold=tuple(f"read {number}" for number in range(7))))
    said = conclude_commitments(report, "USD", ())
    assert said.because == ("read 0", "read 1", "read 2", "read 3", "and 3 more")
