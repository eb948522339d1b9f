"""One JupyterLab and one sandbox for all tests of a worker, and pages of headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from opslib.lab.server import LabServer, running_lab
from opslib.lab.working_copy import copy_notebook
from opslib.parameters.load import load_parameters
from opslib.runner.catalog import find_notebook
from opslib.runner.project import Project
from opslib.runner.request import RunRequest
from opslib.sandbox.process import running_sandbox

ROOT = Path(__file__).parents[2]
STDERR = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"
"""The notebook in front: JupyterLab opens again what an earlier test had open."""
LISTENS = f"{SHOWN} .jp-Notebook-ExecutionIndicator[data-status='idle']"
PROMPTS = (
    f"[...document.querySelectorAll('{SHOWN} .jp-CodeCell .jp-InputPrompt')]"
    ".map(one => one.textContent.trim())"
)
NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """JupyterLab over a project of its own, which reads the troubled sandbox.

    Args:
        server: where it answers.
        root: the project's folder: copies of ``notebooks/`` and ``parameters/``.
        environ: of everything that runs there.
    """

    server: LabServer
    root: Path
    environ: dict[str, str]

    def copy(self, name: str, **overrides: Any) -> Path:
        """Return a working copy of a notebook, with the sandbox's parameters."""
        return copy_notebook(self.request(name, **overrides))

    def request(self, name: str, **overrides: Any) -> RunRequest:
        """Return the request of a notebook, which makes nothing."""
        notebook, project = find_notebook(name), self.server.project
        parameters = load_parameters(
            notebook.parameters,
            file=project.parameters_file("sandbox", name),
            overrides=[f"{key}={value}" for key, value in overrides.items()],
            environment="sandbox",
            as_of=NOW,
        ).without_changes()
        return RunRequest(project=project, notebook=notebook, parameters=parameters, started=NOW)

    def asks(self, method: str, path: str) -> Any:
        """Return what the server's API answers; None where it answers nothing.

        While a kernel comes or goes, the list of kernels may be an internal error.
        """
        headers = {"Authorization": f"token {self.server.token}"}
        request = Request(f"{self.server.url}api/{path}", method=method, headers=headers)
        for _ in range(50):
            try:
                with urlopen(request, timeout=20) as answer:
                    text = answer.read()
            except HTTPError as error:
                if error.code != HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
                time.sleep(0.2)
            else:
                return json.loads(text) if text else None
        raise AssertionError(f"Jupyter's server has an internal error at {method} {path}")

    def end_kernels(self) -> None:
        """End what the test left running."""
        for kernel in self.asks("GET", "kernels"):
            self.asks("DELETE", f"kernels/{kernel['id']}")


@pytest.fixture(scope="session")
def shared_lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Run JupyterLab on a copy of the project for all tests; each asks for `lab`."""
    root = tmp_path_factory.mktemp("lab")
    for folder in ("notebooks", "parameters"):
        shutil.copytree(ROOT / folder, root / folder)
    home = tmp_path_factory.mktemp("home")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environ |= {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "OPSLIB_CACHE": str(home / "cache"),
        "OPSLIB_SANDBOX_STATE": str(home / "sandbox.json"),
    }
    with running_sandbox(scenario="troubled", seed=1) as sandbox:
        (home / "sandbox.json").write_text(json.dumps(asdict(sandbox)))
        project = Project(root=root.resolve())
        with running_lab(project, environment="sandbox", ambient=environ) as server:
            yield Lab(server=server, root=project.root, environ=environ)


@pytest.fixture
def lab(shared_lab: Lab) -> Iterator[Lab]:
    """Give the JupyterLab that tests share; kernels that a test started end with it."""
    yield shared_lab
    shared_lab.end_kernels()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1400, "height": 1600})
    yield opened
    opened.close()


def run_all_cells(page: Page, lab: Lab, name: str, **overrides: Any) -> Path:
    """Open a working copy in JupyterLab and run all of it, without waiting for it."""
    copy = lab.copy(name, **overrides)
    open_in_lab(page, lab, copy)
    run_from_menu(page, "Run All Cells")
    return copy


def open_in_lab(page: Page, lab: Lab, notebook: Path) -> None:
    """Open a notebook of the project, alone in its window, and wait for its kernel."""
    page.goto(f"{lab.server.address(notebook)}&reset")
    wait_for_kernel(page, lab)


def wait_for_kernel(page: Page, lab: Lab) -> None:
    """Wait until the notebook that opens has a kernel, which listens."""
    page.wait_for_selector(f"{SHOWN} .jp-InputPrompt", timeout=60_000)
    notebook = unquote(urlsplit(page.url).path).partition("/lab/tree/")[2]
    for _ in range(300):
        sessions = [one for one in lab.asks("GET", "sessions") if one["path"] == notebook]
        states = [one["kernel"]["execution_state"] for one in sessions]
        if states == ["idle"] and page.locator(LISTENS).count():
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"no kernel listens: {states}")


def run_from_menu(page: Page, command: str) -> None:
    """Choose a command of the menu Run, again until it is taken: not before the kernel is there."""
    for _ in range(20):
        for button in page.locator(".jp-Dialog .jp-mod-accept").all():
            button.click()  # it says that the kernel has not begun
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name=command, exact=True).click()
        with suppress(PlaywrightTimeout):
            page.wait_for_function(f"{PROMPTS}.some(text => text !== '[ ]:')", timeout=3_000)
            return
    raise AssertionError(f"nothing runs after {command}")


def wait_until_all_ran(page: Page, seconds: float = 240) -> None:
    """Wait until every cell of the notebook has run; say how far it came where it does not."""
    ran = f"{PROMPTS}.every(text => /[0-9]/.test(text))"
    try:
        page.wait_for_function(ran, timeout=seconds * 1000)
    except PlaywrightTimeout:
        shown = page.locator(f"{STDERR}, .jp-RenderedText, .jp-Dialog").all_inner_texts()
        raise AssertionError(f"cells {page.evaluate(PROMPTS)} after {seconds} s: {shown}") from None
