"""The incident timeline, as its notebook shows it."""

from opslib.present.incident.explore import explore_timeline
from opslib.present.incident.figure import plot_timeline
from opslib.present.incident.summary import show_summary
from opslib.present.incident.tables import (
    tabulate_events,
    tabulate_signals,
    tabulate_suspects,
    tabulate_times,
)

__all__ = [
    "explore_timeline",
    "plot_timeline",
    "show_summary",
    "tabulate_events",
    "tabulate_signals",
    "tabulate_suspects",
    "tabulate_times",
]
