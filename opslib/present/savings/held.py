"""What is committed already, and what AWS advises to commit to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from opslib.analysis.savings.charges import MONTH_DAYS
from opslib.analysis.savings.commitments.judging import PLAN_NAMES, describe_level
from opslib.analysis.savings.held.advice import Advice
from opslib.analysis.savings.held.commitments import Commitment
from opslib.analysis.savings.report import SavingsReport
from opslib.money import EXACT, divide, total
from opslib.present.html import Column, Html, stacked, table
from opslib.tables.resource_names import resource_name
from opslib.wording import day, money, percent, printable

__all__ = ["show_held", "tabulate_advice", "tabulate_covered", "tabulate_held"]

NOT_KNOWN = "not known"


def show_held(report: SavingsReport) -> Html:
    """Return what is held, what it covers, and what AWS advises beside what we do."""
    return stacked(tabulate_held(report), tabulate_covered(report), tabulate_advice(report))


def tabulate_held(report: SavingsReport) -> Html:
    """Return every commitment that is not over, the first to end first."""
    columns = (
        Column("What"),
        Column("Account"),
        Column("Ends"),
        Column("An hour", "figure"),
        Column("Used", "figure"),
        Column("Buys nothing, a month", "figure"),
        Column("Costs more without, a month", "figure"),
    )
    over = {"retired", "returned", "queued-deleted", "payment-failed"}
    held = [one for one in report.held.commitments if one.state not in over]
    shown = held[: report.parameters.top]
    more = (
        f"{len(held) - len(shown)} more in tables/held_commitments.csv. "
        if held[len(shown) :]
        else ""
    )
    unused = [one for one in held if one.unused is not None]
    foot = ("Total", "", "", "", "", _sum(unused), "") if unused else None
    days = report.parameters.days
    return table(
        columns,
        [_commitment(one) for one in shown],
        caption="What is committed already",
        total=foot,
        note=f"{more}Used: of {day(days[0])} to {day(days[-1])}, as Cost Explorer tells it. Costs "
        "more without: its usage on demand minus what it costs, once it has ended.",
    )


def _commitment(one: Commitment) -> tuple[str, ...]:
    name = printable(f"{one.what} {resource_name(one.id)}")
    return (
        name,
        printable(one.account),
        _ends(one),
        NOT_KNOWN if one.hourly is None else money(one.hourly, one.currency),
        NOT_KNOWN if one.used_share is None else percent(one.used_share),
        NOT_KNOWN if one.unused is None else money(one.unused, one.currency),
        NOT_KNOWN if one.lost_with_it is None else money(one.lost_with_it, one.currency),
    )


def _ends(one: Commitment) -> str:
    if one.state == "queued":
        return f"queued for {_day(one.start)}"
    renewed = ", renewed" if one.is_renewed and one.end else ""
    return f"{_day(one.end)}{renewed}"


def _day(moment: datetime | None) -> str:
    return day(moment) if moment else NOT_KNOWN


def _sum(held: Sequence[Commitment]) -> str:
    return money(total(one.unused for one in held), held[0].currency)


def tabulate_covered(report: SavingsReport) -> Html:
    """Return how much of each service's usage is covered, most paid on demand first."""
    columns = (
        Column("Service"),
        Column("By"),
        Column("Covered", "figure"),
        Column("On demand, a month", "figure"),
    )
    days = Decimal(len(report.parameters.days))
    told = report.held.covered.to_dict("records")
    rows = [
        (
            printable(row["Service"]),
            row["Kind"].replace("_", " "),
            percent(row["CoveredShare"]),
            money(
                divide(EXACT.multiply(row["OnDemand"], Decimal(MONTH_DAYS)), days), row["Currency"]
            ),
        )
        for row in sorted(told, key=lambda row: (-row["OnDemand"], row["Service"]))
    ]
    return table(columns, rows, caption="How much of it is covered")


def tabulate_advice(report: SavingsReport) -> Html:
    """Return what AWS advises, the largest saving first, beside what our backtest would buy."""
    columns = (
        Column("What AWS advises"),
        Column("For"),
        Column("Term"),
        Column("How much", "figure"),
        Column("Ours", "figure"),
        Column("Saves a month", "figure"),
        Column("Upfront", "figure"),
        Column("Pays off after", "figure"),
    )
    advice, ours = report.held.advice, _ours(report)
    shown = advice[: report.parameters.top]
    more = f"{len(advice) - len(shown)} more in tables/commitment_advice.csv. "
    note = "Options for the same usage exclude each other, so no sum is told. Pays off after: "
    note += "months that the usage must go on for it to cost no more than on demand."
    return table(
        columns,
        [_advice(one, ours) for one in shown],
        caption="What AWS advises to commit to",
        note=(more if len(advice) > len(shown) else "") + note if advice else _no_advice(report),
    )


def _no_advice(report: SavingsReport) -> str:
    if not report.parameters.aws_advice:
        return "AWS was not asked (aws_advice)."
    return "AWS recommends nothing, or could not be asked: see the coverage."


def _advice(one: Advice, ours: Mapping[str, str]) -> tuple[str, ...]:
    place = f" in {one.region}" if one.region else ""
    return (
        PLAN_NAMES.get(one.plan, printable(one.plan)),
        printable(f"{one.what}{place}"),
        f"{one.years} y, {one.payment.replace('_', ' ')}",
        _level(one),
        ours.get(one.offer, ""),
        money(one.saving, one.currency),
        money(one.upfront, one.currency),
        NOT_KNOWN if one.break_even_months is None else f"{one.break_even_months:.1f} months",
    )


def _ours(report: SavingsReport) -> dict[str, str]:
    """Return what our backtest would buy, by offer."""
    bought = report.backtest.tried[: report.backtest.bought]
    return {one.offer.id: describe_level(one.offer, one.level, report.currency) for one in bought}


def _level(one: Advice) -> str:
    if one.hourly is not None:
        return f"{money(one.hourly, one.currency)} an hour"
    return NOT_KNOWN if one.units is None else f"{one.units.normalize():f}"
