"""Advice that somebody has declined: a YAML file under version control.

``parameters/<environment>/savings_declined.yaml``: which recommendation, why not, who says so, and
until when.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from opslib.errors import ParameterError
from opslib.parameters.problems import tell_problem
from opslib.parameters.yaml_text import line_of, parse_mapping

__all__ = ["DeclinedAdvice", "DeclinedFile", "load_declined", "parse_declined"]

REMEDY = "Each entry has id, reason, by and until, as docs/cost_savings_follow_through.md shows."
Words = Annotated[str, Field(min_length=1, max_length=500)]


class DeclinedAdvice(BaseModel):
    """One recommendation that is not to be made for now."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Annotated[
        str, Field(pattern=r"^[0-9a-f]{12}$", description="of the recommendation, in quotes")
    ]
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
        """Say how to write an id of digits alone, which YAML takes for a number."""
        entries = written.get("declined") if isinstance(written, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            told = entry.get("id") if isinstance(entry, dict) else None
            if told is not None and not isinstance(told, str):
                raise ValueError(f"id {told} is a number to YAML: write it in quotes")
        return written


def load_declined(path: Path) -> DeclinedFile:
    """Return what a file declines.

    Raises:
        ParameterError: it cannot be read, or says what cannot be; names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(
            f"the file of declined advice cannot be read: "
            f"{getattr(error, 'strerror', None) or error}",
            where=str(path),
            remedy="Write it, or leave the parameter declined empty.",
        ) from None
    return parse_declined(text, str(path))


def parse_declined(text: str, where: str) -> DeclinedFile:
    """Return what ``text`` declines; ``where`` names it in messages.

    Raises:
        ParameterError: as `load_declined`.
    """
    written, root = parse_mapping(text, where)
    try:
        file = DeclinedFile.model_validate(written)
    except ValidationError as error:
        problem = error.errors()[0]
        known = (
            DeclinedAdvice.model_fields if len(problem["loc"]) > 1 else DeclinedFile.model_fields
        )
        line = f":{line_of(root, problem['loc'])}" if root else ""
        what = tell_problem(problem, known)
        raise ParameterError(what, where=f"{where}{line}", remedy=REMEDY) from None
    _check_once(file, root, where)
    return file


def _check_once(file: DeclinedFile, root: yaml.Node | None, where: str) -> None:
    seen: set[str] = set()
    for place, entry in enumerate(file.declined):
        if entry.id in seen:
            line = f":{line_of(root, ('declined', place))}" if root else ""
            raise ParameterError(
                f"{entry.id} is declined twice", where=f"{where}{line}", remedy="Keep one entry."
            )
        seen.add(entry.id)
