"""What was spent, why it changed, and what to do about it."""

from opslib.analysis.cost.periods import plan_periods
from opslib.analysis.cost.report import CostReport, analyse_cost
from opslib.analysis.cost.tables import report_tables

__all__ = ["CostReport", "analyse_cost", "plan_periods", "report_tables"]
