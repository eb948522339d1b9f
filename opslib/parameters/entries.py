"""Files in which people keep a list of entries: read whole, each mistake told by its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, Field, ValidationError

from opslib.errors import ParameterError
from opslib.parameters.problems import names_at, tell_problem
from opslib.parameters.yaml_text import line_of, parse_mapping

__all__ = ["FindingId", "Words", "hold_ids_as_text", "parse_entries", "read_entries", "repeated"]

Words = Annotated[str, Field(min_length=1, max_length=500)]
FindingId = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
Model = TypeVar("Model", bound=BaseModel)


def hold_ids_as_text(written: Any, name: str) -> Any:
    """Return a document; say how to write an id of digits alone, which YAML takes for a number.

    Args:
        written: the document.
        name: of its list of entries.

    Raises:
        ValueError: an id is a number.
    """
    entries = written.get(name) if isinstance(written, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        told = entry.get("id") if isinstance(entry, dict) else None
        if told is not None and not isinstance(told, str):
            raise ValueError(f"id {told} is a number to YAML: write it in quotes")
    return written


def read_entries(path: Path, what: str) -> str:
    """Return the text of a file.

    Args:
        path: of the file.
        what: it lists, for people.

    Raises:
        ParameterError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(
            f"the file of {what} cannot be read: {getattr(error, 'strerror', None) or error}",
            where=str(path),
        ) from None


def parse_entries(
    model: type[Model], text: str, *, where: str, remedy: str
) -> tuple[Model, yaml.MappingNode | None]:
    """Return what a file says, and the node that knows its lines (None where it is empty).

    Args:
        model: of the whole file.
        text: YAML.
        where: names the file in messages.
        remedy: how an entry is written.

    Raises:
        ParameterError: it is no YAML, or says what cannot be; names file and line.
    """
    written, root = parse_mapping(text, where)
    try:
        return model.model_validate(written), root
    except ValidationError as error:
        problem = error.errors()[0]
        line = f":{line_of(root, problem['loc'])}" if root else ""
        what = tell_problem(problem, names_at(model, problem["loc"]))
        raise ParameterError(what, where=f"{where}{line}", remedy=remedy) from None


def repeated(keys: Sequence[Hashable]) -> int | None:
    """Return the place of the first entry whose key stands before it already; None without one."""
    seen: Counter[Hashable] = Counter()
    for place, key in enumerate(keys):
        if seen[key]:
            return place
        seen[key] += 1
    return None
