"""What is wrong with a value that somebody wrote, in words that say how to write it right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

__all__ = ["names_at", "nearest", "nested_model", "tell_problem"]

LONGEST_QUOTE = 200
PYTHON_WORDS = {
    "tuple_type": "input should be a list",
    "dict_type": "input should be name: value pairs",
    "string_type": "input should be text",
    "too_short": "at least one is needed",
}
"""What pydantic says in Python's words, by the type of its errors."""


def nearest(wanted: str, known: Iterable[str]) -> str:
    """Return the clause that names the known name most like ``wanted``; empty without one."""
    near = get_close_matches(wanted, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def tell_problem(problem: Any, known: Iterable[str]) -> str:
    """Return one sentence on a problem that pydantic found, with the name that it is about.

    Args:
        problem: one of `ValidationError.errors`.
        known: the names that may stand there.
    """
    name = ".".join(str(part) for part in problem["loc"])
    told = PYTHON_WORDS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    reason = f"{told[0].lower()}{told[1:]}"
    if not name:  # a check of several values together names them itself
        return reason
    if problem["type"] == "extra_forbidden":
        return f"unknown name {name!r}{nearest(str(problem['loc'][-1]), known)}"
    if problem["type"] == "missing":
        return f"{name!r} is missing"
    value = problem["input"]
    if isinstance(value, datetime) and value.tzinfo is None:
        written = value.isoformat()
        return f"{name!r} is {written}, without a time zone: write {written}Z, or its offset"
    return f"{name!r} is {_quoted(value)}: {reason}"


def _quoted(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= LONGEST_QUOTE else f"{told[:LONGEST_QUOTE]}..."


def nested_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a field holds, or a list of; None where it holds none."""
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def names_at(model: type[BaseModel], place: Sequence[str | int]) -> list[str]:
    """Return the names that a model knows where ``place`` points into it."""
    for part in place[:-1]:
        field = model.model_fields.get(str(part))
        nested = nested_model(field.annotation) if field is not None else None
        model = nested or model
    return list(model.model_fields)
