"""Exploring an incident in JupyterLab: filter, zoom with the metrics, star an event, add a note."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from opslib.analysis.incident.event_filter import EventFilter, filter_events, marked_events
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.coverage import Coverage
from opslib.present.html import stacked
from opslib.present.incident.event_list import list_events, list_unknown_marks
from opslib.present.incident.explore_marks import EventMarks, KeptAnnotations
from opslib.present.incident.figure import plot_timeline
from opslib.present.theme import TOTAL
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import count

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["TimelineExplorer", "explore_timeline"]

LISTED = 200
CHOICE, NARROW = {"width": "190px"}, {"description_width": "60px"}


def explore_timeline(
    analysis: IncidentAnalysis,
    coverage: Sequence[Coverage],
    annotations: KeptAnnotations,
    *,
    headless: bool,
) -> go.Figure | ipywidgets.Widget:
    """Return the interactive timeline, or its first picture when nobody is there to move it.

    Args:
        analysis: what was found.
        coverage: of what was read.
        annotations: where stars and notes are kept.
        headless: nobody is there.
    """
    if headless:
        return plot_timeline(analysis, coverage)
    return TimelineExplorer(analysis, coverage, annotations).view


class TimelineExplorer:
    """The filters, the figure and the list that follow them, and the marks of one event.

    Args:
        analysis: what was found.
        coverage: of what was read.
        annotations: where stars and notes are kept.
    """

    def __init__(
        self,
        analysis: IncidentAnalysis,
        coverage: Sequence[Coverage],
        annotations: KeptAnnotations,
    ) -> None:
        import ipywidgets  # noqa: PLC0415  0.2 s that a headless run does not need

        self._analysis, self._coverage = analysis, coverage
        self.marks = EventMarks(annotations, analysis.file, self._show_marks)
        self._events = marked_events(analysis.timeline, self.marks.file)
        sources = {name for told in self._events["Sources"] for name in json.loads(told)}
        kinds = [kind.value for kind in EventKind if kind.value in set(self._events["Kind"])]
        self.source = _choices("Source", sorted(sources))
        self.kind = _choices("Kind", kinds)
        self.service = _choices("Service", sorted(set(self._events["Service"]) - {""}))
        self.actor = _typed("Actor", "part of a name, Enter")
        self.words = _typed("Text", "words, Enter")
        self.marked = ipywidgets.Checkbox(description="only starred or noted", indent=False)
        self.reset = ipywidgets.Button(description="Reset")
        self.figure = go.FigureWidget(plot_timeline(analysis, coverage, self._events))
        self.figure.update_layout(autosize=True, font={"color": TOTAL})
        self.list = ipywidgets.HTML()
        self._is_resetting = False
        self._listen()
        self._show()
        beside = ipywidgets.VBox([self.actor, self.words, self.marked, self.reset])
        filters = ipywidgets.HBox(
            [self.source, self.kind, self.service, beside], layout={"flex_flow": "row wrap"}
        )
        listed = ipywidgets.Box([self.list], layout={"max_height": "420px", "overflow": "auto"})
        self.view = ipywidgets.VBox([filters, self.figure, self.marks.view, listed])

    def _listen(self) -> None:
        for control in self._filters():
            control.observe(lambda _change: self._show(), names="value")
        self.reset.on_click(lambda _button: self._start_again())
        self.figure.layout.on_change(lambda _layout, _range: self._show_list(), "xaxis.range")

    def _filters(self) -> tuple[Any, ...]:
        return (self.source, self.kind, self.service, self.actor, self.words, self.marked)

    def _start_again(self) -> None:
        self._is_resetting = True
        for choice in (self.source, self.kind, self.service):
            choice.value = ()
        self.actor.value = self.words.value = ""
        self.marked.value = False
        window = self._analysis.window
        self.figure.update_xaxes(
            range=[at.replace(tzinfo=None) for at in (window.start, window.end)]
        )
        self._is_resetting = False
        self._show()

    def _wanted(self, span: TimeWindow | None = None) -> EventFilter:
        return EventFilter(
            sources=frozenset(self.source.value),
            kinds=frozenset(self.kind.value),
            services=frozenset(self.service.value),
            actor=self.actor.value.strip(),
            words=self.words.value,
            marked=self.marked.value,
            span=span,
        )

    def _show_marks(self) -> None:
        self._events = marked_events(self._analysis.timeline, self.marks.file)
        self._show()

    def _show(self) -> None:
        if self._is_resetting:
            return
        events = filter_events(self._events, self._wanted())
        drawn = plot_timeline(self._analysis, self._coverage, events)
        with self.figure.batch_update():
            self.figure.data = ()
            self.figure.add_traces(drawn.data)
            self.figure.layout.title = drawn.layout.title
        for trace in self.figure.data:
            if trace.customdata is not None:
                trace.on_click(self._pick)
        self._show_list()

    def _show_list(self) -> None:
        if self._is_resetting:
            return
        events = filter_events(self._events, self._wanted(self._zoomed()))
        first = events.head(LISTED)
        note = f"{count(len(events), 'event')} of {len(self._events):,} in view"
        more = f", the first {LISTED} of them listed." if len(events) > LISTED else "."
        listed = list_events(first, caption="Events in view", note=note + more)
        lost = list_unknown_marks(self._events, self.marks.file)
        self.list.value = (stacked(listed, lost) if lost else listed).markup
        self.marks.offer(first)

    def _zoomed(self) -> TimeWindow | None:
        """Return the part of the window that the figure shows; None where it shows nothing."""
        ends = self.figure.layout.xaxis.range
        if ends is None:
            return None
        start, end = (pd.Timestamp(one).tz_localize(UTC).to_pydatetime() for one in ends)
        return TimeWindow(start=start, end=end) if start < end else None

    def _pick(self, trace: Any, points: Any, _state: Any) -> None:
        if points.point_inds:
            event_id = str(trace.customdata[points.point_inds[0]])
            chosen = self._events[self._events["EventId"] == event_id]
            self.marks.pick(chosen.to_dict("records")[0])


def _typed(description: str, placeholder: str) -> ipywidgets.Text:
    """Return a line of text that counts once Enter is pressed."""
    import ipywidgets  # noqa: PLC0415

    return ipywidgets.Text(
        placeholder=placeholder, description=description, continuous_update=False, style=NARROW
    )


def _choices(description: str, names: Sequence[str]) -> ipywidgets.SelectMultiple:
    """Return a list of which several can be chosen; none is all."""
    import ipywidgets  # noqa: PLC0415

    return ipywidgets.SelectMultiple(
        options=list(names), description=description, rows=6, layout=CHOICE, style=NARROW
    )
