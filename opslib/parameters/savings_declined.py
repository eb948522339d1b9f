"""Advice that somebody has declined: a YAML file under version control.

``parameters/<environment>/savings_declined.yaml``: which recommendation, why not, who says so, and
until when.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from opslib.errors import ParameterError
from opslib.parameters.entries import (
    FindingId,
    Words,
    hold_ids_as_text,
    parse_entries,
    read_entries,
    repeated,
)
from opslib.parameters.yaml_text import line_of

__all__ = ["DeclinedAdvice", "DeclinedFile", "load_declined", "parse_declined"]

REMEDY = "Each entry has id, reason, by and until, as docs/cost_savings_follow_through.md shows."


class DeclinedAdvice(BaseModel):
    """One recommendation that is not to be made for now."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Annotated[FindingId, Field(description="of the recommendation, in quotes")]
    reason: Annotated[Words, Field(description="why it is declined")]
    by: Annotated[Words, Field(description="the person who answers for that")]
    until: Annotated[date, Field(description="last day, UTC, on which it stays declined")]


class DeclinedFile(BaseModel):
    """All that is declined in one environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    declined: Annotated[
        tuple[DeclinedAdvice, ...], Field(description="one entry a recommendation")
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _hold_ids_as_text(cls, written: Any) -> Any:
        return hold_ids_as_text(written, "declined")


def load_declined(path: Path) -> DeclinedFile:
    """Return what a file declines.

    Raises:
        ParameterError: it cannot be read, or says what cannot be; names file and line.
    """
    text = read_entries(path, "declined advice")
    return parse_declined(text, str(path))


def parse_declined(text: str, where: str) -> DeclinedFile:
    """Return what ``text`` declines; ``where`` names it in messages.

    Raises:
        ParameterError: as `load_declined`.
    """
    file, root = parse_entries(DeclinedFile, text, where=where, remedy=REMEDY)
    place = repeated([entry.id for entry in file.declined])
    if place is not None:
        line = f":{line_of(root, ('declined', place))}" if root else ""
        told = f"{file.declined[place].id} is declined twice"
        raise ParameterError(told, where=f"{where}{line}", remedy="Keep one entry.")
    return file
