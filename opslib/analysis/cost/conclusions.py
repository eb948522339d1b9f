"""The answers of the cost report, and what keeps them from being given."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from opslib.analysis.cost.budgets import BudgetOutlook
from opslib.analysis.cost.changes import Changes
from opslib.analysis.cost.daily import sum_of, within
from opslib.analysis.cost.month import MonthOutlook
from opslib.analysis.cost.periods import Periods
from opslib.analysis.cost.tags import TagGovernance
from opslib.analysis.cost.totals import Totals
from opslib.analysis.cost.usual import FEWEST_PERIODS
from opslib.coverage import Coverage, CoverageStatus, gaps
from opslib.findings import Conclusion, Finding, Headline, Severity, Verdict
from opslib.parameters.cost import CostParameters
from opslib.tables.costs import Bill
from opslib.timewindow import TimeWindow
from opslib.wording import count, day, days, join, money, percent

__all__ = ["conclude", "headlines_of", "notice_gaps"]

BILL_TABLES = ("bill", "costs by meter", "costs by account", "costs by region")


def notice_gaps(
    bill: Bill,
    periods: Periods,
    totals: Totals,
    covered: Sequence[TimeWindow],
    column: str,
    parameters: CostParameters,
) -> list[Coverage]:
    """Return what the bill itself leaves open: empty, missing, unsettled, unclosed, untied.

    Args:
        bill: the bill.
        periods: the report's days.
        totals: the totals, which name the days without a charge.
        covered: the periods that the bill covers.
        column: BilledCost or EffectiveCost.
        parameters: the accounts asked for.
    """
    if bill.first_day is None:
        asked = days(bill.days)
        return [_gap(asked, CoverageStatus.EMPTY, "not a single charge came back")]
    lines = []
    if totals.missing_days:
        missing = join([day(d) for d in totals.missing_days])
        lines.append(_gap(missing, CoverageStatus.EMPTY, "no charge at all on these days"))
    if periods.unsettled:
        lines.append(
            _gap(
                days(periods.unsettled),
                CoverageStatus.UNSETTLED,
                f"may be restated until {parameters.settle_hours} hours after each day's end",
            )
        )
    if periods.open_month:
        lines.append(
            _gap(
                f"{periods.open_month:%B %Y}",
                CoverageStatus.UNSETTLED,
                "the month is not closed: support fees, tax and credits may still come",
            )
        )
    if len(covered) - 1 < len(periods.earlier):
        detail = f"{len(covered) - 1} of {len(periods.earlier)} earlier periods are in the bill"
        lines.append(
            _gap(
                f"history from {day(periods.days[0])}",
                CoverageStatus.PARTIAL,
                detail,
                "bill history",
            )
        )
    return [*lines, *_silent_accounts(bill, periods, parameters), *_untied(bill, periods, column)]


def _gap(asked: str, status: CoverageStatus, detail: str, table: str = "bill") -> Coverage:
    return Coverage(table=table, asked=asked, status=status, detail=detail)


def _silent_accounts(bill: Bill, periods: Periods, parameters: CostParameters) -> list[Coverage]:
    if bill.accounts.empty:
        return []
    charged = set(within(bill.accounts, periods.current)["SubAccountId"])
    return [
        Coverage(
            table="costs by account",
            account=account.label,
            asked=days(periods.current.days),
            status=CoverageStatus.EMPTY,
            detail="the bill has no charge of this account in the period",
        )
        for account in parameters.accounts
        if account.id not in charged
    ]


def _untied(bill: Bill, periods: Periods, column: str) -> list[Coverage]:
    """Return the breakdowns that do not sum to the same total as the meters."""
    whole = sum_of(within(bill.meters, periods.current), column)
    lines = []
    for name, frame in (("account", bill.accounts), ("region", bill.regions)):
        part = sum_of(within(frame, periods.current), column)
        if not frame.empty and not bill.meters.empty and part != whole:
            detail = f"sums to {part}, the meters to {whole}"
            table = f"costs by {name}"
            lines.append(_gap(days(periods.current.days), CoverageStatus.PARTIAL, detail, table))
    return lines


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


def _reasons(coverage: Sequence[Coverage], *tables: str) -> tuple[str, ...]:
    return tuple(
        f"{line.table}{f' of {line.account}' if line.account else ''}: {line.status.value}"
        f"{f', {line.detail}' if line.detail else ''}"
        for line in gaps(coverage, *tables)
    )


def _is_complete(totals: Totals, bill: Bill, coverage: Sequence[Coverage]) -> Conclusion:
    because = _reasons(coverage, *BILL_TABLES)
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
    rising = [f for f in found if f.severity.rank >= Severity.MEDIUM.rank]
    because = _reasons(coverage, *BILL_TABLES)
    known = changes is not None and changes.earlier_periods >= FEWEST_PERIODS
    if changes is None:
        because = (*because, "no earlier period to compare with")
    elif not known:
        seen = count(changes.earlier_periods, "earlier change")
        because = (*because, f"{seen}, too few to tell what is usual")
    if rising and known:
        sentence = f"No: {count(len(rising), 'rise')} beyond it, listed below."
        return Conclusion(
            question=question, verdict=Verdict.FAIL, sentence=sentence, because=because
        )
    if because:
        large = f": {count(len(rising), 'large rise')} listed below" if rising else ""
        return Conclusion(
            question=question,
            verdict=Verdict.INCONCLUSIVE,
            sentence=f"It cannot be told{large}.",
            because=because,
        )
    falls = f"; {count(len(found), 'fall')} listed below" if found else ""
    sentence = f"Yes, no rise beyond it{falls}."
    return Conclusion(question=question, verdict=Verdict.PASS, sentence=sentence)


def _do_budgets_hold(budgets: Sequence[BudgetOutlook], coverage: Sequence[Coverage]) -> Conclusion:
    question = "Will the budgets hold?"
    failing = [budget for budget in budgets if budget.verdict is Verdict.FAIL]
    of_cost = [budget for budget in budgets if "is not about cost" not in budget.because]
    because = (
        *_reasons(coverage, "budgets"),
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
    because = _reasons(coverage, *(f"costs by {key}" for key in parameters.tag_keys))
    because = (*because, *(f"{t.key}: nothing taggable" for t in tags if t.untagged_share is None))
    if len(tags) < len(parameters.tag_keys) and not because:
        because = ("no tagged costs were read",)
    sentence = f"Tagged: {join(shares)}." if shares else "It cannot be told."
    failing = any(finding.kind.startswith("cost.untagged") for finding in findings)
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
