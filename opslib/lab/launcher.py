"""The page of notebooks in JupyterLab: each by its question, with its parameters in place.

An extension of the Jupyter server, so that the page asks for the same token as JupyterLab. What it
opens it makes by ``opslib open --print``, as people do.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from opslib.lab.server import LAUNCHER
from opslib.lab.working_copy import list_copies
from opslib.present.html import style_sheet
from opslib.runner.catalog import CATALOG
from opslib.runner.history import PastRun, read_runs
from opslib.runner.html import environment as templates
from opslib.runner.page import utc_text
from opslib.runner.project import Project, find_project

__all__ = ["LauncherHandler", "OpenHandler"]

MOST = 12
COMMAND = "import sys; from opslib.cli import main; sys.argv[0] = 'opslib'; main()"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    base = app.web_app.settings["base_url"]
    app.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(base, LAUNCHER), LauncherHandler),
            (url_path_join(base, LAUNCHER, "open"), OpenHandler),
        ],
    )


class _Page(JupyterHandler):
    """What both handlers know: the project, the environment, and how the page looks."""

    @property
    def environment(self) -> str:
        return os.environ.get("OPSLIB_LAB_ENVIRONMENT", "sandbox")

    @property
    def project(self) -> Project:
        return find_project(Path.cwd())

    def runs(self) -> list[PastRun]:
        """Return the published runs of the environment, newest first."""
        runs = read_runs(self.project.reports)
        own = [run for run in runs if run.manifest.environment == self.environment]
        return [run for run in own if run.findings is not None][:MOST]

    def show(self, problem: str = "") -> None:
        """Write the page."""
        project, root = self.project, self.settings["base_url"]
        page = (
            templates()
            .get_template("launcher.html.j2")
            .render(
                style=style_sheet(),
                environment=self.environment,
                problem=problem,
                notebooks=[
                    (notebook, project.parameters_file(self.environment, notebook.name).exists())
                    for notebook in CATALOG
                ],
                runs=[
                    (project.relative(run.folder), run.manifest, utc_text(run.manifest.started_at))
                    for run in self.runs()
                ],
                copies=[
                    (
                        f"{root}lab/tree/{quote(project.relative(file))}",
                        project.relative(file),
                        copy,
                    )
                    for file, copy in list_copies(project)[:MOST]
                ],
                action=url_path_join(root, LAUNCHER, "open"),
                xsrf=self.xsrf_form_html(),
            )
        )
        self.finish(page)


class LauncherHandler(_Page):
    """Shows the page."""

    @web.authenticated
    def get(self) -> None:
        """Show the page."""
        self.show()


class OpenHandler(_Page):
    """Makes a working copy, or finds the one that is there, and goes to it."""

    @web.authenticated
    async def post(self) -> None:
        """Open a notebook or a run that the page lists."""
        asked = self.get_body_argument("target")
        if asked in {notebook.name for notebook in CATALOG}:
            command = [asked, "-e", self.environment]
        elif asked in {self.project.relative(run.folder) for run in self.runs()}:
            command = [asked]
        else:
            raise web.HTTPError(404, "the page lists no such notebook or run")
        ran = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            COMMAND,
            "open",
            "--print",
            *command,
            cwd=self.project.root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, problem = (part.decode(errors="replace").strip() for part in await ran.communicate())
        if ran.returncode:
            self.set_status(400)
            self.show(problem)
            return
        file = quote(self.project.relative(Path(said)))
        self.redirect(f"{self.settings['base_url']}lab/tree/{file}")
