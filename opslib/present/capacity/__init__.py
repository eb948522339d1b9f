"""Capacity planning, as its notebook shows it."""

from opslib.present.capacity.explore import explore_capacity
from opslib.present.capacity.figures import plot_forecasts
from opslib.present.capacity.summary import show_summary
from opslib.present.capacity.walls import tabulate_constraints, tabulate_unknown, tabulate_walls

__all__ = [
    "explore_capacity",
    "plot_forecasts",
    "show_summary",
    "tabulate_constraints",
    "tabulate_unknown",
    "tabulate_walls",
]
