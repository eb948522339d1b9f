"""The project folder: notebooks, parameters and reports side by side."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from opslib.errors import ParameterError

__all__ = ["Project", "find_project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Where things are, under one root.

    Args:
        root: absolute path of the folder that holds ``notebooks/`` and ``parameters/``.
    """

    root: Path

    @property
    def reports(self) -> Path:
        """Return the folder of all reports."""
        return self.root / "reports"

    def notebook_file(self, notebook: str) -> Path:
        """Return where the notebook of that name is."""
        return self.root / "notebooks" / f"{notebook}.ipynb"

    def parameters_file(self, environment: str, notebook: str) -> Path:
        """Return where the parameters of ``notebook`` in ``environment`` are."""
        return self.root / "parameters" / environment / f"{notebook}.yaml"

    def signing_file(self, environment: str) -> Path:
        """Return where it says how an environment signs its runs."""
        return self.root / "parameters" / environment / "signing.yaml"

    def policy_file(self, notebook: str) -> Path:
        """Return where the IAM policy of ``notebook`` is."""
        return self.root / "deploy" / "iam" / f"{notebook}.json"

    def relative(self, path: Path) -> str:
        """Return ``path`` as seen from the root, for messages."""
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)


def find_project(start: Path) -> Project:
    """Return the project that ``start`` lies in, or the one that OPSLIB_PROJECT names.

    Raises:
        ParameterError: neither holds ``notebooks/`` and ``parameters/``.
    """
    chosen = os.environ.get("OPSLIB_PROJECT")
    candidates = [Path(chosen)] if chosen else [start, *start.parents]
    for folder in candidates:
        if (folder / "notebooks").is_dir() and (folder / "parameters").is_dir():
            return Project(root=folder.resolve())
    raise ParameterError(
        "no opslib project here: no folder with notebooks/ and parameters/",
        where=f"OPSLIB_PROJECT={chosen}" if chosen else str(start),
        remedy="Change into the project, or set OPSLIB_PROJECT to its folder.",
    )
