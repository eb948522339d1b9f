"""What the DR restore validation shows."""

from opslib.present.dr.restore_tables import (
    tabulate_configuration,
    tabulate_plan,
    tabulate_points,
    tabulate_stages,
)
from opslib.present.dr.summary import show_summary
from opslib.present.dr.tables import tabulate_checks, tabulate_controls, tabulate_posture

__all__ = [
    "show_summary",
    "tabulate_checks",
    "tabulate_configuration",
    "tabulate_controls",
    "tabulate_plan",
    "tabulate_points",
    "tabulate_posture",
    "tabulate_stages",
]
