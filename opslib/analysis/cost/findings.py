"""Results of the cost analysis, put as findings: a sentence, its money, the next action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from opslib.analysis.cost.budgets import BudgetOutlook
from opslib.analysis.cost.change import Change, ChangeKind
from opslib.analysis.cost.periods import Periods
from opslib.estimate import Estimate
from opslib.findings import Finding, Severity, Verdict
from opslib.money import EXACT
from opslib.parameters.cost import CostParameters
from opslib.wording import (
    about,
    day,
    join,
    money,
    percent,
    printable,
    signed_money,
)

__all__ = [
    "describe_budgets",
    "describe_changes",
    "severity_of",
]

HIGH_SHARE = Decimal("0.05")

ACTIONS = {
    ChangeKind.PRICE: "Find what moved the rate: an expired commitment or discount, another tier, "
    "or a price list change.",
    ChangeKind.QUANTITY: "Ask the owner what drives the use, and whether it stays.",
    ChangeKind.NEW_RESOURCE: "Find who made it, and whether it is meant to stay.",
    ChangeKind.GONE_RESOURCE: "Confirm that it was meant to go.",
    ChangeKind.NEW_METER: "Find what started to be charged, and whether it is meant to stay.",
    ChangeKind.GONE_METER: "Confirm that it was meant to stop.",
    ChangeKind.CHARGE: "Read the charge on the invoice: tax, credit, fee or refund.",
}


def describe_changes(
    changes: Sequence[Change], spend: Decimal, currency: str, periods: Periods
) -> list[Finding]:
    """Put each change as a finding.

    Args:
        changes: the changes that matter.
        spend: cost of the period.
        currency: of all amounts.
        periods: the report's days.
    """
    return [
        Finding(
            kind=f"cost.{change.kind.value}",
            subject=_subject(change),
            severity=severity_of(change.amount, spend),
            sentence=_sentence(change, currency, periods),
            action=ACTIONS[change.kind],
            amount=Estimate.exact(change.amount),
            currency=currency,
            evidence=("changes", "variance"),
            first_day=change.first_day.isoformat() if change.first_day else "",
        )
        for change in changes
    ]


def _subject(change: Change) -> dict[str, str]:
    subject = {
        "ServiceName": change.service,
        "SkuMeter": change.meter,
        "PricingUnit": change.unit,
    }
    if change.resource:
        subject |= {"ResourceId": change.resource, "SubAccountId": change.account}
    return subject


def severity_of(amount: Decimal, spend: Decimal) -> Severity:
    """Return how soon an amount wants attention, where a period costs ``spend``: less can wait."""
    if amount <= 0:
        return Severity.LOW
    return Severity.HIGH if amount >= HIGH_SHARE * spend else Severity.MEDIUM


def _sentence(change: Change, currency: str, periods: Periods) -> str:
    what = f"{printable(change.service)} {printable(change.meter)}".strip()
    since = _since(change)
    gain = signed_money(change.amount, currency)
    rate = f", about {about(change.monthly, currency)} a month" if change.monthly else ""
    effect = f"{gain} {periods.spoken}{rate}"
    thing = f"{printable(change.resource)} ({what})" if change.resource else what
    if change.kind in {ChangeKind.NEW_RESOURCE, ChangeKind.NEW_METER}:
        return f"{thing} is new{since}: {effect}."
    if change.kind in {ChangeKind.GONE_RESOURCE, ChangeKind.GONE_METER}:
        return f"{thing} is no longer charged{since}: {effect}."
    moved = f"{_moved(change)}{since}"
    if change.kind is ChangeKind.PRICE:
        return f"The average price of {what} {moved}{_prices(change, currency)}: {effect}."
    subject = "use of" if change.kind is ChangeKind.QUANTITY else "charge for"
    return f"The {subject} {what} {moved}: {effect}."


def _since(change: Change) -> str:
    if change.first_day is None:
        return ""
    return f" {'since' if change.lasts else 'on'} {day(change.first_day)}"


def _moved(change: Change) -> str:
    direction = "rose" if change.amount > 0 else "fell"
    return direction if change.share is None else f"{direction} by {percent(abs(change.share))}"


def _prices(change: Change, currency: str) -> str:
    if change.before is None or change.after is None:
        return ""
    prices = f"from {money(change.before, currency)} to {money(change.after, currency)}"
    return f", {prices} per {printable(change.unit)}"


def describe_budgets(budgets: Iterable[BudgetOutlook], parameters: CostParameters) -> list[Finding]:
    """Put each budget that fails as a finding."""
    return [_budget_finding(b, parameters) for b in budgets if b.verdict is Verdict.FAIL]


def _budget_finding(budget: BudgetOutlook, parameters: CostParameters) -> Finding:
    expected = budget.outlook.total if budget.outlook else None
    certain = budget.probability is None or budget.probability >= (1 + parameters.budget_risk) / 2
    return Finding(
        kind="cost.budget_overrun",
        subject={"Account": budget.account, "BudgetName": budget.name},
        severity=Severity.HIGH if certain or budget.passed else Severity.MEDIUM,
        sentence=_budget_sentence(budget, expected),
        action="Decide now: bring the spend down, or raise the budget on purpose.",
        amount=_excess(expected, budget.limit),
        currency=budget.unit,
        evidence=("budgets",),
    )


def _budget_sentence(budget: BudgetOutlook, expected: Estimate | None) -> str:
    where = f" of {printable(budget.account)}" if budget.account else ""
    name = f"Budget {printable(budget.name)}{where}"
    limit = money(budget.limit, budget.unit) if budget.limit is not None else "its limit"
    comes_to = (
        f"the month comes to {about(expected.mid, budget.unit)} "
        f"({about(expected.low, budget.unit)} to {about(expected.high, budget.unit)} at "
        f"{percent(expected.confidence)})"
        if expected
        else ""
    )
    if budget.passed and budget.spent is not None:
        spent = f"{money(budget.spent, budget.unit)} spent so far"
        return f"{name} has passed its limit of {limit}: {join([spent, comes_to])}."
    if budget.probability is not None and comes_to:
        risk = f"with a probability of {budget.said_probability}"
        return f"{name} will pass its limit of {limit} {risk}: {comes_to}."
    return f"{name}, limit {limit}: {budget.because}."


def _excess(expected: Estimate | None, limit: Decimal | None) -> Estimate | None:
    if expected is None or limit is None:
        return None
    return Estimate(
        low=EXACT.subtract(expected.low, limit),
        mid=EXACT.subtract(expected.mid, limit),
        high=EXACT.subtract(expected.high, limit),
        confidence=expected.confidence,
    )
