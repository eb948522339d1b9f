"""A figure of plotly for JupyterLab that also draws where the page is busy."""

from __future__ import annotations

from pathlib import Path

import plotly
import plotly.graph_objects as go
import traitlets

__all__ = ["AwaitedFigure"]

PLOTLY = Path(plotly.__file__).parent / "package_data" / "widgetbundle.js"


class AwaitedFigure(go.FigureWidget):  # type: ignore[misc]  # plotly is not typed
    """A `FigureWidget` that the page hears of once it is ready for it.

    anywidget gives a widget two seconds to begin and then hands it no more changes, so that a
    notebook which runs from top to bottom, or plotly's own code of 5 MB, would leave it blank.
    """

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    _plotly = traitlets.Unicode(PLOTLY.read_text(encoding="utf-8")).tag(sync=True)
    _is_awaited = False

    def __init__(self, drawn: go.Figure) -> None:
        """Have a figure, as wide as its place, that is not shown yet."""
        drawn.update_layout(autosize=True)
        super().__init__(drawn)

    def open(self) -> None:
        """Send nothing before the page is ready."""
        if self._is_awaited:
            super().open()

    def begin(self) -> None:
        """Send the figure as it is now to a page that is ready for it; once."""
        if self._is_awaited:
            return
        now = self.to_plotly_json()
        self._widget_data, self._widget_layout = now["data"], now["layout"]
        self._is_awaited = True
        self.open()
