"""What the DR restore validation shows."""

from opslib.present.dr.audit import sign_off_of, tabulate_controls_mapping
from opslib.present.dr.restore_tables import tabulate_copy, tabulate_restore, tabulate_stages
from opslib.present.dr.summary import show_summary
from opslib.present.dr.tables import tabulate_checks, tabulate_controls, tabulate_posture

__all__ = [
    "show_summary",
    "sign_off_of",
    "tabulate_checks",
    "tabulate_controls",
    "tabulate_controls_mapping",
    "tabulate_copy",
    "tabulate_posture",
    "tabulate_restore",
    "tabulate_stages",
]
