"""Make ``reports/samples/`` again: executed notebooks and what they conclude.

    make samples

Each is the sandbox's scenario ``troubled``, seed 1, so that it says the same every day.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from opslib.sandbox.process import running_sandbox
from tests.notebooks.drill_runs import RUN_ID, swept

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "reports" / "samples"
OWNERS = str(ROOT / "parameters" / "sandbox" / "owners.yaml")
RUN_FILE = re.compile(r'<a href="(?:exports|tables)/[^"]*">([^<]*)</a>')
PAPERMILL = [sys.executable, "-m", "papermill", "--no-progress-bar", "--log-level", "ERROR"]


def make_sample(notebook: Path, environ: dict[str, str]) -> None:
    """Execute one notebook by plain papermill and keep it without this machine's traces."""
    parameters = ROOT / "parameters" / "sandbox" / f"{notebook.stem}.yaml"
    with tempfile.TemporaryDirectory() as folder:
        executed = Path(folder) / "report.ipynb"
        chosen = {
            **environ,
            "OPSLIB_RUN_FOLDER": folder,
            "OPSLIB_CACHE": f"{folder}/cache",
            "OPSLIB_RUN_ID": RUN_ID,
        }
        with swept(Path(folder), {k: v for k, v in environ.items() if k.startswith("AWS_")}):
            subprocess.run(
                [
                    *PAPERMILL,
                    str(notebook),
                    str(executed),
                    "-f",
                    str(parameters),
                    "-f",
                    OWNERS,
                ],
                check=True,
                cwd=ROOT,
                env=chosen,
            )
        place = SAMPLES / notebook.stem
        place.mkdir(parents=True, exist_ok=True)
        nbformat.write(without_traces(nbformat.read(executed, 4)), place / "report.ipynb")
        shutil.copy(Path(folder) / "findings.json", place / "findings.json")


def without_traces(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return ``notebook`` without times, paths and versions of the run."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            if "text/html" in shown:
                shown["text/html"] = without_dead_links(shown["text/html"])
    # A round trip through sorted keys keeps the file's differences small.
    ordered: nbformat.NotebookNode = nbformat.from_dict(
        json.loads(json.dumps(notebook, sort_keys=True))
    )
    return ordered


def without_dead_links(markup: str) -> str:
    """Return markup whose links to files of the run, which a sample does not keep, are text."""
    return RUN_FILE.sub(r"\1", markup)


def main() -> None:
    """Make the sample of every notebook."""
    with running_sandbox(scenario="troubled", seed=1) as sandbox:
        environ = {**os.environ, **sandbox.environ, "OPSLIB_HEADLESS": "1"}
        for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
            make_sample(notebook, environ)
            sys.stderr.write(f"made {SAMPLES / notebook.stem}\n")


if __name__ == "__main__":
    main()
