from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from opslib.analysis.dr.control_mapping import map_controls
from opslib.analysis.dr.questions import BACKED_UP
from opslib.findings import (
    Conclusion,
    ControlEvidence,
    ControlStatus,
    Finding,
    Severity,
    Verdict,
)
from opslib.present.dr.audit import show_sign_off, tabulate_controls_mapping
from opslib.present.findings import show_findings
from opslib.run_folder import RunFolder
from opslib.runner.conclusions import read_findings
from opslib.runner.results import findings_sha256, record_results
from tests.runner.records import document, finding

HOSTILE = "<script>alert(1)</script>"
AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)


def control(**facts: object) -> ControlEvidence:
    made = {
        "framework": "A framework",
        "control": "X.1",
        "requirement": "It is so.",
        "status": ControlStatus.SUPPORTED,
        "conclusions": ("Is it?",),
    }
    return ControlEvidence(**{**made, **facts})  # type: ignore[arg-type]


def test_every_control_has_a_row_with_its_status_and_where_to_look() -> None:
    backed_up = Conclusion(question=BACKED_UP, verdict=Verdict.PASS, sentence="Yes.")
    mapped = map_controls([backed_up], ())
    shown = tabulate_controls_mapping(mapped)
    assert shown.markup.count("<tr>") == len(mapped) + 1
    assert "9 not shown" in shown.markup
    assert "tables/posture.csv" in shown.markup
    assert "for the auditor to say" in shown.markup


def test_what_is_missing_and_what_speaks_against_it_is_named() -> None:
    lacking = control(
        status=ControlStatus.NOT_SUPPORTED,
        because=(f"Is it? {HOSTILE}",),
        findings=("aaa", "bbb", "ccc", "ddd"),
    )
    markup = tabulate_controls_mapping([lacking]).markup
    assert "Findings: 4 (aaa, bbb, ccc, ...)" in markup
    assert HOSTILE not in markup
    assert "1 not supported" in markup


def test_the_sign_off_is_bound_to_the_file(tmp_path: Path) -> None:
    said = document(finding("one"), controls=map_controls((), ()))
    digest = findings_sha256(said)
    record_results(RunFolder(path=tmp_path), said, {})
    assert hashlib.sha256((tmp_path / "findings.json").read_bytes()).hexdigest() == digest
    assert findings_sha256(document(finding("two"))) != digest
    assert read_findings(tmp_path).controls == said.controls
    shown = show_sign_off(digest, notebook="drill", environment=HOSTILE, as_of=AS_OF)
    assert digest in shown.markup
    assert digest in shown.plain
    assert HOSTILE not in shown.markup
    assert shown.markup.count("<tr>") == 4
    assert not re.search(r"https?://|<script|<input", shown.markup)


def test_the_owner_of_a_gap_is_shown() -> None:
    owned = Finding(
        kind="dr.rto_missed",
        subject={},
        severity=Severity.HIGH,
        sentence="It took long.",
        action="Mend it.",
        owner=HOSTILE,
    )
    markup = show_findings([owned, finding("other")]).markup
    assert markup.count("Owner: ") == 1
    assert HOSTILE not in markup


def test_a_finding_links_to_the_tables_that_it_can_be_traced_to() -> None:
    traced = replace(finding("first"), evidence=("checks", HOSTILE))
    markup = show_findings([traced]).markup
    assert '<p class="ops-note">From <a href="tables/checks.csv">checks</a>, ' in markup
    assert HOSTILE not in markup
    assert "From" not in show_findings([replace(traced, evidence=())]).markup


def test_findings_that_are_not_shown_are_counted() -> None:
    shown = show_findings([finding("first"), finding("second"), finding("third")], most=1)
    assert "2 more findings in findings.json." in shown.plain
    assert "second" not in shown.markup
    assert "more finding" not in show_findings([finding("first")], most=1).markup
