"""Capacity planning, as its notebook shows it."""

from opslib.present.capacity.activities import tabulate_activities
from opslib.present.capacity.alerts import tabulate_alerts
from opslib.present.capacity.demand import tabulate_demand
from opslib.present.capacity.explore import explore_capacity
from opslib.present.capacity.export_files import export_files, link_exports
from opslib.present.capacity.fans import plot_forecasts
from opslib.present.capacity.headroom import tabulate_headroom
from opslib.present.capacity.scaling import plot_worst_scaling, tabulate_scaling
from opslib.present.capacity.sizes import tabulate_sizes
from opslib.present.capacity.summary import show_summary
from opslib.present.capacity.walls import tabulate_constraints, tabulate_unknown, tabulate_walls
from opslib.present.capacity.week_ahead import plot_weeks, tabulate_weeks

__all__ = [
    "explore_capacity",
    "export_files",
    "link_exports",
    "plot_forecasts",
    "plot_weeks",
    "plot_worst_scaling",
    "show_summary",
    "tabulate_activities",
    "tabulate_alerts",
    "tabulate_constraints",
    "tabulate_demand",
    "tabulate_headroom",
    "tabulate_scaling",
    "tabulate_sizes",
    "tabulate_unknown",
    "tabulate_walls",
    "tabulate_weeks",
]
