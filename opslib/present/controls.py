"""What the controls of all notebooks in JupyterLab have in common.

Labels with units and a tooltip, one Reset that brings the beginning back, every action by keyboard,
one line that says what is shown, that something runs, or why it failed, and JupyterLab's colours.

A run without anybody there shows figures only: import this where controls are made, since
ipywidgets costs it 0.2 s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import plotly.graph_objects as go

from opslib.present.figure_widget import AwaitedFigure
from opslib.present.status_line import Action, StatusLine

__all__ = ["ControlPanel", "PanelPage", "button", "labelled", "row"]

HERE = Path(__file__).parent
LABEL = {"description_width": "11em"}
WAITING = '<p class="ops-note">The figure appears once the notebook has run.</p>'


class PanelPage(anywidget.AnyWidget):
    """What the panel needs in the page: colours, the keyboard, and word that it is ready."""

    _esm = (HERE / "controls.js").read_text(encoding="utf-8")
    _css = (HERE / "controls.css").read_text(encoding="utf-8")


class ControlPanel:
    """Controls, their Reset, the figure that follows them, and their status line.

    Args:
        controls: in the order of their tab stops.
        tell: fills in what else follows them; returns what to say.
        draw: returns the figure for what they say; None where there is no figure.
    """

    def __init__(
        self,
        controls: Sequence[ipywidgets.Widget],
        tell: Action,
        draw: Callable[[], go.Figure] | None = None,
    ) -> None:
        self._tell, self._draw = tell, draw
        self._defaults: list[tuple[ipywidgets.Widget, Any]] = []
        self._before: list[Action] = []
        self._is_resetting = False
        self.is_drawing = False
        self.status = StatusLine()
        self.figure: Any = AwaitedFigure(draw()) if draw else None
        self.figure_place = ipywidgets.VBox([ipywidgets.HTML(WAITING)] if draw else [])
        self.reset = button("Reset", "Put every control back to where it began, and show that")
        self.reset.on_click(lambda _button: self.status.watch(self._start_again))
        for control in controls:
            self._listen(control, self.show)

    @property
    def controls(self) -> tuple[ipywidgets.Widget, ...]:
        """Return the controls that Reset puts back."""
        return tuple(control for control, _ in self._defaults)

    def add(self, control: ipywidgets.Widget, act: Action) -> None:
        """Have another control, which does ``act`` when it is moved, and when all are reset."""
        self._listen(control, act)
        if act not in self._before:
            self._before.append(act)

    def frame(self, *parts: ipywidgets.Widget) -> ipywidgets.VBox:
        """Return parts one below the other, in which keys are the controls' own."""
        page = PanelPage()
        page.on_msg(lambda *_message: self._show_figure())
        framed = ipywidgets.VBox([*parts, page])
        framed.add_class("ops-controls")
        return framed

    def _show_figure(self) -> None:
        """Put the figure into its place: the page is ready for it."""
        if self.figure is not None:
            self.figure.begin()
            self.figure_place.children = (self.figure,)

    def show(self) -> str | None:
        """Draw and tell what the controls say."""
        self._redraw()
        return self._tell()

    def _redraw(self) -> None:
        """Give the figure the traces and the layout that it has now."""
        if self._draw is None:
            return
        drawn = self._draw()
        layout = drawn.layout.to_plotly_json()
        self.is_drawing = True
        with self.figure.batch_update():
            self.figure.data = ()
            self.figure.add_traces(drawn.data)
            self.figure.layout.title.text = drawn.layout.title.text
            for name in sorted({"annotations", "shapes", *layout} - {"template", "title"}):
                self.figure.layout[name] = layout.get(name)
        self.is_drawing = False

    def _listen(self, control: ipywidgets.Widget, act: Action) -> None:
        self._defaults.append((control, control.value))
        control.observe(lambda _change: self.do(act), names="value")

    def do(self, act: Action) -> None:
        """Do something under the status line; nothing while controls are being put back."""
        if not self._is_resetting:
            self.status.watch(act)

    def _start_again(self) -> str | None:
        self._is_resetting = True
        try:
            for control, value in self._defaults:
                control.value = value
            for act in self._before:
                act()
        finally:
            self._is_resetting = False
        return self.show()


def labelled(control: ipywidgets.Widget, label: str, tooltip: str) -> ipywidgets.Widget:
    """Return a control with its label, and what it does as a tooltip.

    It is heard of when it is let go, not at each step of a drag: redrawing would queue up.

    Args:
        control: without a label.
        label: with the unit, where there is one.
        tooltip: a sentence.
    """
    control.description, control.tooltip = label, tooltip
    if not isinstance(control, ipywidgets.Checkbox):
        control.style = LABEL
    if control.has_trait("continuous_update"):
        control.continuous_update = False
    return control


def button(label: str, tooltip: str) -> ipywidgets.Button:
    """Return a button."""
    return ipywidgets.Button(description=label, tooltip=tooltip)


def row(*controls: ipywidgets.Widget) -> ipywidgets.Box:
    """Return controls beside each other, below where that is too narrow."""
    beside = ipywidgets.Box(list(controls))
    beside.add_class("ops-row")
    return beside
