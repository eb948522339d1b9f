"""Findings at the top of a report."""

from __future__ import annotations

from datetime import date

from opslib.findings import Suppression
from opslib.present.findings import show_findings
from tests.runner.records import finding

HIDDEN = Suppression(reason="<b>known</b>", by="ada", until=date(2026, 6, 30))


def test_suppressed_findings_stand_below_the_others_with_the_reason_whatever_is_cut_off() -> None:
    shown = show_findings(
        [finding("EC2"), finding("S3"), finding("RDS", suppressed=HIDDEN)], most=1
    ).markup
    assert shown.index("EC2 costs more.") < shown.index("1 suppressed finding")
    assert shown.index("1 suppressed finding") < shown.index("RDS costs more.")
    assert "S3" not in shown
    assert "Suppressed by ada until 30 Jun 2026: &lt;b&gt;known&lt;/b&gt;." in shown


def test_where_all_are_suppressed_nothing_counts_and_they_are_listed() -> None:
    shown = show_findings([finding("RDS", suppressed=HIDDEN)])
    assert "Nothing found." in shown.markup
    assert "RDS costs more." in shown.markup
    assert "Suppressed by ada" in shown.plain
