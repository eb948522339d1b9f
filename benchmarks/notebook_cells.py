"""A notebook's own code, from its parameters to its findings, in this process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["run_up_to_findings"]

ROOT = Path(__file__).parents[1]
UP_TO_FINDINGS = ("parameters", "imports", "load")


def run_up_to_findings(name: str, parameters: Mapping[str, Any]) -> Any:
    """Run the cells of a notebook up to its findings; return its report.

    Args:
        name: of the notebook.
        parameters: what is set after its parameters cell.
    """
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())["cells"]
    namespace: dict[str, Any] = {}
    for cell in cells:
        if cell["id"] in UP_TO_FINDINGS:
            exec("".join(cell["source"]), namespace)  # noqa: S102  our own notebook
        if cell["id"] == "parameters":
            namespace |= parameters
    return namespace["report"]
