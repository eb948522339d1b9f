"""A model of parameters, as text that people read: help, and a file to fill in."""

from __future__ import annotations

import json
import textwrap
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from opslib.parameters.base import SHARED, NotebookParameters
from opslib.parameters.problems import nested_model

__all__ = ["describe_parameters", "write_parameter_template"]

WIDTH = 96
PLAIN_NAMES = {
    "str": "text",
    "int": "whole number",
    "Decimal": "number",
    "float": "number",
    "bool": "true or false",
    "AwareDatetime": "time with zone",
}


def describe_parameters(model: type[NotebookParameters]) -> str:
    """Return a table of name, type, default and meaning, nested models after it."""
    parts = [_describe_fields(model)]
    for name, field in model.model_fields.items():
        nested = nested_model(field.annotation)
        if nested is not None:
            what = name if nested is field.annotation else f"Each of {name}"
            parts.append(f"{what}:\n\n{_describe_fields(nested)}")
    return "\n\n".join(parts)


def write_parameter_template(model: type[NotebookParameters], environment: str) -> str:
    """Return a YAML file for ``environment`` that names every parameter of its own and its default.

    Only ``environment`` is set; the rest stands in comments, ready to be uncommented.
    """
    lines = [
        f"# Parameters of {model.notebook} for {environment}. Remove a # to set one.",
        f"# Lists of accounts and rules are explained by: opslib describe {model.notebook}",
    ]
    for name, field in model.model_fields.items():
        if name in SHARED:
            continue
        lines += ["", *(f"# {line}" for line in textwrap.wrap(field.description or "", WIDTH))]
        if name == "environment":
            lines.append(f"environment: {environment}")
        elif field.is_required():
            lines.append(f"# {name}:   # by default the moment of the run")
        else:
            lines.append(f"# {name}: {_default_text(field)}")
    return "\n".join(lines) + "\n"


def _describe_fields(model: type[BaseModel]) -> str:
    rows = [
        (name, _type_text(field.annotation), _default_column(name, field), _meaning(name, field))
        for name, field in model.model_fields.items()
    ]
    header = ("name", "type", "default", "meaning")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(3)]
    return "\n".join(_row_text(row, widths) for row in [header, *rows])


def _meaning(name: str, field: FieldInfo) -> str:
    kept = f" (kept in {name}.yaml beside the notebooks' files)" if name in SHARED else ""
    return f"{field.description or ''}{kept}"


def _row_text(row: tuple[str, str, str, str], widths: list[int]) -> str:
    start = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)) + "  "
    room = max(30, WIDTH + 20 - len(start))
    first, *others = textwrap.wrap(row[3], room) or [""]
    return "\n".join([(start + first).rstrip(), *(" " * len(start) + line for line in others)])


def _default_column(name: str, field: FieldInfo) -> str:
    if not field.is_required():
        return _default_text(field)
    return "(now)" if name == "as_of" else "(required)"


def _default_text(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, BaseModel):
        return "{}"  # what it holds is described by itself
    if isinstance(default, tuple):
        return f"[{', '.join(map(str, default))}]"
    if default is None or isinstance(default, str | dict):
        return json.dumps(default)
    return str(default)


def _type_text(annotation: Any) -> str:
    """Return an annotation in words.

    >>> _type_text(tuple[str, ...])
    'list of text'
    """
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type_text(arguments[0])
    if origin is Literal:
        return " | ".join(map(str, arguments))
    if origin in {Union, UnionType}:
        return " | ".join(_type_text(each) for each in arguments if each is not NoneType)
    if origin is tuple:
        return f"list of {_type_text(arguments[0])}"
    return "mapping" if origin is dict else _class_text(annotation)


def _class_text(kind: type) -> str:
    if issubclass(kind, Enum):
        return " | ".join(str(choice.value) for choice in kind)
    return PLAIN_NAMES.get(kind.__name__, kind.__name__)
