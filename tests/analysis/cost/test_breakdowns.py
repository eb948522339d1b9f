"""Whatever a bill holds, each table of the report sums to its total, to the last digit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.cost import report_tables
from opslib.money import total
from opslib.timewindow import TimeWindow
from tests.analysis.cost.bills import Charge, make_bill, steady
from tests.analysis.cost.reports import report_on

FIRST, YESTERDAY = date(2025, 11, 21), date(2026, 3, 1)
STEADY = steady(FIRST, YESTERDAY)
THIS_WEEK, WEEK_BEFORE = date(2026, 2, 20), date(2026, 2, 13)
few = st.sampled_from
lines = st.builds(
    Charge,
    day=st.integers(0, 13).map(lambda days: WEEK_BEFORE + timedelta(days=days)),
    cost=st.decimals(-500, 500, places=12),
    quantity=st.none() | st.decimals(0, 1000, places=6),
    service=few(["Amazon EC2", "Amazon S3", ""]),
    meter=few(["BoxUsage:m5.large", "Requests", ""]),
    unit=few(["Hrs", ""]),
    account=few(["111111111111", "222222222222"]),
    region=few(["us-east-1", "eu-west-1", ""]),
    category=few(["Usage", "Credit", "Tax", "Purchase", "Adjustment"]),
    resource=few(["i-1", "i-2", ""]),
    tags=few([(), (("Project", "shop"),), (("Project", "pay"), ("Environment", "prod"))]),
)
"""Charges of two weeks, credits beyond the charges among them, many in one week only."""


def cost_of(charges: Iterable[Charge], window: TimeWindow) -> Decimal:
    return total(line.cost for line in charges if line.day in window.days)


def sum_within(table: pd.DataFrame, window: TimeWindow) -> Decimal:
    return total(table[table["ChargePeriodStart"].isin(window.days)]["EffectiveCost"])


@settings(max_examples=15, deadline=None)
@given(st.lists(lines, max_size=25))
def test_every_table_sums_to_what_was_charged(drawn: list[Charge]) -> None:
    charges = [*STEADY, *drawn]
    report = report_on(make_bill(charges))
    tables, periods = report_tables(report), report.periods
    now, before = (cost_of(charges, period) for period in (periods.current, periods.before))
    assert periods.current.start.date() == THIS_WEEK
    assert report.totals.amount == now
    bill = report.bill
    assert bill.places is not None
    assert bill.providers is not None
    breakdowns = [tables[f"costs_by_{name}"] for name in ("meter", "account", "region")]
    for breakdown in (*breakdowns, bill.places, bill.providers):
        assert sum_within(breakdown, periods.current) == now
        assert sum_within(breakdown, periods.before) == before
    days = tables["days"]
    assert total(days[days["day"].isin(periods.current.days)]["cost"]) == now
    usage = [line for line in charges if line.category == "Usage"]
    values = tables["tag_values"]
    for key in ("Project", "Environment"):
        of_key = values[values["tag_key"] == key]
        assert total(of_key["cost"]) == cost_of(usage, periods.current)
        without = [line for line in usage if key not in dict(line.tags)]
        untagged = of_key[of_key["value"] == ""]["cost"]
        assert total(untagged) == cost_of(without, periods.current)


@settings(max_examples=15, deadline=None)
@given(st.lists(lines, max_size=25))
def test_the_parts_of_every_meter_sum_to_its_change_and_all_to_the_whole(
    drawn: list[Charge],
) -> None:
    charges = [*STEADY, *drawn]
    report = report_on(make_bill(charges))
    variance, periods = report_tables(report)["variance"], report.periods
    parts = variance[[name for name in variance if str(name).endswith("_effect")]]
    for after, before, effects in zip(
        variance["cost_after"], variance["cost_before"], parts.itertuples(index=False), strict=True
    ):
        assert total(effects) == after - before
    assert total(variance["cost_after"]) == cost_of(charges, periods.current)
    assert total(variance["cost_before"]) == cost_of(charges, periods.before)
