"""What the savings report shows."""

from opslib.present.savings.commitments import explore_commitments, tabulate_tried
from opslib.present.savings.explore import explore_recommendations
from opslib.present.savings.follow_through import tabulate_follow_through
from opslib.present.savings.held import show_held
from opslib.present.savings.sizes import tabulate_sizes
from opslib.present.savings.summary import show_summary
from opslib.present.savings.tables import tabulate_recommendations, tabulate_rejections

__all__ = [
    "explore_commitments",
    "explore_recommendations",
    "show_held",
    "show_summary",
    "tabulate_follow_through",
    "tabulate_recommendations",
    "tabulate_rejections",
    "tabulate_sizes",
    "tabulate_tried",
]
