"""What a run concluded, read back from its ``findings.json``."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.errors import NotebookRunError
from opslib.findings import SCHEMA_VERSION, FindingsDocument, Severity, Verdict

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["count_by_severity", "count_by_verdict", "exit_code_of", "read_findings"]


def read_findings(folder: Path) -> FindingsDocument:
    """Return the findings of a run.

    Raises:
        NotebookRunError: there are none, or they are not of the schema that this version reads.
    """
    from pydantic import ValidationError  # noqa: PLC0415

    file = folder / "findings.json"
    try:
        document = _schema().validate_json(file.read_bytes())
    except FileNotFoundError:
        raise NotebookRunError(
            "the notebook wrote no findings.json",
            where=folder.name,
            remedy="Its last cell must record what it found.",
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise NotebookRunError(
            f"findings.json is not of schema {SCHEMA_VERSION}: {place}: {first['msg']}",
            where=folder.name,
        ) from None
    if document.schema_version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise NotebookRunError(
            f"findings.json is of schema {document.schema_version}, not {SCHEMA_VERSION}",
            where=folder.name,
            remedy="Read it with the version of opslib named in its run.json.",
        )
    return document


def count_by_severity(document: FindingsDocument) -> dict[Severity, int]:
    """Return how many findings there are of each severity, most severe first, none left out."""
    counts = Counter(finding.severity for finding in document.findings)
    return {severity: counts[severity] for severity in reversed(Severity)}


def count_by_verdict(document: FindingsDocument) -> dict[Verdict, int]:
    """Return how many conclusions there are of each verdict."""
    counts = Counter(conclusion.verdict for conclusion in document.conclusions)
    return {verdict: counts[verdict] for verdict in Verdict}


def exit_code_of(document: FindingsDocument, *, fail_on: Severity | None, strict: bool) -> int:
    """Return what ``opslib run`` ends with after a run that went to its end.

    Args:
        document: what the run concluded.
        fail_on: findings of this severity or above give 1.
        strict: a failed conclusion gives 1 too, and an inconclusive one 5, unless 1 applies.
    """
    ranks = [finding.severity.rank for finding in document.findings]
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
