"""What was unusual in the daily bill, and what could explain it."""

from opslib.analysis.cost.anomalies.detection import find_cost_anomalies
from opslib.analysis.cost.anomalies.windows import plan_cause_windows

__all__ = ["find_cost_anomalies", "plan_cause_windows"]
