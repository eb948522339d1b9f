"""The first screen of the cost report: four answers, one sentence each."""

from __future__ import annotations

from opslib.analysis.cost.change import Change
from opslib.analysis.cost.first_action import gap_to_close, most_urgent
from opslib.analysis.cost.report import CostReport
from opslib.coverage import distinct_gaps
from opslib.findings import Verdict
from opslib.present.cards import Card, card, show_cards
from opslib.present.html import Html
from opslib.wording import (
    about,
    count,
    days,
    join,
    money,
    percent,
    printable,
    signed_money,
    stake,
)

__all__ = ["show_summary"]

BASIS = {"effective": "amortised", "billed": "as invoiced"}
MOST_PARTS = 3
NEGLIGIBLE = 1000


def show_summary(report: CostReport, *, inline_style: bool) -> Html:
    """Return what we spent, what changed and why, what to do first, what we could not see.

    Args:
        report: the analysis.
        inline_style: carry the style sheet along, for JupyterLab; rendered reports have it.
    """
    cards = (_spent(report), _changed(report), _first_action(report), _unseen(report))
    return show_cards(cards, report.conclusions, inline_style=inline_style)


def _spent(report: CostReport) -> Card:
    if report.bill.first_day is None:
        return card("What we spent", "unknown", "Not a single charge came back.", "ops-warn")
    totals, currency = report.totals, report.currency
    month = report.month.total
    expected = (
        f" {report.periods.month:%B} comes to {about(month.mid, currency)} "
        f"({about(month.low, currency)} to {about(month.high, currency)} at "
        f"{percent(month.confidence)})."
        if month
        else f" No forecast of the month: {report.month.because}."
    )
    basis = BASIS[report.parameters.cost_basis.value]
    span = days(report.periods.current.days)
    figure, sentence = money(totals.amount, currency), f"{span}, {basis}.{expected}"
    if _in_doubt(report):
        sentence = f"In doubt: {_doubts(report)}. {sentence}"
        return card("What we spent", figure, sentence, "ops-warn")
    return card("What we spent", figure, sentence)


def _in_doubt(report: CostReport) -> bool:
    """Say whether a control doubts a day of the period."""
    current = set(report.periods.current.days)
    return any(not current.isdisjoint(control.doubtful) for control in report.controls)


def _doubts(report: CostReport) -> str:
    """Return the controls that doubt days, in the words of the table that shows them."""
    names = [control.name for control in report.controls if control.doubtful]
    return join([f"{name[0].lower()}{name[1:]}" for name in names])


def _changed(report: CostReport) -> Card:
    comparison = report.totals.comparisons[0]
    if report.changes is None or comparison.change is None:
        return card(
            "What changed",
            "not compared",
            f"Days of this period and {comparison.against} are missing or in doubt.",
            "ops-warn",
        )
    figure = signed_money(comparison.change, report.currency)
    share = f"{percent(comparison.share, signed=True)} " if comparison.share is not None else ""
    sentence = f"{share}against {comparison.against}: {_why(report)}."
    return card("What changed and why", figure, sentence)


def _why(report: CostReport) -> str:
    assert report.changes is not None
    variance = report.changes.variance
    parts = [(effect, variance.effect(effect)) for effect in variance.parts]
    ranked = sorted(parts, key=lambda part: -abs(part[1]))
    named = [
        f"{effect.value} {signed_money(amount, report.currency)}"
        for effect, amount in ranked[:MOST_PARTS]
        if amount and abs(amount) * NEGLIGIBLE >= abs(ranked[0][1])
    ]
    moved = join(named) or "nothing moved"
    if not report.changes.found:
        usual = report.conclusions[1].verdict is Verdict.PASS
        return f"{moved}, {'all within the usual' if usual else 'none of it large'}"
    rises = [change for change in report.changes.found if change.amount > 0]
    top = (rises or report.changes.found)[0]
    kind = top.kind.value.replace("_", " ")
    sort = "rise" if rises else "fall"
    return f"{moved}. Largest {sort}: {_short_name(top)}, {kind}"


def _short_name(change: Change) -> str:
    """Return the end of a resource's ARN, or the meter."""
    if change.resource:
        return printable(change.resource.rsplit(":", 1)[-1])
    return printable(f"{change.service} {change.meter}")


def _first_action(report: CostReport) -> Card:
    first = most_urgent(report.findings)
    if first is None:
        gap = gap_to_close(report.coverage)
        if gap:
            sentence = f"No finding wants action; see to what was not seen. {gap}"
            return card("What to do first", "close the gaps", sentence, "ops-act")
        return card("What to do first", "nothing", "No finding wants action this time.")
    figure = stake(first.amount, first.currency) if first.amount else first.severity.value
    return card("What to do first", figure, f"{first.action} {first.sentence}", "ops-act")


def _unseen(report: CostReport) -> Card:
    missing = distinct_gaps(report.coverage)
    unsettled = report.periods.unsettled
    tail = f" Not settled, and compared with nothing: {days(unsettled)}." if unsettled else ""
    if not missing:
        return card("What we could not see", "no gap", f"Every read of the period came back.{tail}")
    tables = sorted({line.named for line in missing})
    more = [f"{len(tables) - MOST_PARTS} more"] if len(tables) > MOST_PARTS else []
    shown = join([*tables[:MOST_PARTS], *more])
    return card(
        "What we could not see",
        count(len(missing), "gap"),
        f"{shown}.{tail}",
        "ops-unseen",
    )
