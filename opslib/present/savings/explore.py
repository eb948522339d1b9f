"""Exploring recommendations in JupyterLab: by owner, and from a saving on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from opslib.analysis.savings.counting import Counted
from opslib.analysis.savings.report import SavingsReport
from opslib.present.html import Html, stacked
from opslib.present.savings.owners import owner_of, tabulate_owners
from opslib.present.savings.tables import tabulate_recommendations
from opslib.wording import count, printable

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["RecommendationExplorer", "explore_recommendations"]

STEPS = 40


def explore_recommendations(report: SavingsReport, *, headless: bool) -> Html | ipywidgets.Widget:
    """Return the recommendations with filters, or as they are when nobody is there to move them."""
    if headless or not report.counted:
        return _tables(report, report.counted)
    return RecommendationExplorer(report).view


def _tables(report: SavingsReport, shown: tuple[Counted, ...]) -> Html:
    recommended = tabulate_recommendations(report, shown)
    if not report.advice.owners.rules:
        return recommended
    return stacked(recommended, tabulate_owners(report, shown))


class RecommendationExplorer:
    """The filters, and the tables that follow them.

    Args:
        report: the analysis; one recommendation at the least.
    """

    def __init__(self, report: SavingsReport) -> None:
        import ipywidgets  # noqa: PLC0415  0.2 s that a headless run does not need

        from opslib.present import controls  # noqa: PLC0415

        self._report = report
        owners = sorted({owner_of(report, one) for one in report.counted})
        choices = [("everybody", ()), *((printable(owner), (owner,)) for owner in owners)]
        self.owner = controls.labelled(
            ipywidgets.Dropdown(options=choices), "Owner", "Who answers for what would be changed"
        )
        most = float(max(one.saving for one in report.counted))
        self.threshold = controls.labelled(
            ipywidgets.FloatSlider(min=0, max=most, step=most / STEPS or 1, readout_format=",.0f"),
            f"Saves from, {report.currency} a month",
            "Leave out what saves less",
        )
        self.tables = ipywidgets.HTML()
        self.panel = controls.ControlPanel([self.owner, self.threshold], self._tell)
        self.panel.do(self._tell)
        self.view = self.panel.frame(
            controls.row(self.owner, self.threshold, self.panel.reset),
            self.panel.status,
            self.tables,
        )

    @property
    def shown(self) -> tuple[Counted, ...]:
        """Return the recommendations that the filters let through."""
        least, owner = Decimal(str(self.threshold.value)), self.owner.value
        return tuple(
            one
            for one in self._report.counted
            if one.saving >= least and owner in {(), (owner_of(self._report, one),)}
        )

    def _tell(self) -> str:
        shown = self.shown
        self.tables.value = _tables(self._report, shown).markup
        return f"{len(shown):,} of {count(len(self._report.counted), 'recommendation')} in view."
