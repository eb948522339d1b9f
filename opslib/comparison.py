"""What changed between two runs of one notebook in one environment.

Findings are the same where their `Finding.id` is, so that a new wording is no new finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

from opslib.coverage import distinct_gaps
from opslib.findings import Conclusion, Finding, FindingsDocument, Headline
from opslib.wording import count, join, money, percent, printable, signed_money

__all__ = [
    "ChangedAnswer",
    "ChangedFinding",
    "ChangedHeadline",
    "Comparison",
    "compare_runs",
    "figure_text",
]

MOST_NAMED = 3
CURRENCY_LETTERS = 3
"""An ISO 4217 code is three capital letters; every other unit is a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFinding:
    """One finding that both runs have and that does not say the same."""

    before: Finding
    after: Finding

    @property
    def what(self) -> str:
        """Return what changed of it, most telling first."""
        if self.before.severity != self.after.severity:
            return f"was {self.before.severity.value}"
        if (self.before.suppressed is None) != (self.after.suppressed is None):
            return "suppressed" if self.after.suppressed else "not suppressed any more"
        if self.before.amount and self.after.amount and self.before.currency == self.after.currency:
            moved = self.after.amount.mid - self.before.amount.mid
            if moved:
                return f"{signed_money(moved, self.after.currency)} since"
        return "other words"

    @property
    def weight(self) -> tuple[int, int, Decimal]:
        """Return how much it matters: severity first, then suppression, then money."""
        severity = abs(self.after.severity.rank - self.before.severity.rank)
        suppressed = (self.before.suppressed is None) != (self.after.suppressed is None)
        return severity, int(suppressed), abs(_mid(self.after) - _mid(self.before))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedHeadline:
    """One figure that is not the same; None where a run could not know it or did not have it."""

    before: Headline | None
    after: Headline

    @property
    def sentence(self) -> str:
        """Return the figure then and now, and by how much it moved."""
        then, now = (
            "unknown" if each is None else figure_text(each) for each in (self.before, self.after)
        )
        moved = f" ({self.moved})" if self.moved else ""
        return f"{self.after.label}: {then} → {now}{moved}"

    @property
    def since(self) -> str:
        """Return what to write beside the figure: by how much it moved, or what it was."""
        if self.moved:
            return self.moved
        return f"was {figure_text(self.before)}" if self.before else ""

    @property
    def moved(self) -> str:
        """Return by how much it moved, in per cent of what it was; empty where that says nothing.

        A figure that is a share already moved by points, which the two figures tell.
        """
        before, after = (_amount(each) for each in (self.before, self.after))
        if not before or after is None or self.after.unit == "percent":
            return ""
        return percent((after - before) / abs(before), signed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAnswer:
    """The answer to a question that both runs ask, with another verdict."""

    before: Conclusion
    after: Conclusion

    @property
    def sentence(self) -> str:
        """Return the question, and its verdict then and now."""
        then, now = self.before.verdict.value, self.after.verdict.value
        return f"{self.after.question} {then} → {now}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a run says that the one before it did not.

    Args:
        new: findings that are new.
        gone: findings that are no longer there.
        changed: findings of the same identity that say something else, the most telling first.
        headlines: figures that changed.
        answers: verdicts that changed.
        doubts: why what is gone may only be out of sight; empty where nothing was.
    """

    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    changed: tuple[ChangedFinding, ...]
    headlines: tuple[ChangedHeadline, ...]
    answers: tuple[ChangedAnswer, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def gone_word(self) -> str:
        """Return what to call a finding that is not there any more."""
        return "not seen again" if self.doubts else "gone"

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return how many answers are others, and findings new, gone and changed; but 0."""
        told = (
            ("other answer" if len(self.answers) == 1 else "other answers", len(self.answers)),
            ("new", len(self.new)),
            (self.gone_word, len(self.gone)),
            ("changed", len(self.changed)),
        )
        return tuple((word, number) for word, number in told if number)

    @property
    def figures(self) -> str:
        """Return how many figures moved, in words; empty where none did."""
        return f"{count(len(self.headlines), 'figure')} moved" if self.headlines else ""

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Return every change of an answer, figure or finding: what happened, and to what."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[tuple[str, str]]:
        yield from (("answer", one.sentence) for one in self.answers)
        yield from (("figure", one.sentence) for one in self.headlines)
        yield from ((f"new, {one.severity.value}", one.sentence) for one in self.new)
        yield from ((self.gone_word, finding.sentence) for finding in self.gone)
        yield from (("changed", f"{one.after.sentence} ({one.what})") for one in self.changed)


def compare_runs(
    before: FindingsDocument, after: FindingsDocument, *, asked: Sequence[str] = ()
) -> Comparison:
    """Compare two runs.

    Args:
        before: what the earlier one found.
        after: what the later one found.
        asked: names of parameters that are not the same: what is gone may not have been asked for.
    """
    old = {finding.id: finding for finding in before.findings}
    now = {finding.id: finding for finding in after.findings}
    figures = {headline.name: headline for headline in before.headlines}
    answers = {answer.question: answer for answer in before.conclusions}
    changed = [
        ChangedFinding(before=old[key], after=finding)
        for key, finding in now.items()
        if key in old and finding != old[key]
    ]
    return Comparison(
        new=tuple(finding for key, finding in now.items() if key not in old),
        gone=tuple(finding for key, finding in old.items() if key not in now),
        changed=tuple(sorted(changed, key=lambda one: one.weight, reverse=True)),
        headlines=tuple(
            ChangedHeadline(before=figures.get(headline.name), after=headline)
            for headline in after.headlines
            if _compared(figures.get(headline.name)) != _compared(headline)
        ),
        answers=tuple(
            ChangedAnswer(before=answers[answer.question], after=answer)
            for answer in after.conclusions
            if answer.question in answers and answers[answer.question].verdict is not answer.verdict
        ),
        doubts=tuple(chain(_unseen(after), _asked(asked))),
    )


def _unseen(document: FindingsDocument) -> Iterator[str]:
    missing = distinct_gaps(document.coverage)
    if missing:
        named = sorted({printable(line.named) for line in missing})
        more = [f"{len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
        yield f"{count(len(missing), 'gap')}: {join([*named[:MOST_NAMED], *more])}"


def _asked(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"this run was asked otherwise: {join(sorted(names))}"


def _mid(finding: Finding) -> Decimal:
    return finding.amount.mid if finding.amount else Decimal(0)


def _amount(headline: Headline | None) -> Decimal | None:
    return None if headline is None else headline.amount


def _compared(headline: Headline | None) -> Any:
    return None if headline is None else (headline.amount, headline.unit)


def figure_text(headline: Headline) -> str:
    """Write a figure of a report, as people read it."""
    if headline.amount is None:
        return "unknown"
    if len(headline.unit) == CURRENCY_LETTERS and headline.unit.isupper():
        return money(headline.amount, headline.unit)
    amount = _short(headline.amount)
    unit = headline.unit.removesuffix("s") if headline.amount == 1 else headline.unit
    return f"{amount}%" if unit == "percent" else f"{amount} {unit}"


def _short(amount: Decimal) -> str:
    """Write an amount with two decimals at the most, or two digits that count."""
    rounded = round(amount, 2)
    if amount and not rounded:
        return f"{amount:.2g}"
    return f"{rounded.normalize():,f}"
