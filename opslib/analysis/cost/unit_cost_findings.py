"""Unit costs, put as findings and as an answer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from opslib.analysis.cost.periods import Periods
from opslib.analysis.cost.unit_costs import UnitCostTrend
from opslib.analysis.cost.unit_periods import UnitChange
from opslib.analysis.cost.usual import ENOUGH_PERIODS
from opslib.estimate import Estimate
from opslib.findings import Conclusion, Finding, Severity, Verdict
from opslib.money import divide
from opslib.wording import count, money, percent, printable, signed_money

__all__ = ["conclude_unit_costs", "describe_unit_costs", "speak_unit_cost"]

QUESTION = "Is the cost of a unit within the usual?"


def describe_unit_costs(
    trends: Sequence[UnitCostTrend], periods: Periods, currency: str, floor: Decimal
) -> list[Finding]:
    """Put each unit cost that rose beyond its usual movement as a finding.

    Args:
        trends: of all units.
        periods: the report's days.
        currency: of all amounts.
        floor: least money of the period that is worth one.
    """
    return [
        _finding(trend, trend.change, periods, currency)
        for trend in trends
        if trend.is_unusual and trend.change is not None and trend.change.extra >= floor
    ]


def _finding(trend: UnitCostTrend, change: UnitChange, periods: Periods, currency: str) -> Finding:
    by_spend = change.spend >= change.volume
    spend, volume = "more" if change.spend > 0 else "less", "fewer" if change.volume > 0 else "more"
    by = (
        f"{signed_money(change.spend, currency)} by {spend} spend and "
        f"{signed_money(change.volume, currency)} by {volume} units"
    )
    action = (
        "Find what is spent more in the findings beside this one: the units do not explain it."
        if by_spend
        else "Fewer units carry the same cost: size down what does not follow them."
    )
    return Finding(
        kind="cost.unit_cost",
        subject={"Unit": trend.unit.name},
        severity=Severity.MEDIUM if by_spend else Severity.LOW,
        sentence=(
            f"{speak_unit_cost(trend, periods, currency)}: {by}; "
            f"{signed_money(change.extra, currency)} {periods.spoken} for what was counted."
        ),
        action=action,
        amount=Estimate.exact(change.extra),
        currency=currency,
        evidence=("unit_costs",),
    )


def speak_unit_cost(trend: UnitCostTrend, periods: Periods, currency: str) -> str:
    """Return what a unit costs and how that compares, a sentence without its stop."""
    named, change = count(trend.unit.per, printable(trend.unit.name)), trend.change
    if change is None:
        return f"What {named} cost {periods.spoken} is not told"
    told = (
        f"{named} cost {money(change.after, currency)}, {percent(_share(change), signed=True)} "
        f"against the {periods.label} before ({money(change.before, currency)})"
    )
    if trend.against is None:
        return told
    low, mid, high = (
        percent(end, signed=True)
        for end in (trend.against.low, trend.against.mid, trend.against.high)
    )
    return (
        f"{told} and {mid} against the {trend.earlier_periods} before together "
        f"({low} to {high} at {percent(trend.against.confidence)})"
    )


def _share(change: UnitChange) -> Decimal:
    return divide(change.amount, change.before)


def conclude_unit_costs(
    trends: Sequence[UnitCostTrend],
    findings: Sequence[Finding],
    unseen: Sequence[str],
    periods: Periods,
    currency: str,
) -> tuple[Conclusion, ...]:
    """Answer whether the units cost what they usually do; nothing where there is no unit.

    Args:
        trends: of all units.
        findings: of the report.
        unseen: what keeps the bill from being taken for complete.
        periods: the report's days.
        currency: of all amounts.
    """
    if not trends:
        return ()
    because = (*unseen, *(reason for trend in trends for reason in _reasons(trend)))
    risen = [finding for finding in findings if finding.kind == "cost.unit_cost"]
    told = [trend for trend in trends if trend.change is not None]
    figures = "; ".join(speak_unit_cost(trend, periods, currency) for trend in told)
    if risen and any(_is_judged(trend) and trend.is_unusual for trend in trends):
        verdict, sentence = Verdict.FAIL, f"No: {count(len(risen), 'rise')} beyond it. {figures}."
    elif because:
        verdict = Verdict.INCONCLUSIVE
        sentence = f"It cannot be told.{f' {figures}.' if figures else ''}"
    else:
        verdict, sentence = Verdict.PASS, f"Yes. {figures}."
    return (Conclusion(question=QUESTION, verdict=verdict, sentence=sentence, because=because),)


def _is_judged(trend: UnitCostTrend) -> bool:
    return trend.earlier_periods >= ENOUGH_PERIODS


def _reasons(trend: UnitCostTrend) -> tuple[str, ...]:
    name = printable(trend.unit.name)
    reasons = tuple(f"{name}: {reason}" for reason in trend.because)
    if reasons or _is_judged(trend):
        return reasons
    seen = count(trend.earlier_periods, "earlier period")
    return (f"{name}: {seen}, too few to tell what is usual",)
