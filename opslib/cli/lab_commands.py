"""Commands that open notebooks for people: open and lab."""

from __future__ import annotations

import os
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from opslib.cli import output
from opslib.cli.options import examples, parameter_options, sandbox_options
from opslib.cli.sandbox_commands import sandbox_up
from opslib.errors import ParameterError

if TYPE_CHECKING:
    from opslib.lab.server import LabServer
    from opslib.runner.project import Project

__all__ = ["lab", "open_notebook"]


@click.command(
    name="open",
    short_help="Open a notebook or a recorded run.",
    epilog=examples(
        "opslib open cost_analysis -e prod -p period=month",
        "opslib open reports/2026-03-02/prod/incident_timeline-060000Z",
    ),
)
@click.argument("target", metavar="NOTEBOOK|RUN")
@click.option("-e", "--environment", help="Name of the folder under parameters/; of a NOTEBOOK.")
@parameter_options
@click.option("--print", "print_only", is_flag=True, help="Make the copy, print its path, no more.")
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening it.")
def open_notebook(
    target: str,
    *,
    environment: str | None,
    file: Path | None,
    overrides: tuple[str, ...],
    print_only: bool,
    no_browser: bool,
) -> None:
    """Open a working copy in JupyterLab: of a notebook with its parameters, or of a recorded run.

    A run is opened with its evidence: every cell works without credentials, and asks AWS nothing.
    """
    from opslib.lab.server import find_lab
    from opslib.runner.project import find_project

    project = find_project(Path.cwd())
    if Path(target).is_dir():
        if environment or file or overrides:
            raise ParameterError(
                "a run is opened with the parameters that it had",
                where=target,
                remedy="Leave -e, -f and -p out.",
            )
        copy, environment = _copy_of_run(Path(target))
        needs_sandbox = False
    else:
        copy, environment = _copy_of_notebook(target, environment, file, overrides)
        needs_sandbox = True
    if print_only:
        click.echo(copy)
        return
    running = find_lab(project)
    if running is not None:
        _show(running, copy, browser=not no_browser)
        return
    _serve(project, environment, copy, browser=not no_browser, needs_sandbox=needs_sandbox)


@click.command(
    short_help="Start JupyterLab with the notebooks.",
    epilog=examples("opslib lab", "opslib lab -e prod --no-browser"),
)
@click.option(
    "-e",
    "--environment",
    default="sandbox",
    show_default=True,
    help="Name of the folder under parameters/.",
)
@sandbox_options
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening it.")
def lab(environment: str, *, scenario: str | None, seed: int | None, no_browser: bool) -> None:
    """Start JupyterLab on this machine, with a page that lists the notebooks by question.

    With the sandbox, unless -e names another environment. Ctrl-C ends both.
    """
    from opslib.runner.project import find_project

    project = find_project(Path.cwd())
    folder = project.root / "parameters" / environment
    if not folder.is_dir():
        raise ParameterError(
            f"there is no environment {environment!r}",
            where=str(folder),
            remedy=f"Write its files: opslib init -e {environment}",
        )
    _serve(project, environment, None, browser=not no_browser, scenario=scenario, seed=seed)


def _copy_of_run(folder: Path) -> tuple[Path, str]:
    from opslib.cli.runs import request_again
    from opslib.lab.working_copy import copy_run
    from opslib.runner.history import find_run

    run = find_run(folder.resolve())
    return copy_run(run, request_again(run)), run.manifest.environment


def _copy_of_notebook(
    name: str, environment: str | None, file: Path | None, overrides: tuple[str, ...]
) -> tuple[Path, str]:
    from dataclasses import replace

    from opslib.cli.runs import build_request
    from opslib.lab.working_copy import copy_notebook

    if environment is None:
        raise ParameterError(
            "whose parameters?",
            where=name,
            remedy="Name the environment with -e, or the folder of a run to open.",
        )
    request = build_request(name, environment, file=file, overrides=overrides)
    if request.parameters.changes_aws:
        output.tell("nothing is restored in JupyterLab, where no runner tears it down: mode plan")
        request = replace(request, parameters=request.parameters.without_changes())
    return copy_notebook(request), environment


def _serve(
    project: Project,
    environment: str,
    copy: Path | None,
    *,
    browser: bool,
    needs_sandbox: bool = True,
    scenario: str | None = None,
    seed: int | None = None,
) -> None:
    """Run JupyterLab, and the sandbox where it is read, until Ctrl-C."""
    from opslib.lab.server import running_lab

    wanted = environment if needs_sandbox else ""
    try:
        with (
            sandbox_up(wanted, scenario, seed),
            running_lab(project, environment=environment, ambient=os.environ) as server,
        ):
            _show(server, copy, browser=browser)
            output.tell("Ctrl-C ends it.")
            assert server.process is not None, "it was started here"
            server.process.wait()
    except KeyboardInterrupt:
        output.tell("ended")


def _show(server: LabServer, copy: Path | None, *, browser: bool) -> None:
    address = server.address(copy)
    if browser and webbrowser.open(address):
        output.tell(f"opened {server.project.relative(copy) if copy else 'the notebooks'}")
    else:
        click.echo(address)
