"""Findings that somebody has suppressed: a YAML file under version control.

``parameters/<environment>/suppressed.yaml``: which finding of any notebook, why, who says so, and
until when. Such a finding is still listed, and counts for nothing until its day has passed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from opslib.errors import ParameterError
from opslib.findings import Finding
from opslib.parameters.entries import (
    FindingId,
    Words,
    hold_ids_as_text,
    parse_entries,
    read_entries,
    repeated,
)
from opslib.parameters.yaml_text import line_of

__all__ = ["SuppressedFile", "SuppressedFinding", "load_suppressed"]

REMEDY = "Each entry has id, or kind and subject, then reason, by and until: docs/comparing_runs.md"


class SuppressedFinding(BaseModel):
    """Findings that are to count for nothing for now."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Annotated[
        FindingId | None, Field(description="of the finding in findings.json, in quotes")
    ] = None
    kind: Annotated[
        str, Field(max_length=100, description="instead of id: the kind of finding, with subject")
    ] = ""
    subject: Annotated[
        dict[str, str], Field(description="with kind: what of the finding's subject must be so")
    ] = {}
    reason: Annotated[Words, Field(description="why it is suppressed")]
    by: Annotated[Words, Field(description="the person who answers for that")]
    until: Annotated[date, Field(description="last day, UTC, on which it stays suppressed")]

    @model_validator(mode="after")
    def _name_findings_one_way(self) -> Self:
        if (self.id is None) != bool(self.kind and self.subject) or (
            self.id is not None and (self.kind or self.subject)
        ):
            raise ValueError("an entry has either id, or kind and subject")
        return self

    @property
    def named(self) -> str:
        """Return what it names, in words."""
        parts = [f"{name}={value}" for name, value in self.subject.items()]
        return self.id or f"{self.kind} of {', '.join(parts)}"

    @property
    def key(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return what no other entry may name too."""
        return (self.id or self.kind, tuple(sorted(self.subject.items())))

    def names(self, finding: Finding) -> bool:
        """Say whether it is about a finding."""
        if self.id is not None:
            return self.id == finding.id
        return self.kind == finding.kind and self.subject.items() <= finding.subject.items()

    def holds(self, today: date) -> bool:
        """Say whether it suppresses on a day, its last one included."""
        return today <= self.until


class SuppressedFile(BaseModel):
    """All that is suppressed in one environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suppressed: Annotated[
        tuple[SuppressedFinding, ...], Field(description="one entry a finding, or kind of it")
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _hold_ids_as_text(cls, written: Any) -> Any:
        return hold_ids_as_text(written, "suppressed")


def load_suppressed(path: Path) -> SuppressedFile:
    """Return what a file suppresses.

    Raises:
        ParameterError: it cannot be read, or says what cannot be; names file and line.
    """
    text = read_entries(path, "suppressed findings")
    file, root = parse_entries(SuppressedFile, text, where=str(path), remedy=REMEDY)
    place = repeated([entry.key for entry in file.suppressed])
    if place is not None:
        line = f":{line_of(root, ('suppressed', place))}" if root else ""
        told = f"{file.suppressed[place].named} is suppressed twice"
        raise ParameterError(told, where=f"{path}{line}", remedy="Keep one entry.")
    return file
