"""Sizes as we and as the services of AWS would change them."""

from __future__ import annotations

from opslib.analysis.savings.recommendation import Rejection
from opslib.analysis.savings.report import SavingsReport
from opslib.analysis.savings.sizes import Comparison, SourceView
from opslib.present.html import Column, Html, table
from opslib.wording import join, money, printable

__all__ = ["tabulate_sizes"]


def tabulate_sizes(report: SavingsReport) -> Html:
    """Return each size that we or AWS would change, what each says, and why they disagree."""
    columns = (
        Column("Resource"),
        Column("Account"),
        Column("Now"),
        Column("We say"),
        Column("AWS says", "sentence"),
        Column("Agree"),
        Column("Why not", "sentence"),
    )
    shown = report.comparisons[: report.parameters.top]
    more = len(report.comparisons) - len(shown)
    return table(
        columns,
        [_row(one, report) for one in shown],
        caption="Other sizes, as we and as AWS see them",
        note=f"{more} more in tables/aws_sizes.csv." if more > 0 else "",
    )


def _row(comparison: Comparison, report: SavingsReport) -> tuple[str, ...]:
    sized = comparison.sized
    return (
        printable(sized.thing.name),
        printable(sized.thing.account),
        sized.present,
        _ours(comparison, report),
        "; ".join(_said(view) for view in comparison.views),
        _agreement(comparison),
        "; ".join(_whys(comparison)),
    )


def _ours(comparison: Comparison, report: SavingsReport) -> str:
    option = comparison.sized.option
    if isinstance(option, Rejection):
        return f"no change: {option.reason.value}"
    return f"{comparison.sized.proposed}, saves {money(option.saving, report.currency)}"


def _said(view: SourceView) -> str:
    if view.agrees is None:
        return f"{view.source}: not known"
    if not view.proposed:
        return f"{view.source}: no other size"
    saves = "" if view.saving is None else f", saves {money(view.saving, view.currency)}"
    return f"{view.source}: {printable(view.proposed)}{saves}"


def _agreement(comparison: Comparison) -> str:
    said = {view.agrees for view in comparison.views} - {None}
    if not said:
        return "not known"
    return "yes" if said == {True} else "no" if said == {False} else "in part"


def _whys(comparison: Comparison) -> list[str]:
    """Return each reason once, with those that it is of."""
    sources: dict[str, list[str]] = {}
    for view in comparison.views:
        if view.why:
            sources.setdefault(view.why, []).append(view.source)
    return [f"{join(named)}: {printable(why, 300)}" for why, named in sources.items()]
