"""The report in at most fifteen lines: what somebody reads who will not open it.

Every amount is one of the report's headlines, findings or conclusions; nothing is computed anew. A
question that could not be answered is among the lines, with why.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from opslib.analysis.cost.first_action import gap_to_close, most_urgent
from opslib.analysis.cost.report import CostReport
from opslib.coverage import gaps
from opslib.digest import MOST_LINES, DigestLine, suppressed_lines
from opslib.findings import Conclusion, Finding, Severity, Verdict, open_findings
from opslib.wording import (
    about,
    count,
    days,
    join,
    money,
    percent,
    signed_money,
    stake,
)

__all__ = ["digest_report"]

MOST_SURPRISES = 4
MOST_NAMED = 3
ANSWERED_ELSEWHERE = ("cost.budget", "cost.untagged", "cost.unit_cost")
"""Kinds of findings that the answer to a question tells of."""


def digest_report(report: CostReport) -> tuple[DigestLine, ...]:
    """Return the digest, its answer first; never more than `MOST_LINES`.

    What fails or cannot be told has its lines first, with the largest surprises; lines that are
    then spare tell more surprises, and the answers that are a pass.
    """
    before = (_spent(report), _month(report), _first(report))
    last = (*suppressed_lines(report.findings), _unseen(report))
    room = MOST_LINES - len(before) - len(last)
    surprises = _surprises(report.findings)
    answers = report.conclusions
    open_answers = sum(one.verdict is not Verdict.PASS for one in answers)
    passed = len(answers) > open_answers
    spare = max(MOST_SURPRISES, room - open_answers - passed)
    told = _largest(surprises, min(spare, room - 1))
    return (*before, *_answers(answers, room - len(told)), *told, *last)


def _spent(report: CostReport) -> DigestLine:
    label = f"Costs of {report.parameters.environment}, {days(report.periods.current.days)}"
    asked = f"(as of {report.parameters.as_of:%Y-%m-%d %H:%M} UTC)"
    if report.bill.first_day is None:
        text = f"unknown, not a single charge came back {asked}."
        return DigestLine(label=label, text=text)
    comparison = report.totals.comparisons[0]
    if report.changes is None or comparison.change is None:
        moved = (
            f"not compared, since the bill does not hold every day of it and {comparison.against}"
        )
    else:
        share = (
            f" ({percent(comparison.share, signed=True)})" if comparison.share is not None else ""
        )
        moved = f"{signed_money(comparison.change, report.currency)}{share} against"
        moved = f"{moved} {comparison.against}"
    spent = money(report.totals.amount, report.currency)
    return DigestLine(label=label, text=f"{spent} spent, {moved} {asked}.")


def _month(report: CostReport) -> DigestLine:
    total = report.month.total
    label = f"{report.periods.month:%B}"
    if total is None:
        return DigestLine(label=label, text=f"no forecast: {report.month.because}.")
    low, mid, high = (about(end, report.currency) for end in (total.low, total.mid, total.high))
    return DigestLine(
        label=label,
        text=f"comes to {mid} by the forecast ({low} to {high} at {percent(total.confidence)}).",
    )


def _surprises(findings: Sequence[Finding]) -> list[Finding]:
    """Return the changes that no other line tells of, largest first.

    Two of different kinds that come to the same money are one thing, and told once.
    """
    first = most_urgent(findings)
    told = [
        one
        for one in open_findings(findings)
        if one.amount is not None
        and one.severity is not Severity.INFO
        and not one.kind.startswith(ANSWERED_ELSEWHERE)
        and one is not first
    ]
    by_money: dict[Decimal, str] = {}
    kept = [one for one in told if by_money.setdefault(_money(one), one.kind) == one.kind]
    return sorted(kept, key=_size, reverse=True)


def _largest(surprises: Sequence[Finding], most: int) -> list[DigestLine]:
    """Return a line for each of the largest surprises; the last line counts the rest."""
    shown = surprises if len(surprises) <= most else surprises[: most - 1]
    lines = [DigestLine(label=_stake(one), text=one.sentence) for one in shown]
    rest = surprises[len(shown) :]
    if rest:
        text = f"{count(len(rest), 'smaller surprise')} in the report."
        lines.append(DigestLine(label="And", text=text))
    return lines


def _money(finding: Finding) -> Decimal:
    return finding.amount.mid.normalize() if finding.amount else Decimal(0)


def _size(finding: Finding) -> Decimal:
    return abs(finding.amount.mid) if finding.amount else Decimal(0)


def _stake(finding: Finding) -> str:
    return stake(finding.amount, finding.currency) if finding.amount else finding.severity.value


def _answers(conclusions: Sequence[Conclusion], most: int) -> list[DigestLine]:
    """Return every answer; of more than fit, the last line names the questions of the rest."""
    urgent = sorted(
        conclusions,
        key=lambda one: (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS).index(one.verdict),
    )
    kept = urgent if len(urgent) <= most else urgent[: most - 1]
    lines = [
        DigestLine(label=one.verdict.value, text=f"{one.question} {one.sentence}{_why(one)}")
        for one in kept
    ]
    rest = urgent[len(kept) :]
    if rest:
        named = " ".join(f"{one.question} {one.verdict.value}." for one in rest)
        lines.append(DigestLine(label="Also answered", text=named))
    return lines


def _why(conclusion: Conclusion) -> str:
    if conclusion.verdict is Verdict.PASS or not conclusion.because:
        return ""
    more = len(conclusion.because) - 1
    return f" Because {conclusion.because[0]}{f', and {more} more' if more else ''}."


def _unseen(report: CostReport) -> DigestLine:
    missing = gaps(report.coverage)
    unsettled = report.periods.unsettled
    tail = f" Not settled, and compared with nothing: {days(unsettled)}." if unsettled else ""
    label = "Not seen"
    if not missing:
        return DigestLine(label=label, text=f"nothing that was asked for.{tail}")
    named = sorted({f"{line.named} ({line.status.words})" for line in missing})
    more = [f"{len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    return DigestLine(label=label, text=f"{join([*named[:MOST_NAMED], *more])}.{tail}")


def _first(report: CostReport) -> DigestLine:
    label = "Do first"
    urgent = most_urgent(report.findings)
    if urgent is not None:
        return DigestLine(label=label, text=f"{urgent.action} {urgent.sentence}")
    gap = gap_to_close(report.coverage)
    if not gap:
        return DigestLine(label=label, text="nothing, no finding wants action.")
    return DigestLine(label=label, text=f"no finding wants action; see to what was not seen. {gap}")
