"""What scaling did, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.analysis.capacity.scaling.activities import ScalingHistory
from opslib.present.html import Column, Html, table
from opslib.wording import count, printable

__all__ = ["tabulate_activities"]


def tabulate_activities(histories: Sequence[ScalingHistory], top: int) -> Html:
    """Return how often each resource was scaled, and how often that failed."""
    rows = [
        (
            printable(one.name),
            one.service,
            ", ".join(filter(None, [printable(one.account), one.region])),
            str(one.activities),
            str(one.failed),
            f"{one.last_at:%d %b %H:%M}",
            printable(one.last_failure),
        )
        for one in histories[:top]
    ]
    columns = [
        Column("Resource"),
        Column("Service"),
        Column("Where"),
        Column("Activities", "figure"),
        Column("Failed", "figure"),
        Column("Last (UTC)", "figure"),
        Column("Last failure", "sentence"),
    ]
    failed = sum(1 for one in histories if one.failed)
    note = (
        f"{len(rows)} of {count(len(histories), 'resource')} that scaled; scaling of {failed} "
        "failed. AWS keeps activities for six weeks."
    )
    return table(columns, rows, caption="What scaling did in six weeks", note=note)
