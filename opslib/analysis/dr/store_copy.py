"""What the validations of tables, buckets and folders have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.content import explain_units
from opslib.analysis.dr.row_delta import RowDelta, judge_delta
from opslib.findings import Verdict
from opslib.wording import join, printable

__all__ = [
    "AFTER_RESTORE",
    "Units",
    "check_anything",
    "data_verdict",
    "explain_differences",
    "is_after_restore",
    "judge_differences",
    "unreadable",
]

AFTER_RESTORE = "after restore: "
"""How checks of what a restore does not bring along are named: an action list, not lost data."""

Units = Iterable[tuple[str, str]]
"""Keys with what stands under them, as text; a key may repeat."""


def is_after_restore(result: CheckResult) -> bool:
    """Say whether a result is an item of the list of what is to be set after a restore."""
    return result.check.startswith(AFTER_RESTORE)


def data_verdict(results: Sequence[CheckResult]) -> Verdict:
    """Return the verdict on the data alone, without what is to be set after a restore."""
    return worst_verdict([result for result in results if not is_after_restore(result)])


def unreadable(check: str, subject: str, unread: Sequence[str]) -> CheckResult:
    """Return the result of a check that had nothing to go by.

    Args:
        check: which one.
        subject: what it is about.
        unread: what could not be read, and why.
    """
    because = join([printable(reason) for reason in unread]) or "it was not read"
    sentence = f"{printable(subject)} could not be compared: {because}."
    return CheckResult(
        check=check, subject=subject, verdict=Verdict.INCONCLUSIVE, sentence=sentence
    )


def explain_differences(baseline: Units, restored: Units, now: Units | None, unit: str) -> RowDelta:
    """Say of every unit that differs from the baseline whether the source explains it.

    Args:
        baseline: the source as it was.
        restored: what came back.
        now: the source as it is; None where it cannot be asked.
        unit: what a key names, such as ``item``.
    """
    before, after = Counter(baseline), Counter(restored)
    differing = {key for key, _ in (before - after)} | {key for key, _ in (after - before)}
    current = None if now is None else _within(Counter(now), differing)
    return explain_units(_within(before, differing), _within(after, differing), current, unit)


def _within(units: Counter[tuple[str, str]], keys: set[str]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for (key, told), number in units.items():
        if key in keys:
            found.setdefault(key, Counter())[told] += number
    return found


def judge_differences(subject: str, delta: RowDelta, *, is_too_early: bool) -> tuple[Verdict, str]:
    """Return the verdict on a delta, and what it comes to in words.

    Args:
        subject: what was compared.
        delta: how it differs.
        is_too_early: whether the copy is of a moment before the baseline, so that what the source
            has from the baseline on may rightly be missing.
    """
    if is_too_early and delta.wrong:
        unexplained = delta.unexplained + delta.wrong
        early = replace(delta, unexplained=unexplained, lost=0, changed=0, extra=0)
        sentence = judge_delta(printable(subject), early)[1]
        return Verdict.INCONCLUSIVE, f"{sentence} The copy is of a moment before the baseline."
    return judge_delta(printable(subject), delta)


def check_anything(compared: Iterable[int]) -> list[CheckResult]:
    """Return an inconclusive result where several stores together held nothing to compare.

    Args:
        compared: units (items, objects, files) of each store that was compared.
    """
    if sum(compared):
        return []
    sentence = "Not a single item, object or file was there to compare."
    return [
        CheckResult(check="content", subject="", verdict=Verdict.INCONCLUSIVE, sentence=sentence)
    ]
