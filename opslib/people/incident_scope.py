"""Which incident a report is about: its own file, recorded as input of the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opslib.aws.reads import Reads
from opslib.aws.text_files import record_text_file
from opslib.errors import ParameterError
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_file import (
    IncidentFile,
    incident_path,
    load_incident,
    parse_incident,
)
from opslib.timewindow import TimeWindow

__all__ = ["IncidentScope", "read_incident_scope"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentScope:
    """The window of an incident, and what its file says.

    Args:
        window: parameters' start and end, else the file's.
        file: None where no incident was named.
    """

    window: TimeWindow
    file: IncidentFile | None


def read_incident_scope(reads: Reads, parameters: IncidentParameters) -> IncidentScope:
    """Return which incident a run is about.

    Raises:
        ParameterError: its file is absent or malformed, or the window is yet to come.
    """
    file = _recorded(reads, parameters) if parameters.incident else None
    start = parameters.start or (file.start if file else None)
    end = parameters.end or (file.end if file else None)
    assert start is not None, "parameters ask for one or the other"
    assert end is not None, "parameters ask for one or the other"
    if start >= parameters.as_of:
        raise ParameterError(
            f"the window begins at {start.isoformat()}, not before as_of",
            where="start",
            remedy="Give an as_of after the incident, or none for now.",
        )
    return IncidentScope(window=TimeWindow(start=start, end=min(end, parameters.as_of)), file=file)


def _recorded(reads: Reads, parameters: IncidentParameters) -> IncidentFile:
    path = str(incident_path(Path(), parameters.environment, parameters.incident))
    return parse_incident(record_text_file(reads, "incident file", path, load_incident), path)
