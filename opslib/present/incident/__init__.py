"""The incident timeline, as its notebook shows it."""

from opslib.present.incident.explore import explore_timeline
from opslib.present.incident.export_files import export_files, link_exports
from opslib.present.incident.figure import plot_timeline
from opslib.present.incident.impact import tabulate_impact
from opslib.present.incident.log_errors import plot_log_errors, tabulate_log_errors
from opslib.present.incident.response import tabulate_response
from opslib.present.incident.summary import show_summary
from opslib.present.incident.tables import tabulate_events, tabulate_suspects

__all__ = [
    "explore_timeline",
    "export_files",
    "link_exports",
    "plot_log_errors",
    "plot_timeline",
    "show_summary",
    "tabulate_events",
    "tabulate_impact",
    "tabulate_log_errors",
    "tabulate_response",
    "tabulate_suspects",
]
