"""Everything that a cost report says of unusual days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.anomalies.anomaly import CostAnomalies
from opslib.analysis.cost.anomalies.causes import Explanation, explain_anomalies
from opslib.analysis.cost.anomalies.commitments import (
    CommitmentUse,
    commitment_gaps,
    judge_commitments,
)
from opslib.analysis.cost.anomalies.comparison import AwsComparison, compare_with_aws
from opslib.analysis.cost.anomalies.conclusions import (
    are_causes_known,
    are_commitments_used,
    is_bill_unusual,
)
from opslib.analysis.cost.anomalies.detection import find_cost_anomalies
from opslib.analysis.cost.anomalies.findings import (
    describe_anomalies,
    describe_commitments,
    with_causes,
)
from opslib.analysis.cost.anomalies.told import ToldTroubles, share_out
from opslib.analysis.cost.change import Change
from opslib.analysis.cost.completeness import BILL_TABLES
from opslib.analysis.cost.conclusions import reasons_of
from opslib.analysis.cost.findings import describe_changes
from opslib.analysis.cost.periods import Periods
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Finding
from opslib.parameters.cost import CostParameters
from opslib.tables.cost_tables import CostTables
from opslib.tables.costs import Bill

__all__ = ["AnomalyReport", "report_anomalies"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyReport:
    """What was unusual in the daily bill, and why.

    Args:
        anomalies: ours.
        explanations: one for each of the period's.
        told: which are findings of their own, and which show as a change.
        aws: ours beside AWS's.
        commitments: how those that are owned were used.
    """

    anomalies: CostAnomalies
    explanations: tuple[Explanation, ...]
    told: ToldTroubles
    aws: AwsComparison
    commitments: tuple[CommitmentUse, ...]

    def findings(self, spend: Decimal, bill: Bill, periods: Periods) -> list[Finding]:
        """Return the findings of changes with their causes, of anomalies, and of commitments."""
        changes = describe_changes(self.told.changes, spend, bill.currency, periods)
        return [
            *with_causes(changes, self.told, self.explanations, bill.currency),
            *describe_anomalies(
                self.told,
                self.explanations,
                spend,
                bill.currency,
                periods.current,
                bill.account_names,
            ),
            *describe_commitments(self.commitments, spend, periods.current),
        ]

    def conclusions(self, bill: Bill, coverage: Sequence[Coverage]) -> tuple[Conclusion, ...]:
        """Answer whether days were unusual, why, and whether commitments are used."""
        bill_gaps = reasons_of(coverage, *BILL_TABLES)
        return (
            is_bill_unusual(self.anomalies, self.aws, bill_gaps),
            are_causes_known(self.explanations, self.anomalies, bill_gaps),
            are_commitments_used(
                self.commitments,
                commitment_gaps(coverage),
                knows_bill=bill.first_day is not None,
            ),
        )


def report_anomalies(
    parameters: CostParameters,
    periods: Periods,
    tables: CostTables,
    changes_before: pd.DataFrame,
    changes: Sequence[Change],
    doubted: Collection[date],
    coverage: Sequence[Coverage],
) -> AnomalyReport:
    """Return what was unusual in the daily bill, with causes, AWS's view, and commitments.

    Args:
        parameters: the notebook's.
        periods: the report's days.
        tables: everything that was read.
        changes_before: columns of `opslib.tables.cost_changes.COST_CHANGES`, of the hours before
            each.
        changes: of cost between periods, those that matter.
        doubted: days whose charges a control of the bill puts in doubt.
        coverage: of all reads.
    """
    anomalies = find_cost_anomalies(parameters, periods, tables.bill, doubted)
    found = anomalies.found
    return AnomalyReport(
        anomalies=anomalies,
        explanations=explain_anomalies(found, changes_before, tables.bill, parameters, coverage),
        told=share_out(changes, found, periods.current),
        aws=compare_with_aws(
            found, anomalies.earlier, tables.aws_anomalies, periods.current, coverage
        ),
        commitments=judge_commitments(
            tables.commitments, periods, parameters.min_change, parameters.confidence
        ),
    )
