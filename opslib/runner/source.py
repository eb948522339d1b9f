"""The notebook before it runs: its text, its title and the parameters that it takes."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from opslib.errors import NotebookRunError, ParameterError
from opslib.parameters.base import NotebookParameters

__all__ = ["cell_label", "check_takes", "read_cells", "read_taken_names", "values_to_pass"]

WORDS = re.compile(r"(?=.*[g-z])[a-z]+(-[a-z]+)*")  # ids that a person chose, not made of hex
SECTION = re.compile(r"^#{2,6}\s+(.+?)\s*#*$", re.MULTILINE)


def read_cells(file: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook file, source as one text each.

    Raises:
        NotebookRunError: the file is absent or is no notebook.
    """
    try:
        cells: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        raise NotebookRunError("there is no such notebook", where=str(file)) from None
    except (ValueError, KeyError, TypeError):
        raise NotebookRunError("the file is not a notebook", where=str(file)) from None
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def read_taken_names(cells: list[dict[str, Any]], file: Path) -> frozenset[str]:
    """Return the names that the cell tagged ``parameters`` sets.

    Raises:
        NotebookRunError: not exactly one such cell.
    """
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    if len(tagged) != 1:
        raise NotebookRunError(
            f"{len(tagged)} cells are tagged 'parameters', one is needed", where=str(file)
        )
    names: set[str] = set()
    for statement in ast.parse(tagged[0]["source"]).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        names.update(target.id for target in targets if isinstance(target, ast.Name))
    return frozenset(names)


def check_takes(taken: Collection[str], chosen: Collection[str], file: Path) -> None:
    """Refuse a chosen parameter that the notebook would not look at.

    papermill only warns of it, and the report would silently be about something else.

    Raises:
        ParameterError: names the parameters.
    """
    ignored = sorted(set(chosen) - set(taken))
    if ignored:
        raise ParameterError(
            f"the notebook does not take {', '.join(map(repr, ignored))}",
            where=str(file),
            remedy="Leave it out, or add it to the cell tagged 'parameters'.",
        )


def values_to_pass(parameters: NotebookParameters, file: Path) -> dict[str, Any]:
    """Return every parameter that the notebook takes, as plain values.

    Raises:
        ParameterError: one that was chosen would not be looked at.
    """
    taken = read_taken_names(read_cells(file), file)
    check_takes(taken, parameters.model_dump(exclude_defaults=True), file)
    values = parameters.model_dump(mode="json")
    return {name: value for name, value in values.items() if name in taken}


def cell_label(cells: list[dict[str, Any]], index: int) -> str:
    """Return what to call a cell: its section, or before the first one its id or its start."""
    for cell in reversed(cells[: index + 1]):
        headings = SECTION.findall(cell["source"]) if cell["cell_type"] == "markdown" else []
        if headings:
            return str(headings[-1])
    name = str(cells[index].get("id", ""))
    if WORDS.fullmatch(name):
        return name.replace("-", " ").capitalize()
    return str(cells[index]["source"].strip().lstrip("# ").partition("\n")[0][:60])
