"""What a person sees in a kernel: one line for an error, an interrupt that loses nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from opslib.lab.working_copy import copy_notebook, copy_run
from opslib.runner.history import find_run
from tests.runner.records import document, record_run
from tests.runner.tiny import make_project, request

SLOW_READS = """
import time
import pandas as pd
import pandera.pandas as pa
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.parameters import CostParameters
from opslib.run_folder import RunFolder
from opslib.tables.schema import column

schema = pa.DataFrameSchema({"Name": column(str)})
parameters = CostParameters.parse({"environment": "test", "as_of": "2026-03-02T06:00:00Z"})
asked, pause = [], 600

def fetch(name):
    asked.append(name)
    if name == "costs" and pause:
        print("waiting", flush=True)
        time.sleep(pause)
    return Fetched(frame=pd.DataFrame({"Name": [name]}))
"""
READ_ALL = """
reads = Reads(parameters, RunFolder.current())
for name in ("alarms", "budgets", "costs"):
    reads.read(ReadRequest(table=name, asked="all", schema=schema), lambda: fetch(name))
"""
READ_IN_THREADS = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as pool:
    names = [f"thread {number}" for number in range(9)]
    asks = [ReadRequest(table=name, asked="all", schema=schema) for name in names]
    list(pool.map(lambda one: reads.read(one, lambda: fetch(one.table)), asks))
"""


class Kernel:
    """A kernel as JupyterLab and jupyter console use one."""

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager, self.client = manager, client

    def run(self, code: str, *, interrupt_at: str = "") -> list[dict[str, Any]]:
        """Run a cell; return what it put out. Interrupt it once it has printed a text."""
        outputs: list[dict[str, Any]] = []
        asked = self.client.execute(code)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != asked:
                continue
            content, kind = message["content"], message["header"]["msg_type"]
            if kind == "status" and content["execution_state"] == "idle":
                return outputs
            outputs.append({"kind": kind, **content})
            if interrupt_at and interrupt_at in content.get("text", ""):
                self.manager.interrupt_kernel()
        raise AssertionError("the cell does not end")

    def error(self, code: str, **options: Any) -> dict[str, Any]:
        """Run a cell that fails; return its error."""
        (error,) = [one for one in self.run(code, **options) if one["kind"] == "error"]
        return error


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    project = make_project(tmp_path_factory.mktemp("kernel") / "project")
    file = copy_notebook(request(project))
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(file.parent))
    try:
        started = Kernel(manager, client)
        place = project.relative(file.parent)
        (line,) = [
            one["data"]["text/plain"]
            for one in started.run(f"from opslib.lab.entry import enter; enter({place!r})")
            if one["kind"] == "execute_result"
        ]
        assert line.startswith("Reads environment test;")
        yield started
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_an_error_to_act_on_is_one_line(kernel: Kernel) -> None:
    error = kernel.error(
        "from opslib.errors import AccessDenied\n"
        "raise AccessDenied('no\\x1b[2J right\\nto read', where='payer ce', remedy='Ask for it.')"
    )
    (line,) = error["traceback"]
    assert (
        line == "AccessDenied: no\N{REPLACEMENT CHARACTER}[2J right to read [payer ce]. Ask for it."
    )
    assert error["ename"] == "AccessDenied"
    assert error["evalue"].endswith("[payer ce]. Ask for it.")


def test_any_other_error_keeps_its_traceback(kernel: Kernel) -> None:
    error = kernel.error("def inner():\n    raise ValueError('a bug')\ninner()")
    assert "inner" in "".join(error["traceback"])
    assert len(error["traceback"]) > 2


def test_a_read_that_is_interrupted_goes_on_from_what_was_read(kernel: Kernel) -> None:
    kernel.run(SLOW_READS)
    error = kernel.error(READ_ALL, interrupt_at="waiting")
    assert error["ename"] == "KeyboardInterrupt"
    assert error["traceback"] == ["Interrupted. Run the cell again: it goes on from what was read."]
    told = kernel.run(f"pause = 0\n{READ_ALL}\nprint(asked)")
    printed = "".join(one["text"] for one in told if one["kind"] == "stream")
    assert "['alarms', 'budgets', 'costs', 'costs']" in printed
    (line,) = [one for one in told if one["kind"] == "display_data"]
    changes = [one["data"]["text/plain"] for one in told if one["kind"] == "update_display_data"]
    assert line["data"]["text/plain"] == "reading costs"
    assert changes == ["3 reads done, the last: costs"]


def test_reads_of_many_threads_are_one_line(kernel: Kernel) -> None:
    kernel.run(f"{SLOW_READS}pause = 0\nreads = Reads(parameters, RunFolder.current())")
    told = kernel.run(READ_IN_THREADS)
    assert [one["kind"] for one in told].count("display_data") == 1
    assert [one["kind"] for one in told].count("update_display_data") == 17


def run_all(file: Path) -> dict[str, Any]:
    """Run a notebook in a new kernel, from top to bottom; return what its kernel saw."""
    node = nbformat.read(file, as_version=4)
    NotebookClient(node, resources={"metadata": {"path": str(file.parent)}}).execute()
    seen: dict[str, Any] = json.loads((file.parent / "kernel.json").read_text())
    return seen


def test_a_recorded_run_is_worked_on_again_without_aws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path / "project")
    folder = record_run(project.reports, 5, document())
    (folder / "evidence").mkdir()
    (folder / "evidence" / "answer.txt").write_text("42 as recorded")
    file = copy_run(find_run(folder), request(project))
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("OPSLIB_HEADLESS", "")
    for seen in (run_all(file), run_all(file)):  # Restart and Run All, twice
        environ = seen["environ"]
        assert (environ["OPSLIB_REPLAY"], "AWS_PROFILE" in environ) == ("1", False)
        assert environ["OPSLIB_RUN_FOLDER"] == str(file.parent)
        assert environ["OPSLIB_PROJECT"] == str(project.root)
    said = json.loads((file.parent / "findings.json").read_text())
    assert said["headlines"][0]["amount"] == "42 as recorded"
    assert sorted(path.name for path in folder.iterdir()) == [
        "evidence",
        "findings.json",
        "run.json",
    ]
