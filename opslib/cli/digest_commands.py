"""The command that prints the digest of a notebook's newest run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from opslib.cli.options import environment_option, examples
from opslib.errors import ParameterError
from opslib.wording import visible

if TYPE_CHECKING:
    from opslib.findings import FindingsDocument

__all__ = ["digest"]


@click.command(
    short_help="Print the digest of the newest report.",
    epilog=examples(
        "opslib digest cost_analysis -e prod",
        "opslib digest cost_savings -e prod --owner 'payments team' --markdown",
    ),
)
@click.argument("notebook")
@environment_option
@click.option("--markdown", is_flag=True, help="As Markdown, instead of plain text.")
@click.option("--owner", default="", help="Only what this one answers for.")
def digest(notebook: str, environment: str, *, markdown: bool, owner: str) -> None:
    """Print what the newest run of a notebook says, in fifteen lines, to send on.

    Where the newest run failed there is nothing to send: an older digest would look like news.
    """
    from opslib.digest import digest_findings
    from opslib.present.digest import lines_as_markdown, lines_as_text
    from opslib.runner.catalog import find_notebook
    from opslib.runner.history import find_newest
    from opslib.runner.project import find_project

    found = find_notebook(notebook)
    newest = find_newest(find_project(Path.cwd()).reports, found.name, environment)
    own = newest.folder / "exports" / ("digest.md" if markdown else "digest.txt")
    if own.is_file() and not owner:
        click.echo(visible(own.read_text(encoding="utf-8")), nl=False)
        return
    assert newest.findings is not None
    if owner:
        _check_owner(owner, newest.findings, newest.manifest.parameters.get("owners", []))
    lines = digest_findings(newest.findings, owner)
    click.echo(lines_as_markdown(lines) if markdown else lines_as_text(lines), nl=False)


def _check_owner(owner: str, findings: FindingsDocument, rules: list[dict[str, str]]) -> None:
    """Refuse a name that nobody has: its digest would say that nothing was found.

    Raises:
        ParameterError: neither the owner map nor a finding names it.
    """
    from opslib.parameters.problems import nearest

    known = {rule["owner"] for rule in rules} | {one.owner for one in findings.findings} - {""}
    if owner not in known:
        raise ParameterError(
            f"no owner {owner!r}{nearest(owner, sorted(known))}",
            where="--owner",
            remedy=f"There are: {', '.join(sorted(known)) or 'none'}. See docs/comparing_runs.md",
        )
