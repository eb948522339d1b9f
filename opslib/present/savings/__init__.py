"""What the savings report shows."""

from opslib.present.savings.commitments import explore_commitments, tabulate_tried
from opslib.present.savings.held import show_commitments
from opslib.present.savings.summary import show_summary
from opslib.present.savings.tables import tabulate_recommendations, tabulate_rejections

__all__ = [
    "explore_commitments",
    "show_commitments",
    "show_summary",
    "tabulate_recommendations",
    "tabulate_rejections",
    "tabulate_tried",
]
