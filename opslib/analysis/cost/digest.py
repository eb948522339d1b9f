"""The report in at most fifteen lines: what somebody reads who will not open it.

Every amount is one of the report's headlines, findings or conclusions; nothing is computed anew. A
question that could not be answered is among the lines, with why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from opslib.analysis.cost.report import CostReport
from opslib.coverage import gaps
from opslib.findings import Conclusion, Finding, Severity, Verdict
from opslib.wording import about, count, days, join, money, percent, signed_money, stake

__all__ = ["MOST_LINES", "DigestLine", "digest_report"]

MOST_LINES = 15
MOST_SURPRISES = 4
MOST_ANSWERS = 7
MOST_NAMED = 3
ANSWERED_ELSEWHERE = ("cost.budget", "cost.untagged", "cost.unit_cost")
"""Kinds of findings that the answer to a question tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One line.

    Args:
        label: what it is about, a few words of ours.
        text: a sentence, with names from outside as they are.
    """

    label: str
    text: str


def digest_report(report: CostReport) -> tuple[DigestLine, ...]:
    """Return the digest, its title first; never more than `MOST_LINES`."""
    before = (_title(report), _spent(report), _month(report))
    answers = _answers(report.conclusions)
    after = (_unseen(report), _first(report.findings))
    room = MOST_LINES - len(before) - len(answers) - len(after)
    surprises = _surprises(report.findings, min(room, MOST_SURPRISES))
    return (*before, *answers, *surprises, *after)


def _title(report: CostReport) -> DigestLine:
    span = days(report.periods.current.days)
    return DigestLine(
        label=f"Costs of {report.parameters.environment}",
        text=f"{span}, as of {report.parameters.as_of:%Y-%m-%d %H:%M} UTC.",
    )


def _spent(report: CostReport) -> DigestLine:
    label = "Spent"
    if report.bill.first_day is None:
        return DigestLine(label=label, text="unknown: not a single charge came back.")
    comparison = report.totals.comparisons[0]
    if report.changes is None or comparison.change is None:
        moved = f"not compared: the bill does not hold every day of it and {comparison.against}"
    else:
        share = (
            f" ({percent(comparison.share, signed=True)})" if comparison.share is not None else ""
        )
        moved = f"{signed_money(comparison.change, report.currency)}{share} against"
        moved = f"{moved} {comparison.against}"
    return DigestLine(label=label, text=f"{money(report.totals.amount, report.currency)}, {moved}.")


def _month(report: CostReport) -> DigestLine:
    total = report.month.total
    label = f"{report.periods.month:%B}"
    if total is None:
        return DigestLine(label=label, text=f"no forecast: {report.month.because}.")
    low, mid, high = (about(end, report.currency) for end in (total.low, total.mid, total.high))
    return DigestLine(
        label=label,
        text=f"comes to {mid} ({low} to {high} at {percent(total.confidence)}).",
    )


def _surprises(findings: Sequence[Finding], most: int) -> list[DigestLine]:
    """Return the largest changes, by money; the last line counts the rest."""
    found = [
        f for f in findings if f.amount is not None and not f.kind.startswith(ANSWERED_ELSEWHERE)
    ]
    found = [finding for finding in found if finding.severity is not Severity.INFO]
    ranked = sorted(found, key=_size, reverse=True)
    shown, rest = ranked[:most], ranked[most:]
    lines = [DigestLine(label=_stake(one), text=one.sentence) for one in shown]
    if rest:
        more = f"And {count(len(rest), 'smaller surprise')} in the report."
        lines[-1] = DigestLine(label=lines[-1].label, text=f"{lines[-1].text} {more}")
    return lines


def _size(finding: Finding) -> Decimal:
    return abs(finding.amount.mid) if finding.amount else Decimal(0)


def _stake(finding: Finding) -> str:
    return stake(finding.amount, finding.currency) if finding.amount else finding.severity.value


def _answers(conclusions: Sequence[Conclusion]) -> list[DigestLine]:
    """Return every answer; of more than fit, the last line names the questions of the rest."""
    urgent = sorted(
        conclusions,
        key=lambda one: (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS).index(one.verdict),
    )
    kept = conclusions if len(conclusions) <= MOST_ANSWERS else urgent[: MOST_ANSWERS - 1]
    lines = [
        DigestLine(label=one.verdict.value, text=f"{one.question} {one.sentence}{_why(one)}")
        for one in kept
    ]
    rest = [one for one in conclusions if one not in kept]
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
    named = sorted(
        {
            f"{line.table}{f' of {line.account}' if line.account else ''} ({line.status.value})"
            for line in missing
        }
    )
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return DigestLine(label=label, text=f"{join(named[:MOST_NAMED])}{more}.{tail}")


def _first(findings: Sequence[Finding]) -> DigestLine:
    urgent = [f for f in findings if f.severity.rank >= Severity.MEDIUM.rank]
    label = "Do first"
    if not urgent:
        return DigestLine(label=label, text="nothing: no finding wants action.")
    return DigestLine(label=label, text=f"{urgent[0].action} {urgent[0].sentence}")
