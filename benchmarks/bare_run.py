"""The baseline of ``benchmarks/run.py``: nbclient and nbconvert, nothing else.

python -m benchmarks.bare_run NOTEBOOK PARAMETERS.yaml OUT.html
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbconvert import HTMLExporter


def main(notebook: str, parameters: str, out: str) -> None:
    """Run ``notebook`` with ``parameters`` set after its parameters cell, and export it."""
    cells = nbformat.read(notebook, 4)
    values = yaml.safe_load(Path(parameters).read_text(encoding="utf-8"))
    injected = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    place = next(i for i, c in enumerate(cells.cells) if "parameters" in c.metadata.get("tags", []))
    cells.cells.insert(place + 1, nbformat.v4.new_code_cell(injected))
    NotebookClient(cells, kernel_name="python3").execute()
    body, _ = HTMLExporter().from_notebook_node(cells)
    Path(out).write_text(body, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
