"""Commitments as a table, a figure and a slider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import ipywidgets
import pytest

from opslib.analysis.savings.commitments.report import BacktestReport, backtest_commitments
from opslib.analysis.savings.report import SavingsReport
from opslib.parameters.savings import SavingsParameters
from opslib.present.savings.commitments import (
    CommitmentExplorer,
    explore_commitments,
    plot_regret,
    tabulate_tried,
)
from opslib.tables.savings_hours import BacktestTables
from tests.analysis.savings.commitments.hours import METER, rates_of, tables_of, used
from tests.analysis.savings.estates import parameters


@dataclass
class Shown:
    """The parts of a report that are shown here."""

    parameters: SavingsParameters
    backtest: BacktestReport
    currency: str = "USD"


def report_of(tables: BacktestTables) -> SavingsReport:
    told = parameters()
    shown = Shown(told, backtest_commitments(tables, (), told, "USD"))
    return cast("SavingsReport", shown)


@pytest.fixture(scope="module")
def report() -> SavingsReport:
    rates = rates_of(
        ("compute-savings-plan", "", METER, "0.7"),
        ("ec2-instance-savings-plan", "m6i us-east-1", METER, "0.6"),
    )
    return report_of(tables_of(used(range(60 * 24)), rates))


def test_the_table_totals_what_is_to_buy(report: SavingsReport) -> None:
    markup = tabulate_tried(report).markup
    assert markup.count("$288.00") >= 2  # 0.4 * 720: of the plan, and in all
    assert "yes" in markup
    assert "no" in markup


def test_the_figure_has_its_least_regret_at_the_best_level(report: SavingsReport) -> None:
    drawn = plot_regret(report.backtest.tried, "USD")
    for curve in drawn.data:
        assert curve.x[min(range(len(curve.y)), key=curve.y.__getitem__)] == pytest.approx(100)
        assert min(curve.y) == 0


def test_headless_is_the_figure(report: SavingsReport) -> None:
    assert len(cast("Any", explore_commitments(report, headless=True)).data) == 2


def test_the_slider_tells_what_its_level_would_have_cost(report: SavingsReport) -> None:
    explorer = CommitmentExplorer(report.backtest.tried, report)
    assert isinstance(explorer.view, ipywidgets.VBox)
    assert "$288.00" in explorer.told.value
    explorer.level.value = 50
    assert "$144.00" in explorer.told.value
    explorer.level.value = 0
    assert "$720.00" in explorer.told.value
    explorer.offer.value = 1
    explorer.level.value = 100
    assert "0.700 USD an hour" in explorer.told.value


def test_without_an_export_it_is_said_what_lacks() -> None:
    report = report_of(BacktestTables())
    assert "hourly_path" in tabulate_tried(report).markup
    drawn = cast("Any", explore_commitments(report, headless=False))
    assert drawn.layout.annotations[0].text == "No commitment that would have paid."
