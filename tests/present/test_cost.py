from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from opslib.analysis.cost import CostReport
from opslib.coverage import Coverage, CoverageStatus
from opslib.present import cost as show
from opslib.present.cost.explore import CostExplorer, list_resources
from opslib.present.evidence import show_evidence
from opslib.present.findings import show_conclusions, show_coverage, show_findings
from tests.analysis.cost.bills import LAST_SETTLED, Charge, make_bill, steady
from tests.analysis.cost.reports import FIRST, YESTERDAY, budget, report_on

HOSTILE = '<script>alert(1)</script>"onload=x [a](javascript:b) \x1b[31m=1+1'


@pytest.fixture(scope="module")
def hostile() -> CostReport:
    new = steady(
        date(2026, 2, 21),
        YESTERDAY,
        resource=HOSTILE,
        service=HOSTILE,
        meter=HOSTILE,
        unit=HOSTILE,
        cost="50",
        tags=(("Environment", HOSTILE),),
    )
    lines = [*steady(FIRST, YESTERDAY), *new]
    denied = Coverage(table="budgets", asked=HOSTILE, status=CoverageStatus.DENIED, detail=HOSTILE)
    rule = {"name": HOSTILE, "tag_key": "Environment", "tag_values": [""]}
    return report_on(
        make_bill(lines), [budget("10", BudgetName=HOSTILE)], [denied], shared_costs=[rule]
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.handlers: list[str] = []
        self.addresses: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value for name, value in attrs if name in {"href", "src"}]


def outputs(report: CostReport) -> list[Any]:
    return [
        show.show_summary(report, inline_style=False),
        show_findings(report.findings),
        show_conclusions(report.conclusions),
        show_coverage(report.coverage),
        show.tabulate_totals(report),
        show.tabulate_groups(report, "ServiceName", "Service"),
        show.tabulate_groups(report, "SubAccountId", "Account"),
        show.tabulate_effects(report),
        show.tabulate_budgets(report),
        show.tabulate_offenders(report),
        show.tabulate_allocation(report),
        show.tabulate_backtest(report),
        show.tabulate_month(report),
        show.tabulate_tag_values(report),
        show_evidence([], report.coverage),
        list_resources(report, LAST_SETTLED, "EffectiveCost", ServiceName=HOSTILE),
    ]


def test_hostile_names_are_shown_and_run_nothing(hostile: CostReport) -> None:
    for output in outputs(hostile):
        parser = Tags()
        parser.feed(output.markup)
        assert not parser.seen & {"script", "img", "iframe", "svg", "link"}
        inside = re.compile(r"#answer-\d+|tables/\w+\.csv")
        assert all(inside.fullmatch(str(address)) for address in parser.addresses)
        assert parser.handlers == []
        assert "\x1b" not in output.markup + output.plain


def test_hostile_names_reach_figures_as_text(hostile: CostReport) -> None:
    for figure in (show.plot_costs(hostile), show.plot_month(hostile), show.plot_effects(hostile)):
        assert "<script>" not in json.dumps(figure.to_dict(), default=str)


def test_the_first_screen_answers_in_words(hostile: CostReport) -> None:
    plain = show.show_summary(hostile, inline_style=False).plain
    for title in ("What we spent", "What changed and why", "What to do first", "could not see"):
        assert title in plain
    assert "$468.00" in plain


def test_tables_end_in_a_total_that_ties_out(hostile: CostReport) -> None:
    assert "Total | " not in show.tabulate_groups(hostile, "ServiceName", "Service").plain
    markup = show.tabulate_groups(hostile, "ServiceName", "Service").markup
    assert "<tfoot>" in markup
    assert "$468.00" in markup.split("<tfoot>")[1]


def test_providers_are_shown_where_there_are_several() -> None:
    lines = steady(FIRST, YESTERDAY)
    alone = make_bill(lines)
    assert alone.providers is not None
    assert show.tabulate_providers(report_on(alone)).markup == ""
    others = alone.providers.assign(ProviderName=HOSTILE)
    shared = replace(alone, providers=pd.concat([alone.providers, others], ignore_index=True))
    table = show.tabulate_providers(report_on(shared))
    assert "AWS | $168.00" in table.plain
    assert "$336.00" in table.markup.split("<tfoot>")[1]
    assert "<script>" not in table.markup


def test_an_empty_report_still_draws() -> None:
    report = report_on(make_bill([], days=(YESTERDAY,)))
    for output in outputs(report):
        assert output.markup
    for figure in (show.plot_costs(report), show.plot_month(report), show.plot_effects(report)):
        assert isinstance(figure, go.Figure)
    assert isinstance(show.explore_costs(report, headless=False), go.Figure)


def test_unsettled_days_are_drawn_apart(hostile: CostReport) -> None:
    bars = [trace for trace in show.plot_costs(hostile).data if trace.type == "bar"]
    for bar in bars:
        assert list(bar.marker.pattern.shape[-3:]) == ["/", "/", "/"]
        assert bar.marker.pattern.shape[-4] == ""


def test_the_controls_redraw_the_figure_and_a_click_lists_resources() -> None:
    other = steady(FIRST, YESTERDAY, service="Amazon S3", resource="bucket", account="222222222222")
    report = report_on(make_bill([*steady(FIRST, YESTERDAY), *other]))
    explorer = CostExplorer(report)
    assert {trace.name for trace in explorer.panel.figure.data} >= {"Amazon EC2", "Amazon S3"}
    explorer.filter.value = "s3"
    assert "Amazon EC2" not in {trace.name for trace in explorer.panel.figure.data}
    explorer.panel.reset.click()
    explorer.group.value = "account"
    assert {"111111111111", "222222222222"} <= {trace.name for trace in explorer.panel.figure.data}
    markup = list_resources(report, LAST_SETTLED, "EffectiveCost", SubAccountId="222222222222")
    assert "bucket" in markup.plain
    assert "i-1" not in markup.plain


def test_small_money_keeps_its_digits() -> None:
    report = report_on(make_bill([Charge(day=LAST_SETTLED, cost=Decimal("0.0000123"))]))
    assert "0.0000123 USD" in show.tabulate_totals(report).markup


def test_a_click_on_a_bar_shows_its_resources_and_so_do_the_lists() -> None:
    other = steady(FIRST, YESTERDAY, service="Amazon S3", resource="bucket")
    report = report_on(make_bill([*steady(FIRST, YESTERDAY), *other]))
    explorer = CostExplorer(report)
    assert explorer.resources.value == ""
    (bars,) = [trace for trace in explorer.panel.figure.data if trace.name == "Amazon EC2"]
    points = type("Points", (), {"point_inds": [len(bars.x) - 5]})
    explorer._pick(bars, points, None)
    clicked = explorer.resources.value
    assert "i-1" in clicked
    assert "$24.00" in clicked
    assert "bucket" not in clicked
    chosen = explorer.day.value
    explorer.panel.reset.click()
    assert explorer.resources.value == ""
    explorer.day.value = chosen
    assert "bucket" in explorer.resources.value
    explorer.name.value = ("Amazon EC2",)
    assert explorer.resources.value == clicked
    explorer.filter.value = "s3"
    assert "bucket" in explorer.resources.value


def test_resources_that_a_group_does_not_tell_are_said_to_be_of_all() -> None:
    report = report_on(make_bill(steady(FIRST, YESTERDAY)))
    listed = list_resources(report, LAST_SETTLED, "EffectiveCost", RegionId="us-east-1")
    assert "i-1" in listed.plain
    assert "does not tell this group" in listed.markup
