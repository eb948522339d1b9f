"""One check of a restored database: what was expected, what was found, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opslib.findings import Verdict

__all__ = ["CheckResult", "worst_verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The outcome of one check.

    Args:
        check: which one, such as ``schema`` or ``content``.
        subject: what it is about, such as a table.
        verdict: pass, fail or inconclusive.
        sentence: what was found, with its numbers.
        expected, found: the two sides, as text; empty where a sentence says it all.
        seconds: that the reading took; None where it was not measured, or is counted with another
            check that shares the reading.
        rests_on: subjects of its statements where they are others than its own; see
            `opslib.tables.statements.STATEMENTS`.
    """

    check: str
    subject: str
    verdict: Verdict
    sentence: str
    expected: str = ""
    found: str = ""
    seconds: float | None = None
    rests_on: tuple[str, ...] = ()


def worst_verdict(results: Sequence[CheckResult]) -> Verdict:
    """Return fail if any failed, else inconclusive if any was or there is none, else pass."""
    verdicts = {result.verdict for result in results}
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        if verdict in verdicts:
            return verdict
    return Verdict.PASS if verdicts else Verdict.INCONCLUSIVE
