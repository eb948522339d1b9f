"""What is committed already: whether it is used, when it ends, and what AWS advises beside."""

from opslib.analysis.savings.held.findings import unfilled_plans
from opslib.analysis.savings.held.report import HeldReport, analyse_held

__all__ = ["HeldReport", "analyse_held", "unfilled_plans"]
