"""Starring one event and noting something about it, in JupyterLab.

What somebody typed is never thrown away: it stays until it is saved, while another event is looked
at and where saving is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from opslib.errors import OpsError
from opslib.parameters.incident_file import IncidentFile
from opslib.wording import printable

__all__ = ["EventMarks", "KeptAnnotations"]

NONE = ("choose one, or click it in the figure", "")


class KeptAnnotations(Protocol):
    """Where stars and notes are kept, as `opslib.people.incident_annotations` does.

    Attributes:
        path: of the incident's file.
        name: by which parameters name the incident.
    """

    path: Path
    name: str

    def reload(self) -> IncidentFile | None:
        """Return what is kept now; None where there is no file."""

    def save(self, event_id: str, *, is_starred: bool, note: str) -> IncidentFile:
        """Keep the marks of an event; an `OpsError` says why it was refused."""


class EventMarks:
    """The controls that star and note one event.

    Args:
        kept: where marks are kept.
        file: the incident's file as the run read it; None where none was named.
        changed: called when marks have changed.
    """

    def __init__(
        self, kept: KeptAnnotations, file: IncidentFile | None, changed: Callable[[], None]
    ) -> None:
        import ipywidgets  # noqa: PLC0415

        from opslib.present.controls import (  # noqa: PLC0415
            button,
            labelled,
            row,
        )
        from opslib.present.status_line import StatusLine  # noqa: PLC0415

        self._kept, self._changed, self._named = kept, changed, file is not None
        self.file = file
        self._drafts: dict[str, str] = {}
        self._shown = ""
        self.event = labelled(
            ipywidgets.Dropdown(options=[NONE]), "Event", "What to star or note something about"
        )
        self.note = labelled(
            ipywidgets.Textarea(rows=2), "Note", "Kept with the event once it is saved"
        )
        self.star = button("☆ Star", "Mark the event as one that matters, or take the mark off")
        self.save = button("Save note", "Keep the note in the incident's file")
        self.reload = button("Reload file", "Read the incident's file again")
        self.status = StatusLine()
        self._ask(self._kept.reload, "")
        self.event.observe(lambda _change: self.status.watch(self._show), names="value")
        for pressed, act in (
            (self.star, self._save_star),
            (self.save, self._save_note),
            (self.reload, self._reload),
        ):
            pressed.on_click(lambda _button, act=act: self.status.watch(act))
        buttons = ipywidgets.HBox(
            [self.star, self.save, self.reload], layout={"flex_flow": "row wrap"}
        )
        self.view = ipywidgets.VBox([row(self.event, self.note), buttons, self.status])

    def offer(self, events: pd.DataFrame) -> None:
        """Offer events to choose from; the one that is chosen stays so.

        Args:
            events: columns of `opslib.tables.timeline.TIMELINE`.
        """
        chosen = self.event.value
        offered = [_option(event) for event in events.to_dict("records")]
        stays = [one for one in self.event.options if one[1] == chosen and one != NONE]
        kept = [one for one in stays if chosen not in {event_id for _, event_id in offered}]
        self.event.options = [NONE, *kept, *offered]
        self.event.value = chosen
        self._show()

    def pick(self, event: dict[Any, Any]) -> None:
        """Choose an event, though it may not be offered yet."""
        if event["EventId"] not in {event_id for _, event_id in self.event.options}:
            self.event.options = [*self.event.options, _option(event)]
        self.event.value = event["EventId"]

    def _marks(self, event_id: str) -> tuple[bool, str]:
        if self.file is None:
            return False, ""
        return event_id in self.file.stars, self.file.notes.get(event_id, "")

    def _keep_draft(self) -> None:
        if self._shown and self.note.value != self._marks(self._shown)[1]:
            self._drafts[self._shown] = self.note.value

    def _show(self) -> None:
        self._keep_draft()
        self._shown = self.event.value
        is_starred, note = self._marks(self._shown)
        self.note.value = self._drafts.pop(self._shown, note)
        self.star.description = "★ Unstar" if is_starred else "☆ Star"
        for control in (self.star, self.save, self.note):
            control.disabled = not self._shown

    def _save_star(self) -> None:
        """Keep the star turned round; the note stays as it is kept."""
        is_starred, note = self._marks(self._shown)
        self._save(is_starred=not is_starred, note=note)
        self._changed()

    def _save_note(self) -> None:
        """Keep the note as it is typed; the star stays as it is kept."""
        note = self.note.value.strip()
        if self._save(is_starred=self._marks(self._shown)[0], note=note):
            self._drafts.pop(self._shown, None)
            self.note.value = note
        self._changed()

    def _save(self, *, is_starred: bool, note: str) -> bool:
        event_id = self._shown
        return self._ask(
            lambda: self._kept.save(event_id, is_starred=is_starred, note=note),
            f"Saved in {self._kept.path}.",
        )

    def _reload(self) -> None:
        """Read the file again; a note that was typed meanwhile follows the one that came."""
        self._keep_draft()
        before = self.file
        self._shown = ""
        if self._ask(self._kept.reload, f"Read {self._kept.path} again."):
            for event_id, typed in self._drafts.items():
                theirs = self._marks(event_id)[1]
                if theirs and theirs != (before.notes.get(event_id, "") if before else ""):
                    self._drafts[event_id] = f"{theirs}\n{typed}"
        self._changed()

    def _ask(self, question: Callable[[], IncidentFile | None], done: str) -> bool:
        """Take what is kept from the answer; say why where it is refused."""
        try:
            self.file = question()
        except OpsError as error:
            self.status.fail(str(error))
            return False
        self.status.say(" ".join(part for part in (done, self._place()) if part))
        return True

    def _place(self) -> str:
        """Say where marks are kept, where that is not what the run itself read."""
        if self._named and self.file is not None:
            return ""
        there = "are kept in" if self.file else "will make the file"
        return (
            f"Stars and notes {there} {self._kept.path}. Run with incident={self._kept.name} to "
            "have them in the next report."
        )


def _option(event: dict[Any, Any]) -> tuple[str, str]:
    star = "★ " if event["IsStarred"] else ""
    at = f"{event['At']:%d %b %H:%M:%S} UTC"
    return f"{star}{at}, {event['Kind']}: {printable(event['Summary'])}", event["EventId"]
