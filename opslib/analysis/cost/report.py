"""The whole cost analysis: one call from tables to findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.allocation import Allocation, allocate_shared
from opslib.analysis.cost.anomalies.report import AnomalyReport, report_anomalies
from opslib.analysis.cost.budgets import BudgetOutlook, judge_budgets
from opslib.analysis.cost.changes import Changes, find_changes
from opslib.analysis.cost.completeness import covered_periods, missing_days, notice_gaps
from opslib.analysis.cost.completeness_findings import describe_missing, describe_unsettled
from opslib.analysis.cost.conclusions import conclude, headlines_of
from opslib.analysis.cost.control import Control, control_gaps, doubtful_days
from opslib.analysis.cost.controls import control_bill
from opslib.analysis.cost.findings import describe_budgets
from opslib.analysis.cost.month import MonthOutlook, forecast_month
from opslib.analysis.cost.periods import Periods
from opslib.analysis.cost.tag_findings import describe_tags
from opslib.analysis.cost.tags import TagGovernance, measure_tags
from opslib.analysis.cost.tie_out import TieOut
from opslib.analysis.cost.tie_out_control import hold_against_explorer
from opslib.analysis.cost.totals import Totals, measure_totals
from opslib.analysis.cost.unit_cost_findings import (
    conclude_unit_costs,
    describe_unit_costs,
)
from opslib.analysis.cost.unit_costs import UnitCostTrend, measure_unit_costs
from opslib.analysis.cost.worth import smallest_worth
from opslib.coverage import Coverage
from opslib.errors import ParameterError
from opslib.findings import Conclusion, Finding, FindingsDocument, Headline
from opslib.parameters.cost import CostParameters
from opslib.parameters.decisions import decide_findings
from opslib.tables.cost_tables import CostTables
from opslib.tables.costs import Bill
from opslib.wording import day

__all__ = ["CostReport", "analyse_cost"]

FEWEST_PERIODS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReport:
    """Everything that the cost report shows.

    Args:
        parameters, periods, bill: what it is about.
        tables: everything that was read.
        changes_before: of `opslib.tables.cost_changes.COST_CHANGES`, in which causes are sought.
        controls: what the bill was controlled by.
        tied: the export held against Cost Explorer; None where it was not.
        totals: what was spent.
        changes: why it changed; None where there is no earlier period to compare with.
        unusual: what was unusual in the daily bill, and why.
        month: where the month will end.
        aws_forecast: AWS's own forecast, columns of `opslib.tables.budgets.FORECAST`.
        budgets: how the budgets stand.
        tags: how well spend is tagged, one a key that could be read.
        allocations: shared costs, one a rule.
        units: what units cost, one a unit; none where nothing is counted.
        findings: most urgent first.
        conclusions: the answers.
        headlines: figures of the first screen.
        coverage: what was and was not seen.
    """

    parameters: CostParameters
    periods: Periods
    bill: Bill
    tables: CostTables
    changes_before: pd.DataFrame
    controls: tuple[Control, ...]
    tied: TieOut | None
    totals: Totals
    changes: Changes | None
    unusual: AnomalyReport
    month: MonthOutlook
    aws_forecast: pd.DataFrame
    budgets: tuple[BudgetOutlook, ...]
    tags: tuple[TagGovernance, ...]
    allocations: tuple[Allocation, ...]
    units: tuple[UnitCostTrend, ...]
    findings: tuple[Finding, ...]
    conclusions: tuple[Conclusion, ...]
    headlines: tuple[Headline, ...]
    coverage: tuple[Coverage, ...]

    @property
    def column(self) -> str:
        """Return the cost column that the report is about."""
        return self.parameters.cost_basis.column

    @property
    def currency(self) -> str:
        """Return the currency of every amount."""
        return self.bill.currency

    def document(self) -> FindingsDocument:
        """Return what machines read of it."""
        return FindingsDocument(
            notebook=self.parameters.notebook,
            environment=self.parameters.environment,
            as_of=self.parameters.as_of,
            window_start=self.periods.current.start,
            window_end=self.periods.current.end,
            headlines=self.headlines,
            conclusions=self.conclusions,
            findings=self.findings,
            coverage=self.coverage,
        )


def analyse_cost(
    parameters: CostParameters,
    periods: Periods,
    tables: CostTables,
    changes_before: pd.DataFrame,
    coverage: Sequence[Coverage],
) -> CostReport:
    """Answer what was spent, why it changed and what to do.

    Args:
        parameters: the notebook's.
        periods: from `opslib.analysis.cost.periods.plan_periods`.
        tables: from `opslib.aws.cost_tables.read_cost_tables`.
        changes_before: columns of `opslib.tables.cost_changes.COST_CHANGES`: changes in the hours
            before what is unusual began.
        coverage: of all reads.

    Raises:
        ParameterError: the bill has charges, but none in the period.
    """
    bill = tables.bill
    check_period_has_charges(bill, periods)
    column = parameters.cost_basis.column
    missing = missing_days(bill, periods, column)
    tied = hold_against_explorer(bill, tables.controls, missing, column)
    controls = control_bill(tables, periods, missing, tied, parameters)
    doubted = doubtful_days(controls)
    in_doubt = not set(periods.current.days).isdisjoint(doubted)
    unusable = tuple(sorted({*missing, *doubted}))
    totals = measure_totals(bill, periods, unusable, column)
    covered = covered_periods(bill, periods, unusable)[: 1 if in_doubt else None]
    floor = smallest_worth(parameters, totals.amount)
    compared = len(covered) >= FEWEST_PERIODS
    changes = find_changes(bill, covered, unusable, column, floor) if compared else None
    month = forecast_month(bill.charges, periods, column, parameters.confidence, unusable)
    outlooks = judge_budgets(
        tables.budgets,
        tables.notifications,
        bill,
        periods,
        unusable,
        confidence=parameters.confidence,
        risk=parameters.budget_risk,
    )
    tags = tuple(
        measure_tags(bill, key, covered, column, floor)
        for key in parameters.tag_keys
        if key in bill.tags
    )
    gaps = notice_gaps(bill, periods, missing, covered, column, parameters, coverage)
    seen = (*coverage, *gaps, *control_gaps(controls, periods))
    unusual = report_anomalies(
        parameters, periods, tables, changes_before, changes.found if changes else (), doubted, seen
    )
    units = measure_unit_costs(parameters, periods, tables, unusable, coverage)
    findings = _ranked(
        [
            *unusual.findings(totals.amount, bill, periods),
            *describe_budgets(outlooks, parameters),
            *(
                []
                if in_doubt
                else describe_tags(tags, parameters, bill.currency, periods.spoken, floor)
            ),
            *describe_unit_costs(units, periods, bill.currency, floor),
            *describe_missing(missing, periods),
            *(finding for control in controls for finding in control.findings),
            *(
                describe_unsettled(periods.unsettled, totals.unsettled, bill.currency)
                if bill.first_day
                else []
            ),
        ]
    )
    answers = conclude(parameters, bill, totals, changes, outlooks, tags, findings, seen)
    return CostReport(
        parameters=parameters,
        periods=periods,
        bill=bill,
        tables=tables,
        changes_before=changes_before,
        controls=controls,
        tied=tied,
        totals=totals,
        changes=changes,
        unusual=unusual,
        month=month,
        aws_forecast=tables.forecast,
        budgets=outlooks,
        tags=tags,
        allocations=tuple(
            allocate_shared(bill, rule, periods.current, column)
            for rule in parameters.shared_costs
            if rule.tag_key in bill.tags
        ),
        units=units,
        findings=decide_findings(findings, parameters),
        conclusions=(
            *answers,
            *unusual.conclusions(bill, seen),
            *conclude_unit_costs(units, findings, answers[0].because, periods, bill.currency),
        ),
        headlines=headlines_of(bill, totals, month, tags),
        coverage=seen,
    )


def check_period_has_charges(bill: Bill, periods: Periods) -> None:
    """Refuse a period without charges in a bill that has some.

    Raises:
        ParameterError: with the days that the bill does hold.
    """
    if bill.first_day is None or bill.last_day is None:
        return
    wanted = set(periods.current.days)
    if any(charged in wanted for charged in bill.charges["ChargePeriodStart"]):
        return
    raise ParameterError(
        f"the bill has no charge from {periods.current}; it has charges from "
        f"{day(bill.first_day)} to {day(bill.last_day)}",
        where="as_of",
        remedy=f"Set as_of to {bill.last_day.isoformat()} plus settle_hours and a day, or "
        "find out why the export stopped.",
    )


def _ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    def urgency(finding: Finding) -> tuple[int, Decimal, str]:
        money = abs(finding.amount.mid) if finding.amount else Decimal(0)
        return (-finding.severity.rank, -money, finding.id)

    return tuple(sorted(findings, key=urgency))
