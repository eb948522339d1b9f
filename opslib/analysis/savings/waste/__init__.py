"""What is paid for and serves nobody: one module a group of kinds, each a check of its own."""

from opslib.analysis.savings.waste.checks import find_waste

__all__ = ["find_waste"]
