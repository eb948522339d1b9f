"""What a run found in at most fifteen lines, out of its ``findings.json`` alone.

It serves every notebook, and one owner's part of it. Nothing is computed anew, and what could not
be answered or seen is among the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from opslib.comparison import figure_text
from opslib.coverage import gaps
from opslib.findings import Finding, FindingsDocument, Severity, Verdict, open_findings
from opslib.wording import count, join, stake

__all__ = ["MOST_LINES", "DigestLine", "digest_findings", "suppressed_lines"]

MOST_LINES = 15
MOST_NAMED = 3
MOST_FIGURES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One line.

    Args:
        label: what it is about, a few words of ours.
        text: a sentence, with names from outside as they are.
    """

    label: str
    text: str


def digest_findings(document: FindingsDocument, owner: str = "") -> tuple[DigestLine, ...]:
    """Return the lines of a run, its title first; never more than `MOST_LINES`.

    Args:
        document: what the run concludes.
        owner: whose findings; '' for all of them, with figures and open answers.
    """
    held = [one for one in document.findings if not owner or one.owner == owner]
    counted = sorted(open_findings(held), key=lambda one: -one.severity.rank)
    before = [_title(document, counted, owner), *([] if owner else _answers(document))]
    after = [*suppressed_lines(held), _unseen(document)]
    room = MOST_LINES - len(before) - len(after)
    return (*before, *_most(counted, room, owner), *after)


def suppressed_lines(findings: Iterable[Finding]) -> tuple[DigestLine, ...]:
    """Return the line on what was suppressed: the first with reason, person and day; or none."""
    told = [
        f"{one.sentence} {one.suppressed.sentence}"
        for one in findings
        if one.suppressed is not None
    ]
    if not told:
        return ()
    more = f" And {len(told) - 1} more, in the report." if told[1:] else ""
    return (DigestLine(label=count(len(told), "suppressed finding"), text=f"{told[0]}{more}"),)


def _title(document: FindingsDocument, counted: Sequence[Finding], owner: str) -> DigestLine:
    numbers = [
        f"{number} {severity.value}"
        for severity in reversed(Severity)
        if (number := sum(one.severity is severity for one in counted))
    ]
    found = join(numbers) if numbers else "nothing"
    whose = f" for {owner}" if owner else ""
    return DigestLine(
        label=f"{document.notebook} of {document.environment}{whose}",
        text=f"{found} found (as of {document.as_of:%Y-%m-%d %H:%M} UTC).",
    )


def _answers(document: FindingsDocument) -> list[DigestLine]:
    """Return the first figures, and a line for the questions that fail or stay open."""
    figures = [
        DigestLine(label=one.label, text=f"{figure_text(one)}.")
        for one in document.headlines[:MOST_FIGURES]
    ]
    open_ones = [one for one in document.conclusions if one.verdict is not Verdict.PASS]
    answers = [
        DigestLine(label=one.verdict.value, text=f"{one.question} {one.sentence}")
        for one in sorted(open_ones, key=lambda one: one.verdict is Verdict.INCONCLUSIVE)
    ]
    most = MOST_LINES // 3
    rest = [f"{one.label}: {one.text.partition('?')[0]}?" for one in answers[most - 1 :]]
    if len(answers) > most:
        answers = [*answers[: most - 1], DigestLine(label="Also", text=" ".join(rest))]
    return [*figures, *answers]


def _most(findings: Sequence[Finding], room: int, owner: str) -> Iterator[DigestLine]:
    """Yield a line for each finding; of more than fit, the last line counts the rest."""
    shown = findings if len(findings) <= room else findings[: room - 1]
    for one in shown:
        money = f", {stake(one.amount, one.currency)}" if one.amount else ""
        whose = f", {one.owner}" if one.owner != owner else ""
        label = f"{one.severity.value}{money}{whose}"
        yield DigestLine(label=label, text=f"{one.sentence} {one.action}")
    if len(shown) < len(findings):
        rest = count(len(findings) - len(shown), "more finding")
        yield DigestLine(label="And", text=f"{rest} in the report.")


def _unseen(document: FindingsDocument) -> DigestLine:
    missing = gaps(document.coverage)
    if not missing:
        return DigestLine(label="Not seen", text="nothing that was asked for.")
    named = sorted({f"{line.named} ({line.status.words})" for line in missing})
    more = [f"{len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    return DigestLine(label="Not seen", text=f"{join([*named[:MOST_NAMED], *more])}.")
