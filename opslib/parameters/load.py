"""From YAML files and ``-p name=value`` to a validated model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml

from opslib.errors import ParameterError
from opslib.parameters.base import SHARED, NotebookParameters
from opslib.parameters.owners import load_owners
from opslib.parameters.suppressed import load_suppressed
from opslib.parameters.yaml_text import StrictLoader, parse_mapping

__all__ = ["load_parameters", "read_parameter_file"]

Parameters = TypeVar("Parameters", bound=NotebookParameters)


def load_parameters(
    model: type[Parameters],
    *,
    file: Path,
    overrides: Sequence[str] = (),
    environment: str,
    as_of: datetime | str,
    folder: Path | None = None,
) -> Parameters:
    """Return the parameters of one run.

    Args:
        model: the notebook's model.
        file: YAML file with its parameters.
        folder: of the environment, with the files that all of its notebooks share; None where
            ``file`` lies in it.
        overrides: texts ``name=value``, the value in YAML; they win over the file.
        environment: the one that the caller means; file and overrides may not name another.
        as_of: what holds if neither gives one.

    Raises:
        ParameterError: names the file and the line, or the override, that is wrong.
    """
    written, lines = read_parameter_file(file)
    chosen = dict(_parse_override(text) for text in overrides)
    folder = folder or file.parent
    _refuse_shared([*written, *chosen], folder, file)
    given = {"environment": environment, "as_of": as_of, **written, **chosen}
    try:
        parameters = model.parse({**given, **_read_shared(folder)})
    except ParameterError as error:
        name = error.where.partition(": ")[2].partition(".")[0]
        where = f"{file}:{lines[name]}" if name in lines and name not in chosen else error.where
        raise ParameterError(error.what, where=where, remedy=error.remedy) from None
    if parameters.environment != environment:
        raise ParameterError(
            f"the parameters are for environment {parameters.environment!r}, not {environment!r}",
            where=str(file),
            remedy=f"Correct the file, or run it with -e {parameters.environment}.",
        )
    return parameters


def _read_shared(folder: Path) -> dict[str, Any]:
    """Return what an environment's own files say, by the names of the parameters that they set."""
    shared: dict[str, Any] = {}
    if (folder / "owners.yaml").exists():
        shared["owners"] = load_owners(folder / "owners.yaml").owners
    if (folder / "suppressed.yaml").exists():
        shared["suppressed"] = load_suppressed(folder / "suppressed.yaml").suppressed
    return shared


def _refuse_shared(names: Sequence[str], folder: Path, file: Path) -> None:
    """Refuse a shared parameter among a notebook's own: it would hold for this notebook alone."""
    for name in names:
        if name in SHARED:
            raise ParameterError(
                f"{name} is the same for every notebook of an environment",
                where=str(file),
                remedy=f"Write it into {folder / f'{name}.yaml'}.",
            )


def read_parameter_file(file: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """Return what a parameter file holds, and the line of each name in it.

    Raises:
        ParameterError: absent, not YAML, not a mapping, or with a key that stands twice.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ParameterError(
            "there is no such parameter file",
            where=str(file),
            remedy=f"Write one: opslib init -e {file.parent.name}",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"cannot be read: {error}", where=str(file)) from None
    written, root = parse_mapping(text, str(file))
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in root.value} if root else {}
    return written, lines


def _parse_override(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ParameterError(
            f"{text!r} is not of the form name=value",
            where="-p",
            remedy="Write it as -p top=20 or -p 'tag_keys=[Environment, Team]'.",
        )
    try:
        return name.strip(), yaml.load(value, Loader=StrictLoader)  # noqa: S506  a SafeLoader
    except (yaml.YAMLError, ValueError):
        raise ParameterError(
            f"{value!r} is not valid YAML", where=f"-p {name.strip()}", remedy="Quote it."
        ) from None
