"""An incident's own file: what people decided about it, under version control.

``parameters/<environment>/incidents/<incident>.yaml``: window, priority, scope, and the stars and
notes that its readers left.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from opslib.errors import ParameterError
from opslib.parameters.problems import nearest, tell_problem
from opslib.parameters.yaml_text import line_of, parse_mapping

__all__ = [
    "LONGEST_NOTE",
    "IncidentFile",
    "format_incident",
    "incident_path",
    "load_incident",
    "parse_incident",
]

LONGEST_NOTE = 10_000
"""Characters: a page or two; more is a document, to be linked to."""


class IncidentFile(BaseModel):
    """What is known and was said of one incident."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, Field(max_length=200, description="what people call it")] = ""
    start: Annotated[AwareDatetime, Field(description="beginning of the window, with its zone")]
    end: Annotated[AwareDatetime, Field(description="end of the window, with its zone")]
    priority: Annotated[Literal["P0", "P1", "P2", "P3"], Field(description="how urgent it was")] = (
        "P2"
    )
    services: Annotated[
        tuple[str, ...],
        Field(description="components, one of which shows the symptom; none: any of them"),
    ] = ()
    detected: Annotated[
        AwareDatetime | None, Field(description="when it was known; null: as recorded")
    ] = None
    acknowledged: Annotated[
        AwareDatetime | None, Field(description="when somebody took it on; null: as recorded")
    ] = None
    mitigated: Annotated[
        AwareDatetime | None, Field(description="when its effect was stopped; null: as recorded")
    ] = None
    rolled_back: Annotated[
        AwareDatetime | None, Field(description="when the change was taken back; null: as recorded")
    ] = None
    stars: Annotated[tuple[str, ...], Field(description="ids of events that matter")] = ()
    notes: Annotated[
        dict[str, Annotated[str, Field(max_length=LONGEST_NOTE)]],
        Field(description="id of an event to a note about it"),
    ] = {}

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"end {self.end.isoformat()} is not after start")
        return self


def incident_path(root: Path, environment: str, incident: str) -> Path:
    """Return where an incident's file is kept, below ``root``."""
    return root / "parameters" / environment / "incidents" / f"{incident}.yaml"


def load_incident(path: Path) -> IncidentFile:
    """Return what an incident's file says.

    Raises:
        ParameterError: it cannot be read, or says what cannot be; names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        others = sorted(file.stem for file in path.parent.glob("*.yaml"))
        raise ParameterError(
            f"the incident's file cannot be read: {getattr(error, 'strerror', None) or error}"
            f"{nearest(path.stem, others)}",
            where=str(path),
            remedy="Write it with title, start and end, as docs/incident_timeline.md shows one.",
        ) from None
    return parse_incident(text, str(path))


def parse_incident(text: str, where: str) -> IncidentFile:
    """Return what ``text`` says; ``where`` names it in messages.

    Raises:
        ParameterError: as `load_incident`.
    """
    written, root = parse_mapping(text, where)
    try:
        return IncidentFile.model_validate(written)
    except ValidationError as error:
        problem = error.errors()[0]
        line = f":{line_of(root, problem['loc'])}" if root else ""
        raise ParameterError(
            tell_problem(problem, IncidentFile.model_fields),
            where=f"{where}{line}",
            remedy="Names and forms are in docs/incident_timeline.md.",
        ) from None


def format_incident(incident: IncidentFile) -> str:
    """Return the text of an incident's file; reading it gives the same incident."""
    told = incident.model_dump(mode="python", exclude_defaults=True)
    told |= {name: list(value) for name, value in told.items() if isinstance(value, tuple)}
    moments = ("start", "end", "detected", "acknowledged", "mitigated", "rolled_back")
    for name in moments:
        if told.get(name):
            told[name] = told[name].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100)
