"""What the cost report shows."""

from opslib.present.cost.anomalies import plot_anomalies, tabulate_anomalies
from opslib.present.cost.controls import tabulate_controls
from opslib.present.cost.daily_figure import plot_costs
from opslib.present.cost.explore import explore_costs
from opslib.present.cost.export_files import export_files, link_exports
from opslib.present.cost.figures import plot_effects, plot_month, plot_tag_trend
from opslib.present.cost.summary import show_summary
from opslib.present.cost.tables import (
    tabulate_backtest,
    tabulate_budgets,
    tabulate_effects,
    tabulate_groups,
    tabulate_month,
    tabulate_providers,
    tabulate_totals,
)
from opslib.present.cost.tag_tables import (
    tabulate_allocation,
    tabulate_offenders,
    tabulate_tag_values,
)
from opslib.present.cost.unit_costs import plot_unit_costs, tabulate_unit_costs

__all__ = [
    "explore_costs",
    "export_files",
    "link_exports",
    "plot_anomalies",
    "plot_costs",
    "plot_effects",
    "plot_month",
    "plot_tag_trend",
    "plot_unit_costs",
    "show_summary",
    "tabulate_allocation",
    "tabulate_anomalies",
    "tabulate_backtest",
    "tabulate_budgets",
    "tabulate_controls",
    "tabulate_effects",
    "tabulate_groups",
    "tabulate_month",
    "tabulate_offenders",
    "tabulate_providers",
    "tabulate_tag_values",
    "tabulate_totals",
    "tabulate_unit_costs",
]
