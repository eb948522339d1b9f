"""The validation of tables, buckets and folders of a drill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.drill import ReadCopy
from opslib.analysis.dr.file_copy import validate_file_copy
from opslib.analysis.dr.object_copy import validate_object_copy
from opslib.analysis.dr.questions import COPIES_WHOLE
from opslib.analysis.dr.replica_copy import validate_replica
from opslib.analysis.dr.store_copy import data_verdict, is_after_restore, unreadable
from opslib.analysis.dr.store_findings import describe_store_failures
from opslib.analysis.dr.table_copy import validate_table_copy
from opslib.findings import Conclusion, Finding, Verdict
from opslib.parameters.store_copies import StoreKind
from opslib.tables.store_states import FileCopyStates, ObjectCopyStates, TableCopyStates
from opslib.wording import count, printable, visible

__all__ = ["ValidatedCopies", "validate_copies"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedCopies:
    """What the copies came to.

    Args:
        checks: one result a check of each copy.
        findings: what is wrong, and what is to be set after a restore.
        conclusion: the answer; None where no copy is named.
    """

    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    conclusion: Conclusion | None


def validate_copies(copies: Sequence[ReadCopy]) -> ValidatedCopies:
    """Judge every copy against its source and baseline."""
    checks: list[CheckResult] = []
    findings: list[Finding] = []
    for read in copies:
        results = [_named(result, read) for result in _validate(read)]
        checks += results
        findings += describe_store_failures(read.copy.kind.value, results)
    return ValidatedCopies(
        checks=tuple(checks), findings=tuple(findings), conclusion=_conclude(copies, checks)
    )


def _named(result: CheckResult, read: ReadCopy) -> CheckResult:
    """Return a result by the name of its source: what a drill made has another name every time."""
    if not isinstance(read.states, TableCopyStates) or read.copy.restored:
        return result
    made, source = read.states.restored_table, read.copy.source
    return replace(
        result,
        subject=result.subject.replace(made, source),
        sentence=result.sentence.replace(made, f"the copy of {source}"),
    )


def _validate(read: ReadCopy) -> list[CheckResult]:
    states, name = read.states, read.copy.source
    if isinstance(states, TableCopyStates):
        return validate_table_copy(states)
    if isinstance(states, FileCopyStates):
        return validate_file_copy(states)
    if isinstance(states, ObjectCopyStates):
        is_replica = read.copy.kind is StoreKind.REPLICA
        return validate_replica(states) if is_replica else validate_object_copy(states)
    subject = f"{read.copy.kind.value} {name}"
    if read.baseline is None:
        return [unreadable("restore", subject, [read.message])]
    return [
        CheckResult(
            check="baseline",
            subject=subject,
            verdict=Verdict.INCONCLUSIVE,
            sentence=f"{printable(subject)} could not be compared. {read.message}",
        )
    ]


def _conclude(copies: Sequence[ReadCopy], checks: Sequence[CheckResult]) -> Conclusion | None:
    if not copies:
        return None
    of_data = [check for check in checks if not is_after_restore(check)]
    verdict = data_verdict(checks)
    failed = sum(check.verdict is Verdict.FAIL for check in of_data)
    stores = f"{len(copies)} {'copy' if len(copies) == 1 else 'copies'}"
    seen = f"{count(len(of_data), 'check')} of {stores}"
    sentences = {
        Verdict.PASS: f"Yes: all {seen} passed.",
        Verdict.FAIL: f"No: {failed} of {seen} failed.",
        Verdict.INCONCLUSIVE: "It cannot be told.",
    }
    doubts = [check for check in of_data if check.verdict is Verdict.INCONCLUSIVE]
    assert verdict is worst_verdict(of_data)
    return Conclusion(
        question=COPIES_WHOLE,
        verdict=verdict,
        sentence=sentences[verdict],
        because=tuple(visible(check.sentence) for check in doubts),
    )
