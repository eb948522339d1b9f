"""The answers of the cost report, and what keeps them from being given."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from opslib.analysis.cost.budgets import BudgetOutlook
from opslib.analysis.cost.changes import Changes
from opslib.analysis.cost.completeness import BILL_TABLES
from opslib.analysis.cost.month import MonthOutlook
from opslib.analysis.cost.tags import TagGovernance
from opslib.analysis.cost.totals import Totals
from opslib.analysis.cost.usual import ENOUGH_PERIODS
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Finding, Headline, Verdict
from opslib.parameters.cost import CostParameters
from opslib.tables.costs import Bill
from opslib.wording import count, join, money, percent

__all__ = ["conclude", "headlines_of", "reasons_of"]

CONTROL_TABLES = ("export files", "duplicates", "other currencies", "tie-out")
"""What the bill is controlled by: without it the bill is there, and not known to be complete."""


def conclude(
    parameters: CostParameters,
    bill: Bill,
    totals: Totals,
    changes: Changes | None,
    budgets: Sequence[BudgetOutlook],
    tags: Sequence[TagGovernance],
    findings: Sequence[Finding],
    coverage: Sequence[Coverage],
) -> tuple[Conclusion, ...]:
    """Answer the report's four questions.

    A question whose tables have a gap is inconclusive, unless what was seen already fails it.
    """
    return (
        _is_complete(totals, bill, coverage),
        _is_change_usual(changes, findings, coverage),
        _do_budgets_hold(budgets, coverage),
        _is_tagged(parameters, tags, findings, coverage),
    )


def reasons_of(coverage: Sequence[Coverage], *tables: str) -> tuple[str, ...]:
    """Return the gaps of ``tables``, one clause each."""
    return tuple(
        f"{line.named}: {line.status.words}{f', {line.detail}' if line.detail else ''}"
        for line in gaps(coverage, *tables)
    )


def _is_complete(totals: Totals, bill: Bill, coverage: Sequence[Coverage]) -> Conclusion:
    because = reasons_of(coverage, *BILL_TABLES, *CONTROL_TABLES)
    sentence = (
        "The bill may be incomplete."
        if because
        else f"Every day of the period is in the bill: {money(totals.amount, bill.currency)}."
    )
    return Conclusion(
        question="Is the bill complete?",
        verdict=Verdict.INCONCLUSIVE if because else Verdict.PASS,
        sentence=sentence,
        because=because,
    )


def _is_change_usual(
    changes: Changes | None, findings: Sequence[Finding], coverage: Sequence[Coverage]
) -> Conclusion:
    question = "Is the change within the usual?"
    kinds = ("price_change", "quantity_change", "resource", "meter", "charge_change")
    found = [f for f in findings if f.kind.startswith("cost.") and f.kind.endswith(kinds)]
    beyond = _rises_and_falls(found)
    because = reasons_of(coverage, *BILL_TABLES)
    if changes is None:
        because = (*because, "no whole earlier period to compare with")
    elif changes.earlier_periods < ENOUGH_PERIODS:
        seen = count(changes.earlier_periods, "earlier change")
        because = (*because, f"{seen}, too few to tell what is usual")
    elif found:
        return Conclusion(
            question=question,
            verdict=Verdict.FAIL,
            sentence=f"No: {beyond} beyond it.",
            because=because,
        )
    if because:
        large = f": {beyond} large enough to look at" if found else ""
        return Conclusion(
            question=question,
            verdict=Verdict.INCONCLUSIVE,
            sentence=f"It cannot be told{large}.",
            because=because,
        )
    sentence = "Yes, no rise or fall beyond it."
    return Conclusion(question=question, verdict=Verdict.PASS, sentence=sentence)


def _rises_and_falls(found: Sequence[Finding]) -> str:
    rising = sum(finding.amount is not None and finding.amount.mid > 0 for finding in found)
    counts = ((rising, "rise"), (len(found) - rising, "fall"))
    return join([count(number, word) for number, word in counts if number])


def _do_budgets_hold(budgets: Sequence[BudgetOutlook], coverage: Sequence[Coverage]) -> Conclusion:
    question = "Will the budgets hold?"
    failing = [budget for budget in budgets if budget.verdict is Verdict.FAIL]
    of_cost = [budget for budget in budgets if "is not about cost" not in budget.because]
    because = (
        *reasons_of(coverage, "budgets", "budget notifications", *(BILL_TABLES if of_cost else ())),
        *(f"{b.name}: {b.because}" for b in of_cost if b.verdict is Verdict.INCONCLUSIVE),
    )
    if not of_cost and not because:
        because = ("no cost budget is defined",)
    if failing:
        sentence = f"No: {len(failing)} of {count(len(of_cost), 'cost budget')} will not."
        return Conclusion(
            question=question, verdict=Verdict.FAIL, sentence=sentence, because=because
        )
    if because:
        return Conclusion(
            question=question,
            verdict=Verdict.INCONCLUSIVE,
            sentence="It cannot be told for all.",
            because=because,
        )
    sentence = f"Yes, all {len(of_cost)} cost budgets." if len(of_cost) > 1 else "Yes."
    return Conclusion(question=question, verdict=Verdict.PASS, sentence=sentence)


def _is_tagged(
    parameters: CostParameters,
    tags: Sequence[TagGovernance],
    findings: Sequence[Finding],
    coverage: Sequence[Coverage],
) -> Conclusion:
    question = "Is spend tagged?"
    shares = [
        f"{tag.key} {percent(1 - tag.untagged_share)}"
        for tag in tags
        if tag.untagged_share is not None
    ]
    tables = (*BILL_TABLES, *(f"costs by {key}" for key in parameters.tag_keys))
    because = reasons_of(coverage, *tables)
    because = (*because, *(f"{t.key}: nothing taggable" for t in tags if t.untagged_share is None))
    if len(tags) < len(parameters.tag_keys) and not because:
        because = ("no tagged costs were read",)
    kinds = [finding.kind for finding in findings]
    rises, shares_beyond = kinds.count("cost.untagged_spend"), kinds.count("cost.untagged_share")
    reasons = (
        count(rises, "rise") + " of untagged spend" if rises else "",
        count(shares_beyond, "tag") + " below what is asked for" if shares_beyond else "",
    )
    failing = rises or shares_beyond
    why = f"; {join([reason for reason in reasons if reason])}" if failing else ""
    sentence = f"Tagged: {join(shares)}{why}." if shares else "It cannot be told."
    verdict = Verdict.FAIL if failing else Verdict.INCONCLUSIVE if because else Verdict.PASS
    return Conclusion(question=question, verdict=verdict, sentence=sentence, because=because)


def headlines_of(
    bill: Bill, totals: Totals, month: MonthOutlook, tags: Sequence[TagGovernance]
) -> tuple[Headline, ...]:
    """Return the figures that runs are compared by; None where one could not be known."""
    known = bill.first_day is not None
    change = totals.comparisons[0].change
    figures: list[tuple[str, str, Decimal | None, str]] = [
        ("period_cost", "Spent in the period", totals.amount if known else None, bill.currency),
        ("period_change", "Change", change if known else None, bill.currency),
        (
            "month_forecast",
            "Month, expected",
            month.total.mid if month.total else None,
            bill.currency,
        ),
    ]
    for tag in tags:
        share = tag.untagged_share
        figures.append(
            (
                f"untagged_{tag.key}",
                f"Without {tag.key}",
                share * 100 if share is not None else None,
                "percent",
            )
        )
    return tuple(
        Headline(name=name, label=label, amount=amount, unit=unit)
        for name, label, amount, unit in figures
    )
