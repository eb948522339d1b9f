"""The index of all runs, and how one compares with the one before it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from opslib.comparison import compare_runs
from opslib.findings import Severity, Suppression, Verdict
from opslib.runner.history import previous_run, read_runs, usual_seconds
from opslib.runner.index import write_index
from opslib.runner.manifest import Manifest, RunStatus, read_manifest, write_manifest
from tests.runner.records import conclusion, document, finding, gap, headline, record_run


def text_of(index: Path) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", index.read_text()).split())


def test_findings_are_new_gone_or_changed_by_their_identity() -> None:
    before = document(finding("EC2"), finding("S3"), finding("RDS"))
    after = document(finding("EC2"), finding("S3", severity=Severity.HIGH), finding("Lambda"))
    compared = compare_runs(before, after)
    assert [each.subject["ServiceName"] for each in compared.new] == ["Lambda"]
    assert [each.subject["ServiceName"] for each in compared.gone] == ["RDS"]
    assert [pair.after.severity for pair in compared.changed] == [Severity.HIGH]


def test_a_figure_that_was_unknown_before_has_changed() -> None:
    before = document(headlines=(headline(None), headline("3", "days_left", "days")))
    after = document(headlines=(headline("12.50"), headline("3.0", "days_left", "days")))
    (changed,) = compare_runs(before, after).headlines
    assert changed.after.name == "week_cost"


def test_the_index_lists_newest_first_with_what_changed(tmp_path: Path) -> None:
    record_run(tmp_path, 0, document(finding("RDS"), headlines=(headline("10"),)))
    record_run(tmp_path, 5, document(finding("EC2"), headlines=(headline("12.5"),)))
    text = text_of(write_index(tmp_path))
    assert text.index("07:05 UTC") < text.index("07:00 UTC")
    assert "new, medium EC2 costs more." in text
    assert "gone RDS costs more." in text
    assert "week cost: $10.00 → $12.50" in text
    assert "the first of its kind" in text


def test_a_finding_that_could_not_be_looked_for_is_not_called_gone(tmp_path: Path) -> None:
    record_run(tmp_path, 0, document(finding("RDS")))
    record_run(tmp_path, 5, document(coverage=(gap(),)))
    text = text_of(write_index(tmp_path))
    assert "not seen again RDS costs more." in text
    assert "gone" not in text


def test_runs_of_different_environments_are_not_compared(tmp_path: Path) -> None:
    record_run(tmp_path, 0, document(finding("RDS")), environment="prod")
    record_run(tmp_path, 5, document())
    runs = read_runs(tmp_path)
    assert previous_run(runs, runs[0]) is None


def test_a_failed_run_is_named_with_its_error_and_compared_with_nothing(tmp_path: Path) -> None:
    record_run(tmp_path, 0, document(finding("RDS")))
    folder = tmp_path / ".failed" / "2026-03-02" / "test" / "tiny-070300Z"
    folder.mkdir(parents=True)
    manifest = Manifest(
        notebook="tiny",
        question="Is it so?",
        environment="test",
        parameters={},
        started="2026-03-02T07:03:00+00:00",
        status=RunStatus.FAILED,
    )
    write_manifest(folder, manifest)
    (folder / "error.json").write_text(json.dumps({"what": "<b>denied</b>", "where": "ce"}))
    record_run(tmp_path, 5, document(finding("RDS")))
    index = write_index(tmp_path)
    assert "failed &lt;b&gt;denied" in index.read_text().replace("</span>", "")
    assert "2 reports 1 failed" in text_of(index)
    runs = read_runs(tmp_path)
    assert previous_run(runs, runs[0]) == runs[2]


def test_text_from_outside_is_escaped_everywhere(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>"
    found = document(
        finding(hostile, action=hostile),
        headlines=(headline("1", name=hostile),),
        conclusions=(conclusion(Verdict.FAIL),),
        coverage=(gap(hostile),),
    )
    record_run(tmp_path, 0, document())
    record_run(tmp_path, 5, found, question=hostile)
    html = write_index(tmp_path).read_text().replace("<script nonce=", "")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 5


def test_what_is_no_run_is_left_out(tmp_path: Path) -> None:
    broken = tmp_path / "2026-03-02" / "test" / "tiny-060000Z"
    broken.mkdir(parents=True)
    (broken / "run.json").write_text("{")
    sample = tmp_path / "samples" / "test" / "tiny"
    sample.mkdir(parents=True)
    (sample / "run.json").write_text("{}")
    assert read_runs(tmp_path) == []
    assert "No run yet" in text_of(write_index(tmp_path))


def test_the_usual_duration_is_the_median_of_the_last_five(tmp_path: Path) -> None:
    assert usual_seconds(tmp_path, "tiny", "test") is None
    for minute, seconds in enumerate([1000, 10, 20, 30, 40, 50]):
        record_run(tmp_path, minute, document(), seconds=seconds)
    record_run(tmp_path, 9, document(), seconds=7, environment="prod")
    assert usual_seconds(tmp_path, "tiny", "test") == 30


def test_the_board_shows_the_latest_report_and_that_a_newer_run_failed(tmp_path: Path) -> None:
    record_run(tmp_path, 0, document(finding("RDS"), headlines=(headline("10"),)))
    record_run(tmp_path, 5, document(finding("EC2"), headlines=(headline("12.5"),)))
    folder = tmp_path / ".failed" / "2026-03-02" / "test" / "tiny-070900Z"
    folder.mkdir(parents=True)
    manifest = Manifest(
        notebook="tiny",
        question="Is it so?",
        environment="test",
        parameters={},
        started="2026-03-02T07:09:00+00:00",
        status=RunStatus.FAILED,
    )
    write_manifest(folder, manifest)
    (folder / "error.json").write_text(json.dumps({"what": "it broke", "where": ""}))
    page = write_index(tmp_path).read_text()
    board = page.partition('class="board"')[2].partition("</section>")[0]
    assert board.count("<article") == 1
    assert "tiny-070500Z/report.html" in board
    assert "came to nothing" in board
    assert "it broke" in board
    assert re.search(r"<strong>\$12\.50</strong> <span class=\"moved\">\+25%", board)
    assert '<span class="seal unsigned">unsigned</span>' in board
    assert "Earlier runs (2)" in page


def test_a_suppressed_finding_is_listed_with_person_day_and_reason(tmp_path: Path) -> None:
    hidden = Suppression(reason="kept for audit", by="ada", until=date(2026, 6, 30))
    folder = record_run(tmp_path, 0, document(finding("RDS", suppressed=hidden)))
    told = {"id": "0123456789ab", "reason": "a slip", "by": "bob", "until": "2026-06-30"}
    manifest = read_manifest(folder)
    write_manifest(folder, replace(manifest, parameters={"suppressed": [told]}))
    text = text_of(write_index(tmp_path))
    assert "1 suppressed" in text
    assert "RDS costs more. in the report test; ada, until 30 Jun 2026: kept for audit" in text
    assert "0123456789ab: no report has ever had it" in text
    assert "bob, until 30 Jun 2026: a slip" in text


def test_each_owner_has_a_page_of_the_latest_reports_and_loses_it_without_one(
    tmp_path: Path,
) -> None:
    found = document(finding("EC2", owner="A/B & co"), finding("S3"), coverage=(gap(),))
    record_run(tmp_path, 0, found)
    write_index(tmp_path)
    pages = {path.name: text_of(path) for path in (tmp_path / "owners").iterdir()}
    (own,) = (name for name in pages if name.startswith("a-b-co-"))
    assert "EC2 costs more." in pages[own]
    assert "S3" not in pages[own]
    assert "What the report could not see may hold more." in pages[own]
    assert "What nobody answers for" in pages["nobody.html"]
    assert (
        'href="../2026-03-02/test/tiny-070000Z/report.html#finding-'
        in (tmp_path / "owners" / own).read_text()
    )
    record_run(tmp_path, 5, document(finding("EC2")))
    write_index(tmp_path)
    assert list((tmp_path / "owners").iterdir()) == []
