"""What a run concluded, read back from its ``findings.json``."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.errors import NotebookRunError
from opslib.findings import (
    SCHEMA_VERSION,
    FindingsDocument,
    Severity,
    Verdict,
    open_findings,
)

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = [
    "count_by_severity",
    "count_by_verdict",
    "exit_code_of",
    "parse_findings",
    "read_findings",
]


def read_findings(folder: Path) -> FindingsDocument:
    """Return the findings of a run.

    Raises:
        NotebookRunError: there are none, or they are not of the schema that this version reads.
    """
    try:
        written = (folder / "findings.json").read_bytes()
    except FileNotFoundError:
        raise NotebookRunError(
            "the notebook wrote no findings.json",
            where=folder.name,
            remedy="Its last cell must record what it found.",
        ) from None
    return parse_findings(written, folder.name)


def parse_findings(written: bytes, where: str) -> FindingsDocument:
    """Return the findings that a text holds; ``where`` names it in messages.

    Raises:
        NotebookRunError: it is not of the schema that this version reads.
    """
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        document = _schema().validate_json(written)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise NotebookRunError(
            f"findings.json is not of schema {SCHEMA_VERSION}: {place}: {first['msg']}",
            where=where,
        ) from None
    if document.schema_version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise NotebookRunError(
            f"findings.json is of schema {document.schema_version}, not {SCHEMA_VERSION}",
            where=where,
            remedy="Read it with the version of opslib named in its run.json.",
        )
    return document


def count_by_severity(document: FindingsDocument) -> dict[Severity, int]:
    """Return how many findings that count there are of each severity, most severe first."""
    counts = Counter(finding.severity for finding in open_findings(document.findings))
    return {severity: counts[severity] for severity in reversed(Severity)}


def count_by_verdict(document: FindingsDocument) -> dict[Verdict, int]:
    """Return how many conclusions there are of each verdict."""
    counts = Counter(conclusion.verdict for conclusion in document.conclusions)
    return {verdict: counts[verdict] for verdict in Verdict}


def exit_code_of(document: FindingsDocument, *, fail_on: Severity | None, strict: bool) -> int:
    """Return what ``opslib run`` ends with after a run that went to its end.

    Args:
        document: what the run concluded.
        fail_on: findings of this severity or above give 1, unless somebody has suppressed them.
        strict: a failed conclusion gives 1 too, and an inconclusive one 5, unless 1 applies.
    """
    ranks = [finding.severity.rank for finding in open_findings(document.findings)]
    if fail_on is not None and max(ranks, default=-1) >= fail_on.rank:
        return 1
    verdicts = count_by_verdict(document) if strict else {}
    if verdicts.get(Verdict.FAIL):
        return 1
    return 5 if verdicts.get(Verdict.INCONCLUSIVE) else 0


@cache
def _schema() -> TypeAdapter[FindingsDocument]:
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(FindingsDocument)
