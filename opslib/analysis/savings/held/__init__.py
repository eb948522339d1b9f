"""What is committed already: whether it is used, when it ends, and what AWS advises beside."""

from opslib.analysis.savings.held.filling import ALL_FILLED, Filling, judge_filling
from opslib.analysis.savings.held.report import HeldReport, analyse_held

__all__ = ["ALL_FILLED", "Filling", "HeldReport", "analyse_held", "judge_filling"]
