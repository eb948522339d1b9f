"""What the capacity notebook shows: first screen, walls, figures, and the sliders."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pytest

from opslib.analysis.capacity.document import CapacityReport, capacity_tables, report_capacity
from opslib.analysis.capacity.report import analyse_capacity
from opslib.analysis.capacity.scaling.settings import propose_settings
from opslib.coverage import Coverage, CoverageStatus
from opslib.present.capacity import (
    explore_capacity,
    export_files,
    link_exports,
    plot_forecasts,
    show_summary,
    tabulate_constraints,
    tabulate_unknown,
    tabulate_walls,
)
from opslib.present.capacity.explore import CapacityExplorer
from opslib.present.capacity.names import distinct_names
from opslib.tables.capacity import CapacityTables
from tests.analysis.capacity.estates import by_day, estate, growing, parameters
from tests.analysis.capacity.scaled_services import deployment, waves


@dataclass(frozen=True)
class RowOf:
    resource: str
    name: str
    service: str


DENIED = Coverage(
    table="capacity quotas", account="shop", asked="", status=CoverageStatus.DENIED, detail="no"
)
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def tables() -> CapacityTables:
    usage = {
        "api": growing(200, 30, 0.3, 1.0, 2),
        EVIL: growing(200, 20, 0.3, 1.0, 7),
        "flat": growing(200, 40, 0.0, 1.0, 3),
        "silent": None,
    }
    return estate(usage)


@pytest.fixture(scope="module")
def report(tables: CapacityTables) -> CapacityReport:
    chosen = parameters(horizon_days=90)
    return report_capacity(chosen, analyse_capacity(chosen, tables), [DENIED])


def test_the_first_screen_names_the_first_wall_and_the_day_to_act(report: CapacityReport) -> None:
    shown = show_summary(report, inline_style=False)
    assert "Which wall comes first?" in shown.plain
    first = shown.plain.splitlines()[0]
    assert "CPU of api" in first
    assert "80 %:" in first
    assert "capacity quotas" in shown.plain


def test_a_report_without_a_limit_says_so() -> None:
    chosen = parameters()
    empty = report_capacity(chosen, analyse_capacity(chosen, estate({})), [DENIED])
    shown = show_summary(empty, inline_style=False)
    assert "not known" in shown.plain
    assert "none" not in shown.plain.splitlines()[0]


def test_names_from_outside_are_escaped_everywhere(report: CapacityReport) -> None:
    shown = [
        show_summary(report, inline_style=True),
        tabulate_walls(report),
        tabulate_constraints(report),
        tabulate_unknown(report),
    ]
    assert all("<img" not in one.markup for one in shown)
    figures = [explore_capacity(report, headless=True), plot_forecasts(report.analysis.limits)]
    assert all("<img" not in str(json.loads(one.to_json())["layout"]) for one in figures)
    assert all("<img" not in str(trace.y) for one in figures for trace in one.data)


def test_walls_stand_beside_the_backtest_of_their_forecast(report: CapacityReport) -> None:
    plain = tabulate_walls(report).plain
    line = next(one for one in plain.splitlines() if one.startswith("CPU of api"))
    backtest = report.analysis.limits[0].forecast.backtest  # type: ignore[union-attr]
    assert f"{backtest.coverage[0.8]:.0%} / {backtest.coverage[0.95]:.0%}" in line


def test_what_has_no_date_is_listed_with_its_reason(report: CapacityReport) -> None:
    assert "CPU of silent" in tabulate_unknown(report).plain
    assert "nothing was measured" in tabulate_unknown(report).plain
    assert "silent" not in tabulate_walls(report).plain


def test_the_figure_draws_only_what_is_reached(report: CapacityReport) -> None:
    drawn = explore_capacity(report, headless=True)
    medians = next(trace for trace in drawn.data if trace.name == "median")
    assert "CPU of api" in medians.y
    assert "CPU of flat" not in medians.y


def test_an_estate_without_walls_has_a_figure_that_says_so() -> None:
    chosen = parameters()
    calm = estate({"flat": growing(200, 40, 0.0, 1.0, 3)})
    calm_report = report_capacity(chosen, analyse_capacity(chosen, calm), [])
    drawn = explore_capacity(calm_report, headless=True)
    assert "No limit is reached within 120 days" in drawn.layout.annotations[0].text


def test_fans_are_drawn_on_what_was_measured(report: CapacityReport) -> None:
    drawn = plot_forecasts(report.analysis.limits)
    names = {trace.name for trace in drawn.data}
    assert {"measured", "median", "95% interval", "80% interval", "50% interval"} <= names


def test_sliders_move_the_table_and_the_figure(report: CapacityReport) -> None:
    explorer = CapacityExplorer(report)
    before = explorer.list.value
    explorer.growth.value = 30
    grown = explorer.list.value
    assert grown != before
    explorer.lost.value = True
    assert explorer.list.value != grown
    assert "reached" in explorer.list.value
    explorer.panel.reset.click()
    assert explorer.list.value == before


def test_a_lead_time_moves_the_day_to_act_by_on_the_screen(report: CapacityReport) -> None:
    explorer = CapacityExplorer(report)
    marks = next(trace for trace in explorer.panel.figure.data if trace.name == "act by")
    explorer.lead.value = 20
    moved = next(trace for trace in explorer.panel.figure.data if trace.name == "act by")
    assert tuple(marks.x) != tuple(moved.x)


def test_tables_hold_every_limit(report: CapacityReport, tables: CapacityTables) -> None:
    kept = capacity_tables(report, tables)
    assert set(kept["limits"]["Name"]) == {"api", EVIL, "flat", "silent"}
    silent = kept["limits"].set_index("Name").loc["silent"]
    assert silent["WhyNot"] == "nothing was measured"
    assert len(kept["forecasts"]) == 3 * 90
    assert (kept["forecasts"]["Low95"] <= kept["forecasts"]["High95"]).all()
    assert (kept["week_ahead"]["Low95"] <= kept["week_ahead"]["High95"]).all()
    hours = kept["week_ahead"].groupby(["Resource", "Limit"])["Hour"]
    assert ((hours.max() - hours.min()) == timedelta(hours=7 * 24 - 1)).all()


def test_the_document_counts_what_has_no_forecast(report: CapacityReport) -> None:
    headlines = {one.name: one.amount for one in report.document().headlines}
    assert headlines["limits_without_forecast"] == 1
    assert headlines["walls"] == 2


def test_a_limit_that_is_met_already_is_said_to_be() -> None:
    chosen = parameters()
    full = estate({"full": by_day([100.0] * 40)})
    said = show_summary(
        report_capacity(chosen, analyse_capacity(chosen, full), []), inline_style=False
    )
    assert "reached" in said.plain.splitlines()[0]


def test_no_manifest_is_written_or_linked_where_no_deployment_scales(
    report: CapacityReport,
) -> None:
    assert set(export_files(report)) == {"scaling.auto.tfvars.json", "scaling_reasons.md"}
    assert "hpa.yaml" not in link_exports(report).markup
    assert "exports/scaling_reasons.md" in link_exports(report).markup
    pods = deployment(waves(28, 0.5, 6.0), np.ceil(waves(28, 0.5, 6.0) / 0.6))
    chosen = parameters()
    scaled = replace(
        report, analysis=replace(report.analysis, scaling=propose_settings(pods, chosen))
    )
    assert export_files(scaled)["hpa.yaml"].startswith("# Proposed HorizontalPodAutoscalers")
    assert 'href="exports/hpa.yaml"' in link_exports(scaled).markup


def test_the_dotted_line_meets_the_limit_on_the_day_of_p10(report: CapacityReport) -> None:
    limit = report.analysis.limits[0]
    assert limit.full is not None
    line = next(one for one in plot_forecasts([limit]).data if "highest so far" in one.name)
    assert list(line.y) == sorted(line.y)
    meets = next(n for n, y in enumerate(line.y, 1) if y >= limit.value)
    assert meets == pytest.approx(limit.full.p10, abs=4)


def test_resources_of_one_name_are_told_apart() -> None:
    def named(resource: str, name: str) -> RowOf:
        return RowOf(resource=resource, name=name, service="ecs")

    here, there = (f"arn:aws:ecs:{region}:111:service/web" for region in ("eu-west-1", "us-east-1"))
    names = distinct_names([named(here, "web"), named(there, "web"), named("other", "lone")])
    assert names == {
        here: "web (ecs, 111, eu-west-1)",
        there: "web (ecs, 111, us-east-1)",
        "other": "lone",
    }
