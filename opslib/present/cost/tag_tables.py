"""Tables of cost by tag: values, what lacks them, and shared costs spread over them."""

from __future__ import annotations

from decimal import Decimal

from opslib.analysis.cost.report import CostReport
from opslib.money import total
from opslib.present.html import Column, Html, table
from opslib.wording import count, money, percent, printable

__all__ = ["tabulate_allocation", "tabulate_offenders", "tabulate_tag_values"]


def tabulate_tag_values(report: CostReport) -> Html:
    """Return the period's cost by value of each tag; each key sums to the taggable spend."""
    rows: list[tuple[str, ...]] = []
    for tag in report.tags:
        ranked = sorted(tag.by_value.items(), key=lambda item: (-item[1], item[0]))
        shown = ranked[: report.parameters.top]
        rest = total(amount for _, amount in ranked[report.parameters.top :])
        rows += [_tag_row(report, tag.key, v or "(untagged)", cost) for v, cost in shown]
        if len(ranked) > len(shown):
            others = count(len(ranked) - len(shown), "other")
            rows.append(_tag_row(report, tag.key, others, rest))
        rows.append(_tag_row(report, tag.key, "all that can be tagged", tag.taggable))
    return table(
        (Column("Tag"), Column("Value"), Column("Cost", "figure")),
        rows,
        caption="By tag",
        note="" if rows else "No costs by tag could be read.",
    )


def _tag_row(report: CostReport, key: str, value: str, cost: Decimal) -> tuple[str, ...]:
    return (printable(key), printable(value), money(cost, report.currency))


def tabulate_offenders(report: CostReport) -> Html:
    """Return the largest untagged costs by key, each key closed by what is untagged in all."""
    rows = []
    for tag in report.tags:
        shown = tag.offenders[: report.parameters.top]
        rows += [
            (
                printable(tag.key),
                printable(offender.service),
                printable(offender.resource) or "—",
                printable(report.bill.account_names.get(offender.account, offender.account)) or "—",
                money(offender.cost, report.currency),
            )
            for offender in shown
        ]
        rest = tag.untagged - total(offender.cost for offender in shown)
        if rest:
            rows.append((printable(tag.key), "others", "", "", money(rest, report.currency)))
        share = percent(tag.untagged_share) if tag.untagged_share is not None else "—"
        rows.append(
            (
                printable(tag.key),
                f"all untagged, {share}",
                "",
                "",
                money(tag.untagged, report.currency),
            )
        )
    return table(
        (
            Column("Tag"),
            Column("Service"),
            Column("Resource"),
            Column("Account"),
            Column("Cost", "figure"),
        ),
        rows,
        caption="Where tags are missing",
        note="Only charges of category Usage count; tax, credits and fees cannot be tagged.",
    )


def tabulate_allocation(report: CostReport) -> Html:
    """Return shared costs spread over tag values; each rule sums to the period's total."""
    rows: list[tuple[str, ...]] = []
    for allocation in report.allocations:
        rows += [
            (
                printable(allocation.rule),
                printable(row.value) or "(untagged)",
                money(row.direct, report.currency),
                money(row.shared, report.currency),
                money(row.full, report.currency),
            )
            for row in allocation.rows
        ]
        rows.append(_rule_row(report, allocation.rule, "tax, credits, fees", allocation.untaggable))
        whole = allocation.taggable + allocation.untaggable
        rows.append(_rule_row(report, allocation.rule, "total", whole))
    reasons = [f"{a.rule}: {a.because}." for a in report.allocations if a.because]
    empty = "" if rows else "No rule in shared_costs could be applied."
    return table(
        (
            Column("Rule"),
            Column("Value"),
            Column("Direct", "figure"),
            Column("Shared", "figure"),
            Column("Full", "figure"),
        ),
        rows,
        caption="Shared costs, spread",
        note=" ".join(reasons) or empty,
    )


def _rule_row(report: CostReport, rule: str, name: str, amount: Decimal) -> tuple[str, ...]:
    return (printable(rule), name, "", "", money(amount, report.currency))
