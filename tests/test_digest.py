"""The digest of any notebook, out of its findings alone."""

from __future__ import annotations

from datetime import date

from opslib.digest import MOST_LINES, digest_findings
from opslib.findings import Severity, Suppression, Verdict
from opslib.present.digest import lines_as_text
from tests.runner.records import conclusion, document, finding, gap, headline

HIDDEN = Suppression(reason="known", by="ada", until=date(2026, 6, 30))


def test_what_fails_and_is_open_stands_before_findings_and_what_was_not_seen_is_last() -> None:
    lines = lines_as_text(
        digest_findings(
            document(
                finding("EC2"),
                finding("S3", severity=Severity.HIGH),
                headlines=(headline("12.5"),),
                conclusions=(conclusion(Verdict.INCONCLUSIVE), conclusion(Verdict.PASS)),
                coverage=(gap(),),
            )
        )
    ).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "tiny of test",
        "week cost",
        "inconclusive",
        "high",
        "medium",
        "Not seen",
    ]
    assert lines[0].startswith("tiny of test: 1 high and 1 medium found")
    assert lines[-1] == "Not seen: costs (denied)."


def test_it_never_has_more_than_fifteen_lines_and_counts_the_rest() -> None:
    found = [finding(str(number)) for number in range(30)]
    open_ones = [conclusion(Verdict.FAIL)] * 8
    lines = digest_findings(document(*found, conclusions=tuple(open_ones)))
    assert len(lines) == MOST_LINES
    told = sum(line.label == "medium" for line in lines)
    assert lines[-2].text == f"{30 - told} more findings in the report."
    assert lines[5].label == "Also"
    assert lines[5].text.count("fail: Is it so?") == 4


def test_a_suppressed_finding_is_told_and_not_counted() -> None:
    lines = digest_findings(document(finding("EC2", suppressed=HIDDEN)))
    assert lines[0].text.startswith("nothing found")
    assert lines[1].label == "1 suppressed finding"
    assert "Suppressed by ada until 30 Jun 2026: known." in lines[1].text
