"""Which incident a report is about: its own file, recorded as input of the run."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
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
from opslib.wording import printable

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
        ParameterError: its file is absent or malformed or is about a component that no metric is
            of, or the window is yet to come.
    """
    file = _recorded(reads, parameters) if parameters.incident else None
    _check_services(file, parameters)
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


def _check_services(file: IncidentFile | None, parameters: IncidentParameters) -> None:
    known = sorted({metric.component for metric in parameters.metrics})
    for service in file.services if file else ():
        if service not in known:
            near = ", ".join(get_close_matches(service, known, n=3, cutoff=0)) or "there are none"
            raise ParameterError(
                f"no metric is of a component {printable(service)}; nearest: {near}",
                where=f"{incident_path(Path(), parameters.environment, parameters.incident)}: "
                "services",
                remedy="Name components as the parameter metrics does.",
            )


def _recorded(reads: Reads, parameters: IncidentParameters) -> IncidentFile:
    path = str(incident_path(Path(), parameters.environment, parameters.incident))
    text = record_text_file(reads, "incident file", path, load_incident, afresh=True)
    return parse_incident(text, path)
