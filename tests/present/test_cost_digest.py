from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from opslib.analysis.cost import CostReport, report_tables
from opslib.analysis.cost.digest import digest_report
from opslib.coverage import Coverage, CoverageStatus
from opslib.digest import MOST_LINES
from opslib.findings import Conclusion, Severity, Verdict
from opslib.present.cost import export_files, link_exports
from opslib.present.cost.digest import digest_markdown, digest_text
from opslib.present.cost.summary import show_summary
from opslib.run_folder import RunFolder
from opslib.runner.manifest import hash_files
from opslib.runner.results import record_results
from tests.analysis.cost.bills import make_bill, steady
from tests.analysis.cost.reports import FIRST, YESTERDAY, budget, report_on
from tests.analysis.cost.unit_reports import NOW, charges, counts, unit_report

HOSTILE = (
    "@channel <!here> <@U1> [pay](https://evil.example) <b>x</b> **now** www.evil.example "
    "`x` |y| \u202e\x1b[31m\nnew line # title AKIAIOSFODNN7EXAMPLE"
)


def hostile() -> CostReport:
    lines = [
        *steady(FIRST, YESTERDAY),
        *steady(date(2026, 2, 21), YESTERDAY, service=HOSTILE, meter=HOSTILE, resource=HOSTILE),
    ]
    denied = Coverage(table=HOSTILE, asked=HOSTILE, status=CoverageStatus.DENIED, detail=HOSTILE)
    return report_on(make_bill(lines), [budget("10", BudgetName=HOSTILE)], [denied])


def crowded(answers: int, surprises: int) -> CostReport:
    """Return a report of many answers and many surprises."""
    report = report_on(make_bill(steady(FIRST, YESTERDAY)))
    verdicts = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL)
    conclusions = tuple(
        Conclusion(question=f"Question {n}?", verdict=verdicts[n % 3], sentence=f"Answer {n}.")
        for n in range(answers)
    )
    rise = unit_report(charges(lambda d: 120 if d >= NOW else 80), counts(lambda _: 1000)).findings[
        0
    ]
    assert rise.amount is not None
    findings = tuple(
        replace(
            rise,
            kind="cost.quantity_change",
            sentence=f"Rise {n}.",
            amount=type(rise.amount).exact(Decimal(n + 1)),
        )
        for n in range(surprises)
    )
    return replace(report, conclusions=conclusions, findings=findings)


@pytest.mark.parametrize("answers", [4, 5, 7, 12])
@pytest.mark.parametrize("surprises", [0, 1, 4, 40])
def test_it_is_never_longer_than_fifteen_lines(answers: int, surprises: int) -> None:
    report = crowded(answers, surprises)
    for text in export_files(report).values():
        assert len(text.splitlines()) <= MOST_LINES
        assert text.endswith("\n")
        assert "\n\n" not in text


def test_the_largest_surprises_come_first_and_the_rest_is_counted() -> None:
    text = digest_text(crowded(5, 40))
    first = text.splitlines()[2]
    assert first.startswith("Do first: ")
    assert "Rise 0." in first
    assert text.index("Rise 39.") < text.index("Rise 38.") < text.index("Rise 36.")
    told = [n for n in range(1, 40) if f"Rise {n}." in text]
    assert min(told) > 31
    assert f"And: {39 - len(told)} smaller surprises in the report." in text


@pytest.mark.parametrize(("answers", "surprises"), [(4, 4), (5, 6), (8, 3), (8, 40), (3, 40)])
def test_no_line_is_spare_while_something_is_left_to_tell(answers: int, surprises: int) -> None:
    text = digest_text(crowded(answers, surprises))
    left = "Also answered" in text or "smaller surprise" in text
    assert (len(text.splitlines()) == MOST_LINES) or not left


def test_what_comes_to_the_same_money_under_another_name_is_told_once() -> None:
    report = crowded(4, 3)
    first, second, third = report.findings
    renamed = replace(third, kind="cost.new_resource", amount=second.amount, sentence="As new.")
    alike = replace(third, amount=second.amount, sentence="A twin.")
    once = digest_text(replace(report, findings=(first, second, renamed)))
    both = digest_text(replace(report, findings=(first, second, alike)))
    assert "Rise 1." in once
    assert "As new." not in once
    assert "Rise 1." in both
    assert "A twin." in both


def test_a_line_ends_with_a_whole_sentence() -> None:
    report = crowded(4, 2)
    long = "It rose by 50% since 22 Feb 2026: a third of all. " + "It could be explained " * 30
    findings = (report.findings[0], replace(report.findings[1], sentence=long + "."))
    text = digest_text(replace(report, findings=findings))
    assert "It rose by 50% since 22 Feb 2026: a third of all.\n" in text
    unbroken = replace(report, findings=(*findings[:1], replace(findings[1], sentence="x" * 900)))
    assert "x…\n" in digest_text(unbroken)


def test_a_gap_and_no_finding_is_not_nothing_to_do() -> None:
    denied = Coverage(
        table="budgets", asked="", status=CoverageStatus.DENIED, remedy="Grant the action."
    )
    report = report_on(make_bill(steady(FIRST, YESTERDAY)), (), [denied])
    text = digest_text(report)
    assert "Do first: no finding wants action; see to what was not seen. " in text
    assert "budgets: Grant the action.\n" in text


def test_answers_that_do_not_fit_are_named_with_their_verdict() -> None:
    report = crowded(12, 0)
    text = digest_text(report)
    for one in report.conclusions:
        assert one.question in text
    assert "Question 6? pass. Question 9? pass." in text
    assert "fail: Question 2? Answer 2." in text


def test_names_from_outside_neither_notify_nor_link_nor_mark_up() -> None:
    report = hostile()
    for text in (digest_text(report), digest_markdown(report)):
        for harmful in ("@", "<", ">", "://", "www.", "\x1b", "\u202e", "AKIA"):
            assert harmful not in text, harmful
        assert "\uff20channel" in text
    for mark in ("[pay](", "**now**", "`x`", "|y|"):
        assert mark in digest_text(report)
        assert mark not in digest_markdown(report)
    starts = [line[:2] for line in digest_markdown(report).splitlines()]
    assert starts == ["**", *["- "] * (len(starts) - 1)]


def test_what_was_spent_and_what_to_do_are_told() -> None:
    lines = [
        *steady(FIRST, YESTERDAY),
        *steady(date(2026, 2, 21), YESTERDAY, resource="i-new", meter="BoxUsage:x", cost="50"),
    ]
    report = report_on(make_bill(lines), [budget("10000")])
    text = digest_text(report)
    assert text.startswith(
        "Costs of sandbox, 20 to 26 Feb 2026: $468.00 spent, +$300.00 (+179%) against the week "
        "before (as of 2026-03-02 06:00 UTC).\n"
    )
    assert ": +$300.00 this week" in text
    assert "Not settled, and compared with nothing: 27 Feb to 1 Mar 2026." in text
    assert "Do first: Find " in text
    assert "March: comes to " in text


def test_every_amount_is_that_of_a_finding_a_headline_or_an_answer() -> None:
    report = unit_report(charges(lambda d: 120 if d >= NOW else 80), counts(lambda _: 1000))
    lines = digest_report(report)
    told = [one.sentence for one in report.findings] + [one.sentence for one in report.conclusions]
    for line in lines[3:-2]:
        if line.label == "Also answered":
            assert "$" not in line.text
        else:
            assert any(sentence in line.text for sentence in told), line
    dearer = "1,000 requests cost $120.00, +50% against the week before ($80.00)"
    assert any(dearer in one.sentence for one in report.conclusions)
    assert any(dearer in line.text for line in lines)
    days = report_tables(report)["unit_costs"]
    assert days.iloc[0]["unit_cost"] == 120


def test_what_cannot_be_told_is_said() -> None:
    gone = date(2026, 2, 23)
    lines = [line for line in steady(FIRST, YESTERDAY) if line.day != gone]
    denied = Coverage(table="budgets", asked="", account="shop", status=CoverageStatus.DENIED)
    text = digest_text(report_on(make_bill(lines), (), [denied]))
    assert "Costs of sandbox, 20 to 26 Feb 2026: $144.00 spent, not compared, since " in text
    assert "inconclusive: Is the bill complete? The bill may be incomplete. Because bill" in text
    assert "inconclusive: Will the budgets hold?" in text
    assert "March: no forecast: " in text
    assert "budgets of shop (denied)" in text


def test_an_empty_bill_is_unknown_and_not_free() -> None:
    text = digest_text(report_on(make_bill([], days=(YESTERDAY - timedelta(days=1), YESTERDAY))))
    assert "20 to 26 Feb 2026: unknown, not a single charge came back (as of " in text
    assert "pass:" not in text


def test_a_pass_says_no_more_than_the_answer() -> None:
    report = report_on(make_bill(steady(FIRST, YESTERDAY)), [budget("10000")])
    first = digest_report(report)[3]
    assert first.label == "pass"
    assert first.text == f"Is the bill complete? {report.conclusions[0].sentence}"
    (unsettled,) = [f for f in report.findings if f.severity is Severity.INFO]
    assert unsettled.sentence not in digest_text(report)


def test_the_files_lie_beside_the_report_with_their_hash(tmp_path: Path) -> None:
    report = unit_report(charges(lambda _: 80), counts(lambda _: 0.5))
    run = RunFolder(path=tmp_path)
    record_results(run, report.document(), report_tables(report), export_files(report))
    listed = json.loads(json.dumps(hash_files(tmp_path)))
    paths = {one["path"] for one in listed} if isinstance(listed, list) else set(listed)
    linked = [part.split('"')[0] for part in link_exports().markup.split('href="')[1:]]
    assert sorted(linked) == ["exports/digest.md", "exports/digest.txt"]
    assert set(linked) <= paths


def test_the_first_screen_asks_to_close_gaps_where_nothing_was_found() -> None:
    spans = ("2026-02-18T00:00Z to 2026-02-21T00:00Z", "2026-02-20T00:00Z to 2026-02-27T00:00Z")
    partial = [
        Coverage(table="ecs events", asked=span, status=CoverageStatus.PARTIAL, detail="the last")
        for span in spans
    ]
    report = report_on(make_bill(steady(FIRST, YESTERDAY)), (), partial)
    shown = show_summary(report, inline_style=False)
    assert "close the gaps" in shown.markup
    assert "ecs events: the last." in shown.markup
    assert "1 gap<" in shown.markup
    whole = show_summary(report_on(make_bill(steady(FIRST, YESTERDAY))), inline_style=False)
    assert "close the gaps" not in whole.markup
    assert "No finding wants action this time." in whole.markup
