"""Commands that give a report away: export and publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opslib.cli.options import examples
from opslib.errors import EvidenceError, ParameterError

if TYPE_CHECKING:
    from opslib.runner.history import PastRun

__all__ = ["export", "publish"]

RUN = "reports/2026-03-02/prod/cost_analysis-060000Z"


@click.command(
    short_help="Make a PDF or a zip of a report.",
    epilog=examples(f"opslib export {RUN} --pdf", f"opslib export {RUN} --zip -o binder.zip"),
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--pdf", "as_pdf", is_flag=True, help="The report on A4, by Chromium.")
@click.option("--zip", "as_zip", is_flag=True, help="All files, with how to verify them.")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What to write; NOTEBOOK-ENVIRONMENT-TIME.pdf or .zip where it is left out.",
)
def export(folder: Path, *, as_pdf: bool, as_zip: bool, file: Path | None) -> None:
    """Make a PDF of a report, or a zip of its run with a README for an auditor.

    Nothing is overwritten. Exit codes: 0 written; 2 there is no such report, or FILE is there
    already; 3 the run is not what its manifest says, or there is no Chromium to print with.
    """
    from opslib.runner.archive import write_archive
    from opslib.runner.pdf import print_report

    if as_pdf == as_zip:
        said = "one file is made at a time" if as_pdf else "nothing to make"
        raise ParameterError(said, where="export", remedy="Say --pdf or --zip.")
    kind = "pdf" if as_pdf else "zip"
    if file is not None and file.suffix.lower() in {".pdf", ".zip"} - {f".{kind}"}:
        raise ParameterError(
            f"a {kind.upper()} by the name of another kind",
            where=str(file),
            remedy=f"Name a .{kind}.",
        )
    run = whole_run(folder)
    target = file or Path(f"{_name(run)}.{kind}")
    if target.exists():
        raise ParameterError(
            "it exists already", where=str(target), remedy="Name another file with -o."
        )
    if not target.absolute().parent.is_dir():
        raise ParameterError(
            "there is no such folder", where=str(target.parent), remedy="Make it first."
        )
    write = {"pdf": print_report, "zip": write_archive}[kind]
    write(run, target)
    click.echo(target)


@click.command(
    short_help="Put a report into a locked bucket.",
    epilog=examples(
        f"opslib publish {RUN} --bucket s3://acme-evidence/reports --mode governance "
        "--retain-days 400",
        f"opslib publish {RUN} --bucket s3://acme-evidence/reports --mode compliance "
        "--retain-days 2557 --write",
    ),
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--bucket", "target", required=True, metavar="s3://BUCKET/PREFIX", help="Where to.")
@click.option(
    "--mode",
    type=click.Choice(["governance", "compliance"]),
    required=True,
    help="Compliance: nobody can delete it before its time, the account's root neither.",
)
@click.option(
    "--retain-days",
    type=click.IntRange(1, 36500),
    required=True,
    help="Days from the start of the run on that it is locked.",
)
@click.option("--kms-key", default="", help="Key that encrypts; without, as the bucket does.")
@click.option("--write", is_flag=True, help="Publish; without, the bucket is looked at only.")
def publish(folder: Path, *, target: str, write: bool, **options: Any) -> None:
    """Put a run, and what was said of it later, into a bucket with Object Lock.

    Credentials, profile and region are those of the run's parameters. Each object is verified by
    its checksum as S3 tells it; the last one lists all, and without it the run is not published.
    Publishing again does nothing, or goes on. Exit codes: 0 published, or fit to be; 2 no such
    report, or the bucket is not fit; 3 the run or an object is not what it was; 4 AWS refuses.
    """
    from opslib.cli.publication import publish_run

    place = publish_run(whole_run(folder), target, write=write, **options)
    if place:
        click.echo(place)


def whole_run(folder: Path) -> PastRun:
    """Return a published run whose files are as its manifest lists them.

    Raises:
        ParameterError: there is none, or it failed.
        EvidenceError: files were changed, added or removed.
    """
    from opslib.evidence.manifest import changed_files
    from opslib.runner.history import find_run

    run = find_run(folder.resolve())
    if run.manifest.status != "published":
        raise ParameterError(
            "the run failed, so it has no report", where=str(folder), remedy="Name another run."
        )
    changed = changed_files(run.folder, run.manifest)
    if changed:
        others = f", and {len(changed) - 3} more" if changed[3:] else ""
        raise EvidenceError(
            f"changed since the run: {', '.join(changed[:3])}{others}",
            where=str(folder),
            remedy="Restore the files, or name another run.",
        )
    return run


def _name(run: PastRun) -> str:
    manifest = run.manifest
    return f"{manifest.notebook}-{manifest.environment}-{manifest.started_at:%Y%m%dT%H%M%SZ}"
