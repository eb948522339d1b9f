"""Capacity planning, as its notebook shows it."""

from opslib.present.capacity.alerts import tabulate_alerts
from opslib.present.capacity.explore import explore_capacity
from opslib.present.capacity.fans import plot_forecasts
from opslib.present.capacity.headroom import tabulate_headroom
from opslib.present.capacity.sizes import tabulate_sizes
from opslib.present.capacity.summary import show_summary
from opslib.present.capacity.walls import tabulate_constraints, tabulate_unknown, tabulate_walls
from opslib.present.capacity.week_ahead import plot_weeks, tabulate_weeks

__all__ = [
    "explore_capacity",
    "plot_forecasts",
    "plot_weeks",
    "show_summary",
    "tabulate_alerts",
    "tabulate_constraints",
    "tabulate_headroom",
    "tabulate_sizes",
    "tabulate_unknown",
    "tabulate_walls",
    "tabulate_weeks",
]
