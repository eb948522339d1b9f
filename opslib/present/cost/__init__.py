"""What the cost report shows."""

from opslib.present.cost.anomalies import plot_anomalies, tabulate_anomalies
from opslib.present.cost.controls import tabulate_controls
from opslib.present.cost.daily_figure import plot_costs
from opslib.present.cost.explore import explore_costs
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

__all__ = [
    "explore_costs",
    "plot_anomalies",
    "plot_costs",
    "plot_effects",
    "plot_month",
    "plot_tag_trend",
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
]
