"""``opslib prune``: delete the files of old runs, and keep what proves them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from opslib.cli import output
from opslib.cli.options import environment_option, examples
from opslib.errors import ParameterError
from opslib.wording import count, printable

if TYPE_CHECKING:
    from opslib.runner.project import Project

__all__ = ["prune"]


@click.command(
    short_help="Delete the files of old runs.",
    epilog=examples(
        "opslib prune -e prod --keep 13 --older-than 400",
        "opslib prune cost_analysis -e prod --keep 13 --older-than 400 --delete",
    ),
)
@click.argument("notebook", required=False)
@environment_option
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Newest runs that stay.")
@click.option(
    "--older-than", "days", type=click.IntRange(min=1), metavar="DAYS", help="Younger ones stay."
)
@click.option("--delete", is_flag=True, help="Delete; without, it is only said what would go.")
def prune(
    notebook: str | None, environment: str, *, keep: int | None, days: int | None, delete: bool
) -> None:
    """Delete the files of old runs of NOTEBOOK, or of all but drills; manifests stay.

    A run goes when it is both beyond the newest N and older than DAYS. The newest, held runs,
    drills, and what does not verify always stay. The signed manifest stays with a signed
    tombstone: the chain is whole, and verify says pruned.
    """
    from opslib.cli.sealing import open_sealer
    from opslib.evidence.head import Chain
    from opslib.evidence.retention import RetentionRule, plan_retention, prune_run
    from opslib.runner.catalog import CATALOG, find_notebook
    from opslib.runner.index import write_index
    from opslib.runner.project import find_project

    if keep is None and days is None:
        raise ParameterError(
            "prune needs a rule", where="--keep, --older-than", remedy="Give one of them, or both."
        )
    project = find_project(Path.cwd())
    _check_environment(project, environment)
    now = datetime.now(UTC).replace(microsecond=0)
    chosen = [find_notebook(notebook)] if notebook else list(CATALOG)
    drills = [each.name for each in chosen if each.never_pruned]
    if notebook and drills:
        raise ParameterError(f"the runs of {notebook} are never pruned: auditors ask for them")
    rule = RetentionRule(keep=keep or 1, older_than=timedelta(days=days) if days else None)
    sealer = open_sealer(project, environment)
    gone = 0
    for each in chosen:
        if each.never_pruned:
            continue
        chain = Chain(environment=environment, notebook=each.name)
        for run in plan_retention(project.reports, chain, rule, now, sealer):
            what = f"{project.relative(run.folder)}  {count(run.files, 'file')}, {run.size:,} bytes"
            if run.kept:
                output.tell(f"stays       {what}: {run.kept}")
                continue
            if delete:
                prune_run(run, rule, now, sealer)
            click.echo(printable(f"{'deleted' if delete else 'would go':10}  {what}", 2000))
            gone += 1
    if delete and gone:
        write_index(project.reports)
    elif gone:
        output.tell("nothing was deleted; --delete does it")


def _check_environment(project: Project, environment: str) -> None:
    """Tell an environment that nothing is known of: nothing to prune would look like done."""
    known = any(
        folder.is_dir()
        for folder in (
            project.root / "parameters" / environment,
            *project.reports.glob(f"*/{environment}"),
        )
    )
    if not known:
        raise ParameterError(
            "there is no such environment",
            where=f"parameters/{environment}",
            remedy="Name one of parameters/ by -e.",
        )
