"""What a run concluded, and the exit code that it leads to."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from opslib.errors import NotebookRunError
from opslib.estimate import Estimate
from opslib.findings import Severity, Suppression, Verdict
from opslib.runner.conclusions import count_by_severity, exit_code_of, read_findings
from tests.runner.records import conclusion, document, finding, gap, headline

HIGH = document(finding("EC2", severity=Severity.HIGH), finding("S3", severity=Severity.INFO))
UNSURE = document(conclusions=(conclusion(Verdict.INCONCLUSIVE),))
HIDDEN = replace(
    HIGH.findings[0],
    suppressed=Suppression(reason="known", by="ada", until=date(2026, 6, 30)),
)
FAILED = document(conclusions=(conclusion(Verdict.FAIL), conclusion(Verdict.INCONCLUSIVE)))


@pytest.mark.parametrize(
    ("found", "fail_on", "strict", "code"),
    [
        (HIGH, None, False, 0),
        (HIGH, Severity.CRITICAL, False, 0),
        (HIGH, Severity.HIGH, False, 1),
        (HIGH, Severity.LOW, False, 1),
        (document(), Severity.INFO, True, 0),
        (UNSURE, None, False, 0),
        (UNSURE, Severity.INFO, True, 5),
        (FAILED, None, False, 0),
        (FAILED, None, True, 1),
        (document(finding("EC2"), conclusions=UNSURE.conclusions), Severity.LOW, True, 1),
        (document(HIDDEN), Severity.INFO, True, 0),
        (document(HIDDEN, conclusions=FAILED.conclusions), Severity.INFO, True, 1),
    ],
)
def test_the_exit_code_follows_findings_before_verdicts(
    found: object, fail_on: Severity | None, strict: bool, code: int
) -> None:
    assert exit_code_of(found, fail_on=fail_on, strict=strict) == code  # type: ignore[arg-type]


def test_every_severity_is_counted_the_worst_first() -> None:
    assert count_by_severity(HIGH) == {
        "critical": 0,
        "high": 1,
        "medium": 0,
        "low": 0,
        "info": 1,
    }
    assert next(iter(count_by_severity(HIGH))) == "critical"


def test_findings_come_back_as_they_were_written(tmp_path: Path) -> None:
    amount = Estimate(low=Decimal(1), mid=Decimal("2.10"), high=Decimal(3), confidence=0.8)
    written = document(
        finding("EC2", amount=amount), headlines=(headline("12.340"),), coverage=(gap(),)
    )
    (tmp_path / "findings.json").write_text(json.dumps(asdict(written), default=str))
    assert read_findings(tmp_path) == written


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "wrote no findings.json"),
        ("{", "not of schema 1.2"),
        ('{"notebook": "tiny"}', "environment: Field required"),
    ],
)
def test_findings_that_cannot_be_read_are_said_to_be_so(
    tmp_path: Path, text: str | None, says: str
) -> None:
    if text is not None:
        (tmp_path / "findings.json").write_text(text)
    with pytest.raises(NotebookRunError, match=says):
        read_findings(tmp_path)


def test_findings_of_a_later_schema_are_refused(tmp_path: Path) -> None:
    later = document(schema_version="2.0")
    (tmp_path / "findings.json").write_text(json.dumps(asdict(later), default=str))
    with pytest.raises(NotebookRunError, match=r"of schema 2\.0, not 1\.2"):
        read_findings(tmp_path)


def test_findings_of_an_earlier_minor_version_are_read(tmp_path: Path) -> None:
    earlier = asdict(document(finding("one"), schema_version="1.0"))
    del earlier["controls"], earlier["findings"][0]["owner"]
    (tmp_path / "findings.json").write_text(json.dumps(earlier, default=str))
    read = read_findings(tmp_path)
    assert read.controls == ()
    assert [one.owner for one in read.findings] == [""]
