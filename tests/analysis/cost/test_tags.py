from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.cost.allocation import allocate_shared
from opslib.analysis.cost.daily import sum_of
from opslib.analysis.cost.tags import measure_tags
from opslib.money import split_exactly, total
from opslib.parameters import SharedCost
from opslib.timewindow import TimeWindow
from tests.analysis.cost.bills import LAST_SETTLED, Charge, compared, make_bill, steady
from tests.analysis.cost.reports import report_on

FIRST = date(2025, 11, 21)
WEEK = TimeWindow.of_days(date(2026, 2, 20), LAST_SETTLED)
UNTAGGED = (("Environment", "prod"),)


def test_a_resource_that_loses_its_tag_is_a_rise_of_untagged_spend() -> None:
    tagged = steady(FIRST, date(2026, 2, 21))
    stripped = steady(date(2026, 2, 22), LAST_SETTLED, tags=UNTAGGED)
    bill = make_bill([*tagged, *stripped, *steady(FIRST, LAST_SETTLED, service="Amazon S3")])
    periods = compared(bill)
    tags = measure_tags(bill, "Project", periods, "EffectiveCost", Decimal(20))
    (rise,) = tags.rises
    assert (rise.service, rise.amount, rise.resources) == ("Amazon EC2", Decimal(120), ("i-1",))
    assert tags.untagged == 120
    assert tags.untagged_share == Decimal(120) / Decimal(336).quantize(Decimal(1)) // Decimal(
        "0.000000000001"
    ) * Decimal("0.000000000001")
    environment = measure_tags(bill, "Environment", periods, "EffectiveCost", Decimal(20))
    assert environment.untagged == 0


def test_what_was_always_untagged_is_no_rise() -> None:
    bill = make_bill(steady(FIRST, LAST_SETTLED, tags=()))
    periods = compared(bill)
    tags = measure_tags(bill, "Project", periods, "EffectiveCost", Decimal(20))
    assert tags.rises == ()
    assert tags.untagged_share == 1


def test_a_key_that_no_charge_has_is_asked_to_be_checked() -> None:
    charges = steady(FIRST, date(2026, 3, 1), tags=(("Project", "shop"),))
    report = report_on(make_bill(charges), tag_keys=["Project", "Environment"])
    (finding,) = [one for one in report.findings if one.kind == "cost.untagged_share"]
    assert finding.subject == {"TagKey": "Environment"}
    assert finding.action.startswith("Check the key in tag_keys")
    partly = [*charges, *steady(FIRST, date(2026, 3, 1), service="Amazon S3", tags=())]
    report = report_on(make_bill(partly), tag_keys=["Project"])
    (finding,) = [one for one in report.findings if one.kind == "cost.untagged_share"]
    assert finding.action.startswith("Tag the largest first")


def test_tax_is_not_counted_as_untagged() -> None:
    tax = Charge(day=LAST_SETTLED, cost=Decimal(50), category="Tax", tags=())
    bill = make_bill([*steady(FIRST, LAST_SETTLED), tax])
    periods = compared(bill)
    tags = measure_tags(bill, "Project", periods, "EffectiveCost", Decimal(20))
    assert tags.untagged == 0


values = st.sampled_from(["shop", "search", "platform", ""])
costs = st.decimals(0, 1000, places=9, allow_nan=False)


@given(
    st.lists(st.tuples(values, costs, st.sampled_from(["Usage", "Tax"])), max_size=20),
    st.sampled_from(["proportional", "even", "fixed"]),
)
def test_allocated_costs_sum_to_the_total_exactly(
    lines: list[tuple[str, Decimal, str]], split: str
) -> None:
    bill = make_bill(
        Charge(
            day=LAST_SETTLED,
            cost=cost,
            category=category,
            tags=(("Project", value),) if value else (),
        )
        for value, cost, category in lines
    )
    weights = {"shop": Decimal(2), "search": Decimal(1)} if split == "fixed" else {}
    rule = SharedCost.model_validate(
        {
            "name": "platform",
            "tag_key": "Project",
            "tag_values": ["platform", ""],
            "split": split,
            "weights": weights,
        }
    )
    allocation = allocate_shared(bill, rule, WEEK, "EffectiveCost")
    assert allocation.taggable + allocation.untaggable == sum_of(bill.meters, "EffectiveCost")


@given(
    st.decimals(-(10**9), 10**9, places=10, allow_nan=False),
    st.dictionaries(st.text(max_size=3), st.decimals(0, 100, places=3), min_size=1, max_size=6),
)
def test_parts_sum_to_what_was_split(amount: Decimal, weights: dict[str, Decimal]) -> None:
    if not sum(weights.values()):
        weights = dict.fromkeys(weights, Decimal(1))
    assert total(split_exactly(amount, weights).values()) == amount
