"""Findings and conclusions: what a report says, in a form that machines read.

``findings.json`` holds one `FindingsDocument`; its JSON Schema is published as
``docs/findings.schema.json`` and carries the version below.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from opslib.coverage import Coverage
from opslib.estimate import Estimate
from opslib.wording import day, printable

__all__ = [
    "SCHEMA_VERSION",
    "Conclusion",
    "ControlEvidence",
    "ControlStatus",
    "Finding",
    "FindingsDocument",
    "Headline",
    "Severity",
    "Suppression",
    "Verdict",
    "findings_schema",
    "open_findings",
]

SCHEMA_VERSION = "1.2"
"""Minor versions add what older readers may leave out: 1.1 the owner of a finding, and controls;
1.2 who suppressed a finding."""


LONGEST_REASON = 500


class Severity(StrEnum):
    """How soon a finding wants somebody's attention."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return the place in the order, 0 for info."""
        return list(Severity).index(self)


class Verdict(StrEnum):
    """What a conclusion comes to."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """What somebody said of a finding that is to count for nothing for now.

    Args:
        reason: why.
        by: the person who answers for that.
        until: last day, UTC, on which it holds.
    """

    reason: str
    by: str
    until: date

    @property
    def sentence(self) -> str:
        """Return who suppressed it, until when, and why."""
        reason = printable(self.reason.rstrip("."), LONGEST_REASON)
        return f"Suppressed by {printable(self.by)} until {day(self.until)}: {reason}."


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found, with its evidence and what to do about it.

    Args:
        kind: what sort of finding, dotted, such as ``cost.price_change``.
        subject: what it is about, by FOCUS or AWS name; with ``kind`` it is the identity that
            later runs compare by.
        severity: how soon it wants attention.
        sentence: one computed sentence with the figure and its interval.
        action: what to do next, one imperative sentence.
        owner: who answers for it, as the parameters name them; empty where nobody is named.
        amount: money at stake in the period, signed; None where money is not the matter.
        currency: ISO 4217 code of ``amount``; empty where there is no amount.
        evidence: names of the report's tables that the figure can be traced to.
        first_day: first day that it applies to, ISO date; empty where unknown.
        suppressed: who suppressed it, why and until when; None for one that counts.
        id: identity by which runs are compared: kind and subject, hashed.
    """

    kind: str
    subject: dict[str, str]
    severity: Severity
    sentence: str
    action: str
    owner: str = ""
    amount: Estimate | None = None
    currency: str = ""
    evidence: tuple[str, ...] = ()
    first_day: str = ""
    suppressed: Suppression | None = None
    id: str = field(init=False, default="")

    def __post_init__(self) -> None:
        identity = json.dumps([self.kind, sorted(self.subject.items())])
        object.__setattr__(self, "id", hashlib.sha256(identity.encode()).hexdigest()[:12])


def open_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that nobody has suppressed."""
    return tuple(finding for finding in findings if finding.suppressed is None)


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """The answer to one of the report's questions.

    Args:
        question: the question, as the report asks it.
        verdict: pass, fail, or inconclusive.
        sentence: the answer in one computed sentence.
        because: what is missing, when inconclusive.
    """

    question: str
    verdict: Verdict
    sentence: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Headline:
    """One figure of the first screen, comparable between runs.

    Args:
        name: stable machine name, with its unit, such as ``week_cost``.
        label: what a person reads.
        amount: the figure; None where it could not be known.
        unit: ISO 4217 code, ``percent``, ``days``, ...
    """

    name: str
    label: str
    amount: Decimal | None
    unit: str


class ControlStatus(StrEnum):
    """Whether a report's conclusions speak for a control. It is not compliance with it."""

    SUPPORTED = "supported"
    NOT_SUPPORTED = "not supported"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, kw_only=True)
class ControlEvidence:
    """What a report has to say for one control of a framework.

    Args:
        framework: the framework, with its edition.
        control: the framework's own name of the control.
        requirement: what it wants of a drill, in our words.
        status: supported where every conclusion that bears on it is a pass, not supported where
            one is a fail, else not shown.
        conclusions: questions whose answers the status follows from.
        findings: ids of the findings that speak against it.
        evidence: files of the report to look into.
        because: what is missing, where it is not shown.
    """

    framework: str
    control: str
    requirement: str
    status: ControlStatus
    conclusions: tuple[str, ...]
    findings: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FindingsDocument:
    """All that one run concludes, as ``findings.json`` holds it."""

    notebook: str
    environment: str
    as_of: datetime
    window_start: datetime | None
    window_end: datetime | None
    headlines: tuple[Headline, ...]
    conclusions: tuple[Conclusion, ...]
    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]
    controls: tuple[ControlEvidence, ...] = ()
    schema_version: str = field(default=SCHEMA_VERSION)


def findings_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``findings.json`` (draft 2020-12); amounts are decimal text."""
    from pydantic import TypeAdapter  # noqa: PLC0415  the vocabulary stays light

    schema = TypeAdapter(FindingsDocument).json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"opslib findings {SCHEMA_VERSION}",
        **{name: value for name, value in schema.items() if name != "title"},
    }
