"""The notebooks themselves, against the sandbox: by nbval, by papermill, and from the samples."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from opslib.aws.permissions import iam_action
from opslib.sandbox.process import RunningSandbox, running_sandbox, write_state
from tests.notebooks.drill_runs import RUN_ID, mask_durations, swept

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAID = {"cost_analysis": 5, "cost_savings": 9}
"""Calls to Cost Explorer, a cent each: forecast, AWS's anomalies, commitments and an export's
tie-out; AWS's advice on sizes and commitments, and how much of these is used and covers what."""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="troubled", seed=1) as running:
        yield running


def run(command: list[str], sandbox: RunningSandbox, folder: Path) -> str:
    """Run a command as a person without opslib's runner would; return what it wrote."""
    environ = {
        **os.environ,
        **sandbox.environ,
        "OPSLIB_HEADLESS": "1",
        "OPSLIB_RUN_FOLDER": str(folder),
        "OPSLIB_CACHE": str(folder / "cache"),
        "IPYTHONDIR": str(folder / "ipython"),
        "OPSLIB_RUN_ID": RUN_ID,
    }
    with swept(folder, sandbox.environ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_runs_cell_by_cell(
    notebook: Path, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    config = str(ROOT / "tests" / "notebooks" / "nbval.ini")
    out = run(["pytest", "-c", config, "--nbval-lax", str(notebook)], sandbox, tmp_path)
    assert " passed" in out


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_sample_still_says_the_same(
    notebook: Path, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    sample = ROOT / "reports" / "samples" / notebook.stem
    config = str(ROOT / "tests" / "notebooks" / "nbval.ini")
    masks = str(ROOT / "tests" / "notebooks" / "sanitize.cfg")
    command = ["pytest", "-c", config, "--nbval", str(sample / "report.ipynb")]
    out = run([*command, "--nbval-sanitize-with", masks], sandbox, tmp_path)
    assert " passed" in out
    recorded = json.loads((tmp_path / "findings.json").read_text())
    kept = json.loads((sample / "findings.json").read_text())
    assert mask_durations(recorded) == mask_durations(kept), "run: make samples"
    assert paid_calls_within_policy(notebook, tmp_path) == PAID.get(notebook.stem, 0)
    tables = {file.stem for file in (tmp_path / "tables").glob("*.csv")}
    assert {name for found in recorded["findings"] for name in found["evidence"]} <= tables
    assert tables_named_in(notebook) <= tables


def paid_calls_within_policy(notebook: Path, run_folder: Path) -> int:
    """Return how many calls of a run were paid for, all of which its policy must hold."""
    policy = json.loads((ROOT / "deploy" / "iam" / f"{notebook.stem}.json").read_text())
    allowed = {action for part in policy["Statement"] for action in part["Action"]}
    calls = json.loads((run_folder / "ledger.json").read_text())
    asked = {iam_action(call["service"], call["operation"]) for call in calls}
    assert asked
    assert asked <= allowed
    return sum(call["count"] for call in calls if call["service"] == "ce")


def tables_named_in(notebook: Path) -> set[str]:
    cells = json.loads(notebook.read_text())["cells"]
    return {name for cell in cells for name in cell["metadata"].get("tables", [])}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_figure_and_table_says_which_table_it_came_from(notebook: Path) -> None:
    for cell in json.loads(notebook.read_text())["cells"]:
        source = "".join(cell["source"])
        if re.search(r"show\.(plot|tabulate|explore|show)_", source):
            assert cell["metadata"].get("tables"), f"cell {cell['id']} names no tables"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_link_of_a_sample_is_dead(notebook: Path) -> None:
    sample = ROOT / "reports" / "samples" / notebook.stem
    linked = re.findall(r'href=\\"([^"\\#]+)', (sample / "report.ipynb").read_text())
    local = [link for link in linked if "://" not in link]
    assert [link for link in local if not (sample / link).exists()] == [], "run: make samples"


def test_plain_papermill_finds_the_sandbox_that_is_up(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    write_state(sandbox)
    (notebook,) = (path for path in NOTEBOOKS if path.stem == "incident_timeline")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    papermill = [sys.executable, "-m", "papermill", "--no-progress-bar"]
    parameters = ROOT / "parameters" / "sandbox" / f"{notebook.stem}.yaml"
    done = subprocess.run(
        [*papermill, str(notebook), str(tmp_path / "out.ipynb"), "-f", str(parameters)],
        cwd=ROOT,
        env={**environ, "OPSLIB_RUN_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "findings.json").exists()


def test_plain_papermill_runs_it_by_cost_explorer_too(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    notebook = ROOT / "notebooks" / "cost_analysis.ipynb"
    parameters = ["-f", str(ROOT / "parameters" / "sandbox" / "cost_analysis.yaml")]
    source = ["-p", "source", "cost_explorer", "-p", "path", ""]
    papermill = ["papermill", "--no-progress-bar", str(notebook), str(tmp_path / "out.ipynb")]
    run([*papermill, *parameters, *source], sandbox, tmp_path)
    # No tie-out of an export, but nine more: five breakdowns, most of two pages.
    assert paid_calls_within_policy(notebook, tmp_path) == PAID["cost_analysis"] - 1 + 9
