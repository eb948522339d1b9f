"""What the bill was controlled by, and what failed."""

from __future__ import annotations

from opslib.analysis.cost.report import CostReport
from opslib.analysis.cost.tie_out import CENT
from opslib.present.html import Column, Html, stacked, table
from opslib.wording import count, days, money, printable, signed_money

__all__ = ["tabulate_controls"]

NOT_CONTROLLED = "not controlled"


def tabulate_controls(report: CostReport) -> Html:
    """Return each control with what it came to, and the tie-out by service where one differs."""
    doubted = sorted({day for control in report.controls for day in control.doubtful})
    note = f"In doubt, and compared with nothing: {days(doubted)}." if doubted else ""
    controls = table(
        (Column("Controlled"), Column("Verdict"), Column("What it came to", "sentence")),
        [
            (
                control.name,
                control.verdict.value if control.verdict else NOT_CONTROLLED,
                control.said,
            )
            for control in report.controls
        ],
        caption="What the bill was controlled by",
        note=note,
    )
    services = _services(report)
    return stacked(controls, services) if services else controls


def _services(report: CostReport) -> Html | None:
    """Return the services that differ from Cost Explorer's; None where none does."""
    tied = report.tied
    differing = [tie for tie in tied.services if abs(tie.difference) > CENT] if tied else []
    if tied is None or not differing:
        return None
    top = report.parameters.top
    rows = [
        (
            printable(tie.service),
            money(tie.export, report.currency),
            money(tie.explorer, report.currency),
            signed_money(tie.difference, report.currency),
        )
        for tie in differing[:top]
    ]
    same = len(tied.services) - len(differing)
    more = len(differing) - len(rows)
    return table(
        (
            Column("Service"),
            Column("Export", "figure"),
            Column("Cost Explorer", "figure"),
            Column("Difference", "figure"),
        ),
        rows,
        caption=f"Services that differ, {days([day.day for day in tied.days])}",
        note=f"{count(same, 'service')} tie to the cent"
        f"{f', {more} more differ' if more else ''}. On days that tie in all, a service that "
        "differs stands under another name in the two.",
    )
