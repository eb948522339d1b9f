"""Recommendations with their filters, owners, and what became of earlier advice."""

from __future__ import annotations

from opslib.present.html import Html
from opslib.present.savings import (
    explore_recommendations,
    tabulate_follow_through,
    tabulate_rejections,
)
from opslib.present.savings.explore import RecommendationExplorer
from opslib.present.savings.owners import tabulate_owners
from opslib.tables.past_advice import PastAdvice
from tests.analysis.savings.estates import DAYS
from tests.analysis.savings.reports import report_on
from tests.analysis.savings.test_advice import OWNERS, VOLUMES, declined
from tests.analysis.savings.test_follow_through import advice

TAKEN = advice("a", "60", ("gp3", "60"))


def test_headless_it_is_the_tables() -> None:
    shown = explore_recommendations(report_on(VOLUMES, owners=OWNERS), headless=True)
    assert isinstance(shown, Html)
    assert "What to do" in shown.plain
    assert "search | 1 | $30.00" in shown.plain
    assert "platform | 2 | $60.00" in shown.plain


def test_without_owners_no_table_of_them() -> None:
    shown = explore_recommendations(report_on(VOLUMES), headless=True)
    assert isinstance(shown, Html)
    assert "Who could save it" not in shown.plain


def test_without_recommendations_there_is_nothing_to_move() -> None:
    assert isinstance(explore_recommendations(report_on({}), headless=False), Html)


def test_what_nobody_owns_is_shown() -> None:
    shown = tabulate_owners(report_on(VOLUMES, owners=OWNERS[1:]))
    assert shown.plain.splitlines()[1:] == ["nobody | 2 | $60.00", "search | 1 | $30.00"]
    assert "$90.00" in shown.markup


def test_filters_narrow_by_owner_and_by_saving() -> None:
    larger = ("a", "EBS:VolumeUsage.gp2", "1", "2", DAYS)
    report = report_on(VOLUMES, larger, owners=OWNERS)
    explorer = RecommendationExplorer(report)
    assert len(explorer.shown) == 3
    explorer.owner.value = ("platform",)
    assert {one.recommendation.thing.id for one in explorer.shown} == {"b", "c"}
    assert "$60.00" in explorer.tables.value
    explorer.panel.reset.click()
    explorer.threshold.value = explorer.threshold.max
    assert {one.recommendation.thing.id for one in explorer.shown} == {"a"}
    explorer.panel.reset.click()
    assert len(explorer.shown) == 3


def test_what_is_rejected_is_shown_from_the_dearest_on() -> None:
    volumes: dict[str, dict[str, str]] = {"a": {}, "b": {}, "c": {}}
    larger = ("b", "EBS:VolumeUsage.gp2", "1", "2", DAYS)
    shown = tabulate_rejections(report_on(volumes, larger, min_saving="1000", top=2))
    lines = shown.plain.splitlines()
    assert [line.split(" | ")[1] for line in lines[1:3]] == ["b", "a"]
    assert lines[1].endswith("| $90.00")
    assert "1 more in" in shown.markup


def test_names_from_outside_are_escaped() -> None:
    shown = tabulate_follow_through(report_on(VOLUMES, past=TAKEN))
    assert "<a>" not in shown.markup
    assert "&lt;a&gt;" in shown.markup
    assert "$60.00" in shown.markup


def test_files_that_do_not_fit_are_told() -> None:
    unknown = declined("0123456789ab", DAYS[0]).declined
    past = PastAdvice(advice=TAKEN.advice, lines=TAKEN.lines, declined=unknown)
    rules = [{"owner": "x", "tags": {"Team": "none"}}]
    shown = tabulate_follow_through(report_on(VOLUMES, past=past, owners=rules))
    assert "Declined advice | ada declined 0123456789ab" in shown.plain
    assert "Owner map | The owner map gives x" in shown.plain


def test_without_earlier_reports_it_says_so() -> None:
    assert (
        "There is no report of an earlier moment"
        in tabulate_follow_through(report_on(VOLUMES)).markup
    )
