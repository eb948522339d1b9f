"""Exploring an incident in JupyterLab: filter, zoom with the metrics, star an event, add a note."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
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
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import count

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["TimelineExplorer", "explore_timeline"]

LISTED = 200
MOST_STEPS = 150
STEPS = [timedelta(minutes=one) for one in (1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1440, 10_080)]


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

        from opslib.present import controls  # noqa: PLC0415

        self._analysis, self._coverage = analysis, coverage
        self.marks = EventMarks(annotations, analysis.file, self._show_marks)
        self._events = marked_events(analysis.timeline, self.marks.file)
        sources = {name for told in self._events["Sources"] for name in json.loads(told)}
        kinds = [kind.value for kind in EventKind if kind.value in set(self._events["Kind"])]
        self.source = _choices("Source", sorted(sources))
        self.kind = _choices("Kind", kinds)
        self.service = _choices("Service", sorted(set(self._events["Service"]) - {""}))
        self.actor = _typed("Actor", "part of a name, Enter", "Only what this person or role did")
        self.words = _typed("Text", "words, Enter", "Only events that say all of these words")
        self.marked = controls.labelled(
            ipywidgets.Checkbox(indent=False), "Only starred or noted", "Only what people marked"
        )
        self.time = controls.labelled(
            ipywidgets.SelectionRangeSlider(options=_moments(analysis.window)),
            "Time (UTC)",
            "The part of the window to show, as by dragging over the figure",
        )
        self.time.index = (0, len(self.time.options) - 1)
        self.list = ipywidgets.HTML()
        self._span: TimeWindow | None = None
        self._is_following = False
        filters = [self.source, self.kind, self.service, self.actor, self.words, self.marked]
        self.panel = controls.ControlPanel(filters, self._tell, self._draw)
        self.panel.add(self.time, self._zoom)
        self.panel.figure.layout.on_change(
            lambda *_: self.panel.do(self._follow_zoom), "xaxis.range"
        )
        self.panel.do(self._tell)
        listed = ipywidgets.Box([self.list], layout={"max_height": "420px", "overflow": "auto"})
        self.view = self.panel.frame(
            controls.row(*filters, self.time, self.panel.reset),
            self.panel.status,
            self.panel.figure_place,
            self.marks.view,
            listed,
        )

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
        self.panel.do(self.panel.show)

    def _draw(self) -> go.Figure:
        events = filter_events(self._events, self._wanted())
        drawn = plot_timeline(self._analysis, self._coverage, events)
        if self._span is not None:
            ends = (self._span.start, self._span.end)
            drawn.update_xaxes(range=[one.replace(tzinfo=None) for one in ends])
        return drawn

    def _tell(self) -> str:
        for trace in self.panel.figure.data:
            if trace.customdata is not None:
                trace.on_click(self._pick)
        return self._show_list()

    def _zoom(self) -> str | None:
        """Show the part of the window that the slider says."""
        if self._is_following:
            return None
        first, last = self.time.value
        self._span = TimeWindow(start=first, end=last) if first < last else None
        return self.panel.show()

    def _follow_zoom(self) -> str | None:
        """Let the slider, whose steps are coarser, enclose what was zoomed to by dragging."""
        if self.panel.is_drawing:
            return None
        self._span, moments = self._zoomed(), [moment for _, moment in self.time.options]
        if self._span is not None:
            first = max(0, bisect_right(moments, self._span.start) - 1)
            last = min(len(moments) - 1, bisect_left(moments, self._span.end))
            self._is_following = True
            self.time.index = (first, last)
            self._is_following = False
        return self._show_list()

    def _show_list(self) -> str:
        events = filter_events(self._events, self._wanted(self._span))
        first = events.head(LISTED)
        note = f"{count(len(events), 'event')} of {len(self._events):,} in view"
        more = f", the first {LISTED} of them listed." if len(events) > LISTED else "."
        listed = list_events(first, caption="Events in view", note=note + more)
        lost = list_unknown_marks(self._events, self.marks.file)
        self.list.value = (stacked(listed, lost) if lost else listed).markup
        self.marks.offer(first)
        return note + more

    def _zoomed(self) -> TimeWindow | None:
        """Return the part of the window that the figure shows; None where it shows nothing."""
        ends = self.panel.figure.layout.xaxis.range
        if ends is None:
            return None
        start, end = (pd.Timestamp(one).tz_localize(UTC).to_pydatetime() for one in ends)
        return TimeWindow(start=start, end=end) if start < end else None

    def _pick(self, trace: Any, points: Any, _state: Any) -> None:
        if points.point_inds:
            event_id = str(trace.customdata[points.point_inds[0]])
            chosen = self._events[self._events["EventId"] == event_id]
            self.panel.do(lambda: self.marks.pick(chosen.to_dict("records")[0]))


def _moments(window: TimeWindow) -> list[tuple[str, datetime]]:
    """Return the moments that the slider stops at, both ends of the window among them."""
    step = next(one for one in STEPS if (window.end - window.start) / one <= MOST_STEPS)
    moments = [window.start]
    while moments[-1] + step < window.end:
        moments.append(moments[-1] + step)
    return [(f"{moment:%d %b %H:%M}", moment) for moment in (*moments, window.end)]


def _typed(label: str, placeholder: str, tooltip: str) -> ipywidgets.Text:
    """Return a line of text that counts once Enter is pressed."""
    import ipywidgets  # noqa: PLC0415

    from opslib.present.controls import labelled  # noqa: PLC0415

    return labelled(ipywidgets.Text(placeholder=placeholder), label, tooltip)


def _choices(label: str, names: Sequence[str]) -> ipywidgets.SelectMultiple:
    """Return a list of which several can be chosen; none is all."""
    import ipywidgets  # noqa: PLC0415

    from opslib.present.controls import labelled  # noqa: PLC0415

    chosen = ipywidgets.SelectMultiple(options=list(names), rows=6)
    return labelled(chosen, label, f"{label}s to show, several with Ctrl or Shift; none: all")
