"""Notes that people wrote into a YAML file.

Form: ``notes`` is a list of ``at`` (with its time zone), ``who``, ``what`` and optionally ``kind``,
``resource``, ``service`` and ``severity``; other names in the file are left to who reads them. A
time without seconds is known to the minute.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from opslib.aws.event_reads import Told
from opslib.aws.reads import Reads
from opslib.errors import ParameterError
from opslib.findings import Severity
from opslib.parameters.incident_file import LONGEST_NOTE
from opslib.parameters.problems import tell_problem
from opslib.parameters.yaml_text import line_of, parse_mapping
from opslib.people.recorded_files import RecordedFile, read_people_events
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["Note", "parse_notes", "read_note_events"]

SECONDS_A_MINUTE = 60.0


class Note(BaseModel):
    """What somebody noted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Annotated[AwareDatetime, Field(description="when it happened, with its time zone")]
    who: Annotated[str, Field(description="who did or saw it")] = ""
    what: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE, description="what happened")]
    kind: Annotated[EventKind, Field(description="what it is to the incident")] = EventKind.CONTEXT
    resource: Annotated[str, Field(description="what it happened to")] = ""
    service: Annotated[str, Field(description="the service that it belongs to")] = ""
    severity: Annotated[Severity | None, Field(description="how bad it was")] = None


NOTES = TypeAdapter(list[Note])


def read_note_events(
    reads: Reads, path: str, window: TimeWindow, *, account: Account | None = None
) -> pd.DataFrame:
    """Read the notes of a file or of a folder's .yaml files; columns of `EVENTS`.

    Raises:
        ParameterError: notes that are malformed, with file and line.
    """

    def tell(files: list[RecordedFile]) -> Told:
        return Told(events=[event for file in files for event in _events(file)])

    return read_people_events(
        reads, "notes", path, window, tell, account=account, suffixes=(".yaml", ".yml")
    )


def parse_notes(text: str, where: str) -> list[tuple[Note, int]]:
    """Return the notes in ``text``, each with its line.

    Raises:
        ParameterError: not YAML, or a note that is malformed, with file and line.
    """
    written, root = parse_mapping(text, where)
    if root is None:
        return []
    try:
        notes = NOTES.validate_python(written.get("notes") or [])
    except ValidationError as error:
        problem = error.errors()[0]
        line = line_of(root, ("notes", *problem["loc"]))
        raise ParameterError(
            tell_problem({**problem, "loc": ("notes", *problem["loc"])}, Note.model_fields),
            where=f"{where}:{line}",
            remedy="Write each note as at (with its time zone), who and what.",
        ) from None
    return [(note, _line(root, number)) for number, note in enumerate(notes)]


def _line(root: yaml.Node, number: int) -> int:
    return line_of(root, ("notes", number))


def _events(file: RecordedFile) -> list[Event]:
    return [_event(file, note, line) for note, line in parse_notes(file.text, file.uri)]


def _event(file: RecordedFile, note: Note, line: int) -> Event:
    return Event(
        at=note.at.astimezone(UTC),
        resolution_seconds=_resolution(note.at),
        source="notes",
        kind=note.kind,
        actor=note.who,
        action="note",
        resource=note.resource,
        service=note.service,
        severity=note.severity.value if note.severity else "",
        summary=note.what,
        reference=f"{file.name}:{line}",
    )


def _resolution(moment: datetime) -> float:
    return 1.0 if moment.second or moment.microsecond else SECONDS_A_MINUTE
