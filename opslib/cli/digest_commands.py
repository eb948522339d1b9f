"""The command that prints the digest of a notebook's newest run."""

from __future__ import annotations

from pathlib import Path

import click

from opslib.cli.options import environment_option, examples
from opslib.errors import ParameterError
from opslib.wording import visible

__all__ = ["digest"]


@click.command(
    short_help="Print the digest of the newest report.",
    epilog=examples(
        "opslib digest cost_analysis -e prod",
        "opslib digest cost_analysis -e prod --markdown",
    ),
)
@click.argument("notebook")
@environment_option
@click.option("--markdown", is_flag=True, help="As Markdown, instead of plain text.")
def digest(notebook: str, environment: str, *, markdown: bool) -> None:
    """Print what the newest run of a notebook says, in fifteen lines, to send on.

    Where the newest run failed there is nothing to send: an older digest would look like news.
    """
    from opslib.runner.catalog import find_notebook
    from opslib.runner.history import find_newest
    from opslib.runner.project import find_project

    found = find_notebook(notebook)
    project = find_project(Path.cwd())
    newest = find_newest(project.reports, found.name, environment)
    file = newest.folder / "exports" / ("digest.md" if markdown else "digest.txt")
    if not file.is_file():
        raise ParameterError(
            f"{found.name} leaves no digest",
            where=project.relative(newest.folder),
            remedy="Name a notebook that does, such as cost_analysis, or run it again.",
        )
    click.echo(visible(file.read_text(encoding="utf-8")), nl=False)
