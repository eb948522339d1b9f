"""Stars and notes of an incident, kept in its own file as people leave them.

The file is read again before every change: one that somebody else altered meanwhile is left alone,
and whoever asked is told. A change is written beside the file and put in its place in one step, so
that it is never half written.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opslib.errors import ParameterError
from opslib.named_file import find_named
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_file import (
    IncidentFile,
    format_incident,
    incident_path,
    parse_incident,
)
from opslib.parameters.incident_marks import rewrite_marks
from opslib.timewindow import TimeWindow

__all__ = ["IncidentAnnotations", "open_annotations"]


class IncidentAnnotations:
    """What people marked in an incident, as its file on disk has it.

    Args:
        path: of the file; it need not be there.
        window: of the incident, for a file that is made.
        name: by which parameters name the incident.
    """

    def __init__(self, path: Path, window: TimeWindow, name: str) -> None:
        self.path, self.name = path, name
        self._window = window
        self._text: str | None = None
        self.file: IncidentFile | None = None

    def reload(self) -> IncidentFile | None:
        """Return what the file says now; None where there is none.

        Raises:
            ParameterError: it cannot be read or is malformed, with file and line.
        """
        text = self._read()
        self.file = None if text is None else parse_incident(text, str(self.path))
        self._text = text
        return self.file

    def save(self, event_id: str, *, is_starred: bool, note: str) -> IncidentFile:
        """Keep the star and the note of one event; '' takes its note away.

        Args:
            event_id: of `opslib.tables.timeline.TIMELINE`.
            is_starred: whether it is marked from now on.
            note: what is written about it from now on.

        Raises:
            ParameterError: the file was altered since it was read here, is malformed, or cannot be
                written; it is as it was.
        """
        with self._locked():
            if self._read() != self._text:
                raise ParameterError(
                    "the incident's file was altered meanwhile; nothing was written",
                    where=str(self.path),
                    remedy="Reload it, look, and save again.",
                )
            text = self._with(event_id, is_starred=is_starred, note=note)
            file = parse_incident(text, str(self.path))
            self._replace(text)
        self._text, self.file = text, file
        return file

    def _with(self, event_id: str, *, is_starred: bool, note: str) -> str:
        file = self.file or IncidentFile(start=self._window.start, end=self._window.end)
        stars = [one for one in file.stars if one != event_id or is_starred]
        if is_starred and event_id not in stars:
            stars.append(event_id)
        notes = {one: text for one, text in file.notes.items() if one != event_id or note}
        if note:
            notes[event_id] = note
        if self._text is None:
            marked = file.model_copy(update={"stars": tuple(stars), "notes": notes})
            return format_incident(marked)
        return rewrite_marks(self._text, str(self.path), stars=stars, notes=notes)

    def _read(self) -> str | None:
        try:
            # Bytes, since line ends are kept as they are.
            return self.path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise self._refused("read", error) from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other notebooks from writing; an editor's hand is told by what the file says."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            folder = os.open(self.path.parent, os.O_RDONLY)
        except OSError as error:
            raise self._refused("written", error) from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _replace(self, text: str) -> None:
        place = self.path.resolve()
        unfinished = place.with_name(f".{place.name}-{secrets.token_hex(4)}")
        try:
            with unfinished.open("xb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            if place.exists():
                unfinished.chmod(place.stat().st_mode & 0o777)
            unfinished.replace(place)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise self._refused("written", error) from None

    def _refused(self, what: str, error: OSError | UnicodeDecodeError) -> ParameterError:
        why = getattr(error, "strerror", None) or error
        return ParameterError(
            f"the incident's file cannot be {what}: {why}",
            where=str(self.path),
            remedy="Nothing was changed. Correct that, reload, and save again.",
        )


def open_annotations(parameters: IncidentParameters, window: TimeWindow) -> IncidentAnnotations:
    """Return where stars and notes of an incident are kept; nothing is read or made yet.

    An incident that parameters do not name gets a file by the beginning of its window.

    Args:
        parameters: of the run.
        window: of the incident.
    """
    name = parameters.incident or f"{window.start:%Y-%m-%d-%H%M}"
    path = find_named(str(incident_path(Path(), parameters.environment, name)))
    if not path.exists():
        path = incident_path(find_named("parameters").parent, parameters.environment, name)
    return IncidentAnnotations(path, window, name)
