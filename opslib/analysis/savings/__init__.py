"""What to stop paying for, what to commit to, and what became of earlier advice."""

from opslib.analysis.savings.report import SavingsReport, analyse_savings
from opslib.analysis.savings.tables import report_tables

__all__ = ["SavingsReport", "analyse_savings", "report_tables"]
