"""What is shown of unusual days: figure and tables, escaped, with what is not known said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from opslib.analysis.cost import analyse_cost, plan_periods
from opslib.analysis.cost.report import CostReport
from opslib.present.cost import plot_anomalies, tabulate_anomalies
from tests.analysis.cost.anomalies.changes import change, recorded
from tests.analysis.cost.bills import Charge, make_bill, parameters, steady
from tests.analysis.cost.cost_tables import tables_of
from tests.analysis.cost.reports import ALL_READ, FIRST, YESTERDAY


def report_on(charges: list[Charge]) -> CostReport:
    params = parameters()
    made = [change("ec2:RunInstances", "<b>i-9</b>", actor="<script>alert(1)</script>")]
    tables = tables_of(make_bill(charges))
    return analyse_cost(params, plan_periods(params), tables, recorded(*made), ALL_READ)


SPIKE = [
    Charge(day=date(2026, 2, 23) + timedelta(days=n), cost=Decimal(90), service="Amazon EC2")
    for n in range(2)
]


def test_an_anomaly_is_drawn_with_its_band_and_told_with_its_cause() -> None:
    report = report_on([*steady(FIRST, YESTERDAY), *SPIKE])
    names = [trace.name for trace in plot_anomalies(report).data]
    assert {"cost", "expected", "unusual", "expected, 80% interval"} <= set(names)
    shown = tabulate_anomalies(report).markup
    assert "+$180.00" in shown
    assert "23 to 24 Feb 2026" in shown
    assert "ec2:RunInstances" in shown


def test_text_from_outside_runs_nothing() -> None:
    shown = tabulate_anomalies(report_on([*steady(FIRST, YESTERDAY), *SPIKE])).markup
    assert "<script>" not in shown
    assert "<b>i-9" not in shown


def test_a_quiet_bill_and_a_short_one_are_told_apart() -> None:
    quiet, short = (
        report_on(steady(FIRST, YESTERDAY)),
        report_on(steady(date(2026, 2, 10), YESTERDAY)),
    )
    texts = [plot_anomalies(one).layout.annotations[0].text for one in (quiet, short)]
    assert texts == ["No unusual day in this period", "Too few days to tell what is unusual"]
    assert "too few days" in tabulate_anomalies(short).markup


def test_aws_s_detection_that_was_not_seen_is_no_no() -> None:
    report = report_on([*steady(FIRST, YESTERDAY), *SPIKE])
    unseen = replace(report.unusual.aws, because=("AWS anomalies: denied",), is_set_up=None)
    shown = tabulate_anomalies(replace(report, unusual=replace(report.unusual, aws=unseen))).markup
    assert "not seen" in shown
    assert "AWS anomalies: denied" in shown
