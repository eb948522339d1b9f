"""What is sent of a run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from opslib.digest import MOST_LINES
from opslib.estimate import Estimate
from opslib.findings import Conclusion, Finding, Severity, Suppression, Verdict
from opslib.present.announcement import announce_absence, announce_failure, announce_report
from tests.runner.records import conclusion, document, finding, gap

LINK = "https://reports.acme.example/2026-03-02/prod/cost_analysis-060000Z/report.html"


def costly(name: str, dollars: str, **values: object) -> Finding:
    amount = Estimate.exact(Decimal(dollars))
    return finding(name, amount=amount, currency="USD", **values)


def test_a_report_is_told_by_answers_findings_gaps_and_its_link() -> None:
    found = document(
        costly("EC2", "900", owner="payments"),
        finding("RDS", severity=Severity.HIGH),
        conclusions=[conclusion(each) for each in (Verdict.PASS, Verdict.FAIL)],
        coverage=(gap(),),
    )
    told = announce_report(found, link=LINK)
    assert told.subject == "[test] tiny: 1 fail; 1 high, 1 medium"
    assert told.text.splitlines() == [
        "tiny of test: 1 high and 1 medium found (as of 2026-03-02 06:00 UTC).",
        "fail: Is it so? It is as it is.",
        "high: RDS costs more. Ask why.",
        "medium, +$900.00, payments: EC2 costs more. Ask why.",
        "Not seen: costs (denied).",
        f"Report: {LINK}",
    ]


def test_an_owner_is_told_the_own_findings_and_every_gap() -> None:
    found = (costly("S3", "5", owner="web"), costly("EC2", "9", owner="payments"))
    told = announce_report(document(*found, coverage=(gap(),)), link=LINK, owner="web")
    assert told.subject == "[test] tiny: 1 medium for web"
    assert "medium, +$5.00: S3 costs more" in told.text
    assert "EC2" not in told.text
    assert "Not seen: costs (denied)" in told.text


def test_findings_below_a_severity_are_not_told_and_a_calm_report_is() -> None:
    told = announce_report(document(finding("S3")), link=LINK, at_least=Severity.HIGH)
    assert "S3" not in told.text
    assert told.subject == "[test] tiny: no findings"
    assert "Not seen: nothing that was asked for." in told.text


def test_a_suppressed_finding_is_told_and_not_counted() -> None:
    hidden = Suppression(reason="known", by="ada", until=date(2026, 6, 30))
    told = announce_report(document(finding("S3", suppressed=hidden)), link=LINK)
    assert told.subject == "[test] tiny: no findings"
    assert "1 suppressed finding: S3 costs more. Suppressed by ada" in told.text


@pytest.mark.parametrize("answers", [0, 40])
@pytest.mark.parametrize("found", [0, 500])
def test_however_much_is_found_the_text_is_short(answers: int, found: int) -> None:
    long = "\N{GRINNING FACE}" * 5000
    findings = [finding(f"{n}", sentence=long, action=long, owner=long) for n in range(found)]
    question = Conclusion(question=long, verdict=Verdict.FAIL, sentence=long, because=(long, long))
    told = announce_report(document(*findings, conclusions=(question,) * answers), link=LINK)
    assert len(told.text.splitlines()) <= MOST_LINES + 1
    assert len(told.text.encode()) < 256 * 1024


def test_a_subject_is_one_short_line_of_ascii() -> None:
    told = announce_absence("tiny\n" + "\N{GRINNING FACE}" * 200, "test", allowed="26h", last="")
    assert len(told.subject) < 100
    assert told.subject.isascii()
    assert told.subject.isprintable()


def test_names_from_outside_notify_nobody_and_secrets_stay_here() -> None:
    hostile = "<!channel> @here https://evil.example token=hunter2hunter2"
    told = announce_report(document(finding("S3", sentence=hostile)), link=LINK).text
    assert not {"<", ">", "@"} & set(told.replace(LINK, ""))
    assert "https://evil" not in told
    assert "hunter2" not in told


def test_a_failure_is_told_with_why_where_and_what_to_do() -> None:
    told = announce_failure(
        "tiny",
        "test",
        begun="2026-03-02 06:00 UTC",
        what="no right, password=hunter2hunter2",
        where="acme ce:GetCostAndUsage",
        remedy="Grant the action.",
        kept="reports/.failed/2026-03-02/test/tiny-060000Z",
    )
    assert told.subject == "[test] tiny: the run failed, no report"
    assert "What: no right, password=[redacted" in told.text
    assert "Where: acme ce:GetCostAndUsage\nWhat to do: Grant the action.\nKept in: reports/" in (
        told.text
    )
    assert "hunter2" not in told.text


@pytest.mark.parametrize(
    ("last", "says"),
    [
        ("2026-03-01 06:00 UTC", "no report within 26h, the newest is of 2026-03-01 06:00 UTC."),
        ("", "no report within 26h, there never was one."),
    ],
)
def test_a_missing_report_is_told_with_the_newest_there_is(last: str, says: str) -> None:
    told = announce_absence("tiny", "test", allowed="26h", last=last)
    assert told.subject == "[test] tiny: no report within 26h"
    assert says in told.text
    assert "opslib run tiny -e test" in told.text
