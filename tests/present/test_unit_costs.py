from __future__ import annotations

import json
from typing import Any

import pytest

from opslib.analysis.cost import CostReport
from opslib.coverage import Coverage, CoverageStatus
from opslib.present import cost as show
from opslib.tables.unit_counts import counts_of
from tests.analysis.cost.unit_reports import NOW, charges, counts, unit_report

HOSTILE = "<script>alert(1)</script> [a](b) \x1b[31m"


def spent(day: Any) -> object:
    return 80 + day.toordinal() * 7 % 5


def weekly(day: Any) -> float:
    return 100_000 if day.weekday() < 5 else 50_000


@pytest.fixture(scope="module")
def report() -> CostReport:
    return unit_report(charges(spent), counts(weekly))


def texts(figure: Any) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_the_figure_draws_price_over_volume_and_the_band(report: CostReport) -> None:
    figure = show.plot_unit_costs(report)
    kinds = [(trace.type, trace.yaxis) for trace in figure.data]
    assert kinds == [("scatter", "y")] * 3 + [("bar", "y2")]
    low, high, price, volume = figure.data
    (trend,) = report.units
    assert trend.against is not None
    assert low.y[0] < float(trend.current.price or 0) < high.y[0]
    assert price.y[-1] == float(trend.current.price or 0)
    assert volume.y[-1] == 600_000
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]


def test_the_band_is_where_the_weeks_before_would_put_this_one(report: CostReport) -> None:
    figure = show.plot_unit_costs(report)
    (trend,) = report.units
    held = trend.periods[1:13]
    together = 1000 * float(sum(p.cost for p in held) / sum(p.count for p in held))
    low, high = figure.data[0].y[0], figure.data[1].y[0]
    assert (low * high) ** 0.5 == pytest.approx(together)


def test_a_week_that_lacks_days_is_drawn_apart() -> None:
    gone = NOW.replace(day=3)
    figure = show.plot_unit_costs(
        unit_report(charges(spent), counts(lambda d: None if d == gone else weekly(d)))
    )
    price, volume = figure.data[2:]
    assert [place for place, told in enumerate(price.y, -len(price.y)) if told is None] == [-4]
    assert list(volume.marker.pattern.shape).count("/") == 1
    assert list(volume.marker.pattern.shape)[-4] == "/"


def test_two_units_stand_one_below_the_other() -> None:
    units = [{"name": "request"}, {"name": "order", "per": 1}]
    figure = show.plot_unit_costs(unit_report(charges(spent), counts(weekly), unit_costs=units))
    assert len({trace.yaxis for trace in figure.data}) == 2
    assert (
        "order"
        in show.tabulate_unit_costs(
            unit_report(charges(spent), counts(weekly), unit_costs=units)
        ).markup
    )


def test_without_a_count_one_sentence_says_why_and_what_to_do() -> None:
    nothing = counts(lambda _: None)
    report = unit_report(charges(spent), nothing)
    (told,) = texts(show.plot_unit_costs(report))
    assert "No load balancer was found" in told
    assert "unit_costs" in told
    assert "give it a CloudWatch metric" in show.tabulate_unit_costs(report).markup
    denied = Coverage(
        table=counts_of("request"), asked="", status=CoverageStatus.DENIED, detail="no right"
    )
    (refused,) = texts(show.plot_unit_costs(unit_report(charges(spent), nothing, [denied])))
    assert refused.startswith("Not told: counts of request: denied, no right")


def test_the_table_tells_the_parts_and_what_moves_them(report: CostReport) -> None:
    markup = show.tabulate_unit_costs(report).markup
    (trend,) = report.units
    assert f"{trend.current.count:,.0f}" in markup
    assert "7 of 7" in markup
    assert "by spend and" in markup
    assert "Growth a week: " in markup
    assert "most of it is fixed, and fewer units make each dearer" in markup


def test_cost_that_goes_with_the_units_is_told_so() -> None:
    report = unit_report(charges(lambda d: weekly(d) / 1000), counts(weekly))
    assert "most of it goes with the units" in show.tabulate_unit_costs(report).markup


def test_hostile_names_are_shown_and_run_nothing() -> None:
    units = [{"name": HOSTILE, "services": [HOSTILE], "tag_key": "Project", "tag_value": HOSTILE}]
    lines = charges(spent, service=HOSTILE, tags=(("Project", HOSTILE),))
    report = unit_report(lines, counts(weekly, unit=HOSTILE), unit_costs=units)
    markup = show.tabulate_unit_costs(report).markup
    assert "<script>" not in markup
    assert "\x1b" not in markup
    assert "&lt;script&gt;" in markup
    assert "<script>" not in json.dumps(show.plot_unit_costs(report).to_dict(), default=str)
