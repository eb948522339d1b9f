"""Commands about the way of reports to people: deliver and late."""

from __future__ import annotations

import json
from pathlib import Path

import click

from opslib.cli import output
from opslib.cli.options import environment_option, examples, json_option
from opslib.errors import ParameterError
from opslib.wording import printable, visible

__all__ = ["deliver", "late"]

RUN = "reports/2026-03-02/prod/cost_analysis-060000Z"
LONGEST = 600


@click.command(
    short_help="Send a report to the targets of its environment.",
    epilog=examples(f"opslib deliver {RUN} --dry-run", f"opslib deliver {RUN}"),
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Print what would be sent; send nothing.")
@click.option("--again", is_flag=True, help="Send also where it may have arrived already.")
def deliver(folder: Path, *, dry_run: bool, again: bool) -> int:
    """Send a report, or that a run failed, to each target that was not sent it yet.

    The targets are those of parameters/ENVIRONMENT/delivery.yaml. Exit codes: 0 all have it; 4 one
    has not, or nobody knows; 2 there is no such run, or no target.
    """
    from opslib.cli.delivery import open_delivery, print_delivered
    from opslib.cli.sandbox_commands import aws_variables
    from opslib.runner.history import find_run
    from opslib.runner.project import find_project

    run = find_run(folder.resolve())
    project, environment = find_project(Path.cwd()), run.manifest.environment
    if not run.folder.is_relative_to(project.reports):
        raise ParameterError(
            "the run does not lie among the reports of this project",
            where=str(folder),
            remedy="Change into its project, or set OPSLIB_PROJECT.",
        )
    if run.pruned:
        raise ParameterError(f"{run.error}: there is nothing to send", where=str(folder))
    planned = open_delivery(project, environment)
    parcels = planned.parcels(run)
    if not parcels:
        raise ParameterError(
            f"no target wants reports of {run.manifest.notebook}",
            where=project.relative(project.parameters_file(environment, "delivery")),
            remedy="Name one; docs/delivery.md shows how.",
        )
    if dry_run:
        for target, parcel in parcels:
            click.echo(f"to {target.name}: {target.address}")
            text = "\n".join(parcel.files) or f"{parcel.subject}\n\n{parcel.text}"
            click.echo(visible(text))
        return 0
    with aws_variables(environment, None, None) as aws:
        done = open_delivery(project, environment, aws).deliver(run, again=again)
    print_delivered(done)
    return 0 if all(each.is_sent for each in done) else 4


@click.command(
    short_help="Tell which reports did not arrive.",
    epilog=examples(
        "opslib late -e prod --within 26h", "opslib late -e prod --within 8d --announce"
    ),
)
@environment_option
@click.option(
    "--within", required=True, metavar="INTERVAL", help="How old a report may be: 26h, 8d."
)
@click.option(
    "--announce", is_flag=True, help="Tell the targets of the environment, once a period."
)
@json_option
def late(environment: str, *, within: str, announce: bool, as_json: bool) -> int:
    """Tell of each notebook of an environment whether its report arrived in time.

    Due is what parameters/ENVIRONMENT/ holds a file for. Exit codes: 0 all arrived; 1 one is late,
    failed or never came; 4 so it is, and not all could be told.
    """
    from opslib.cli.intervals import DAY, parse_interval
    from opslib.cli.lateness import announce_late, describe_arrival, find_arrivals
    from opslib.cli.sandbox_commands import aws_variables
    from opslib.runner.project import find_project

    project = find_project(Path.cwd())
    seconds = parse_interval(within, option="--within", units="mhd", longest=400 * DAY)
    arrivals = find_arrivals(project, environment, seconds)
    told = [describe_arrival(each) for each in arrivals]
    if as_json:
        click.echo(json.dumps(told))
    else:
        for line in told:
            last = f"last report {line['last_report']}" if line["last_report"] else "no report yet"
            text = f"{line['standing']:8} {line['notebook']}  {last}  {line['error']}".rstrip()
            click.echo(printable(text, LONGEST))
    missing = any(each.period for each in arrivals)
    if not (missing and announce):
        return 1 if missing else 0
    with aws_variables(environment, None, None) as aws:
        heard = announce_late(project, environment, arrivals, within, aws)
    if not heard:
        output.tell("not everybody could be told; the next announcement tries again")
    return 1 if heard else 4
