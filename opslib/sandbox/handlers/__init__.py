"""What the overlay answers; importing this registers every handler."""

from opslib.sandbox.handlers import budgets, cost_explorer, cost_forecast, iam

__all__ = ["budgets", "cost_explorer", "cost_forecast", "iam"]
