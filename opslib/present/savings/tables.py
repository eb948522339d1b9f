"""Tables of what is recommended, and of what is not."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.analysis.savings.counting import Counted
from opslib.analysis.savings.recommendation import Basis, Rejection
from opslib.analysis.savings.report import SavingsReport
from opslib.money import ZERO, total
from opslib.present.html import Column, Html, table
from opslib.present.savings.words import kind_words
from opslib.wording import count, money, printable

__all__ = ["tabulate_recommendations", "tabulate_rejections"]


def tabulate_recommendations(
    report: SavingsReport, chosen: Sequence[Counted] | None = None
) -> Html:
    """Return what to do, the largest saving first, with a total that ties out.

    Args:
        report: the analysis.
        chosen: the recommendations to show; None for all.
    """
    columns = (
        Column("What"),
        Column("Resource"),
        Column("Account"),
        Column("Owner"),
        Column("Why", "sentence"),
        Column("Advised for", "figure"),
        Column("Costs a month", "figure"),
        Column("Saves", "figure"),
    )
    counted = report.counted if chosen is None else chosen
    shown, rest = counted[: report.parameters.top], counted[report.parameters.top :]
    rows = [_row(one, report) for one in shown]
    if rest:
        left = total(one.saving for one in rest)
        rows.append((f"{len(rest)} more", *[""] * 6, money(left, report.currency)))
    return table(
        columns,
        rows,
        caption="What to do, a month of 30 days",
        total=("Total", *[""] * 6, money(total(one.saving for one in counted), report.currency)),
        note="Saves: each line of the bill counted once. ~ marks what is estimated. What each "
        "would save by itself, and all rows: tables/recommendations.csv.",
    )


def _row(counted: Counted, report: SavingsReport) -> tuple[str, ...]:
    one, currency = counted.recommendation, report.currency
    days = (report.parameters.as_of - report.advice.since[one.id]).days
    mark = "~" if one.basis is Basis.ESTIMATE else ""
    return (
        kind_words(one.kind),
        printable(one.thing.name),
        printable(one.thing.account),
        printable(report.advice.owners.of(one.thing)),
        one.sentence,
        count(days, "day") if days else "new",
        f"{mark}{money(one.cost, currency)}",
        f"{mark}{money(counted.saving, currency)}",
    )


def tabulate_rejections(report: SavingsReport) -> Html:
    """Return what was looked at and is not recommended, with its reason: the dearest first."""
    columns = (
        Column("What"),
        Column("Resource"),
        Column("Account"),
        Column("Reason"),
        Column("Why not", "sentence"),
        Column("Would save", "figure"),
    )
    ranked = sorted(report.rejections, key=lambda one: -(one.saving or ZERO))
    shown = ranked[: report.parameters.top]
    more = len(report.rejections) - len(shown)
    note = f"{more} more in tables/rejections.csv." if more else ""
    rows = [_rejected(one, report.currency) for one in shown]
    return table(columns, rows, caption="What is not recommended, and why", note=note)


def _rejected(one: Rejection, currency: str) -> tuple[str, ...]:
    return (
        kind_words(one.kind),
        printable(one.thing.name),
        printable(one.thing.account),
        one.reason.value,
        one.sentence,
        "not known" if one.saving is None else money(one.saving, currency),
    )
