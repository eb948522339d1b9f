"""Commands about the data that drills restore: baseline, heartbeat and drill."""

from __future__ import annotations

from typing import Any

import click

from opslib.cli import output
from opslib.cli.options import (
    environment_option,
    examples,
    json_option,
    parameter_options,
    sandbox_options,
)
from opslib.cli.sandbox_commands import aws_variables

__all__ = ["baseline", "drill", "heartbeat"]


@click.group(
    short_help="Keep a source's state, to hold restores against.",
    epilog=examples("opslib baseline capture -e prod baselines/orders-2026-03-02"),
)
def baseline() -> None:
    """The state of a database, or of stores beside it, which later restores are held against."""


@baseline.command(
    name="capture",
    short_help="Read a source, and keep its state.",
    epilog=examples(
        "opslib baseline capture -e prod baselines/orders-2026-03-02",
        "opslib baseline capture -e prod --algorithm text baselines/before-upgrade",
        "opslib baseline capture -e prod 's3://acme-baselines/orders/{time}'",
        "opslib baseline capture -e prod 's3://acme-baselines/orders/{time}' --write",
        "opslib baseline capture -e prod 's3://acme-baselines/{store}/{time}' --store all --write",
    ),
)
@click.argument("target")
@environment_option
@parameter_options
@sandbox_options
@click.option(
    "--store",
    "stores",
    multiple=True,
    metavar="NAME",
    help="A table, bucket or folder of parameter copies, in place of the database; again for "
    "more, or all.",
)
@click.option(
    "--write",
    is_flag=True,
    help="Write to S3; without, all is read and the bucket looked at, and nothing is written.",
)
@click.option(
    "--algorithm",
    type=click.Choice(["record", "text"]),
    default="record",
    show_default=True,
    help="text where restores may go to another major version of PostgreSQL.",
)
def capture_baseline(
    target: str, environment: str, *, scenario: str | None, seed: int | None, **options: Any
) -> int:
    """Read the source of dr_restore_validation, and keep its state in TARGET.

    TARGET is a folder, or s3://bucket/prefix, in which there is nothing yet. {time} in it stands
    for the moment in UTC (20260302T030000Z), {store} and {kind} for what is captured. A drill
    whose parameter baseline names what lies above {time} takes the newest one that fits.
    Nothing is ever overwritten or deleted; S3 is written to with --write only.
    """
    from opslib.cli.baseline import capture
    from opslib.runner.kernel import using_aws

    with aws_variables(environment, scenario, seed) as aws, using_aws(aws):
        written, code = capture(environment, target, **options)
    for place in written:
        click.echo(place)
    return code


@click.group(
    short_help="Have a source write down the time, so that a copy tells its age.",
    epilog=examples("opslib heartbeat sql | psql ...", "opslib heartbeat beat -e prod --every 60s"),
)
def heartbeat() -> None:
    """The heartbeat of a source database, by which the freshness of a restored copy is told."""


@heartbeat.command(name="sql", epilog=examples("opslib heartbeat sql | psql ..."))
def print_heartbeat_sql() -> None:
    """Print the statements that make the heartbeat's role, schema and table."""
    from opslib.databases.heartbeat_schema import HEARTBEAT_SQL

    click.echo(HEARTBEAT_SQL, nl=False)


@heartbeat.command(
    name="beat",
    epilog=examples("opslib heartbeat beat -e prod", "opslib heartbeat beat -e prod --every 60s"),
)
@environment_option
@parameter_options
@sandbox_options
@click.option("--every", metavar="INTERVAL", help="Go on, every 60s, 5m or 1h, until SIGTERM.")
@click.option(
    "--keep-days",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    help="Days that beats are kept: longer than the backups.",
)
def write_heartbeat(
    environment: str, *, scenario: str | None, seed: int | None, **options: Any
) -> int:
    """Write a beat to the source of dr_restore_validation, by the heartbeat's own role."""
    from opslib.cli.heartbeat import beat
    from opslib.runner.kernel import using_aws

    with aws_variables(environment, scenario, seed) as aws, using_aws(aws):
        click.echo(beat(environment, **options))
    return 0


@click.group(
    short_help="Delete what killed drills left behind.",
    epilog=examples("opslib drill sweep -e prod", "opslib drill sweep -e prod --delete"),
)
def drill() -> None:
    """What drills have made in AWS."""


@drill.command(
    name="sweep",
    epilog=examples(
        "opslib drill sweep -e prod",
        "opslib drill sweep -e prod --delete",
        "opslib drill sweep -e prod --run 20260302t060000z-3f9a2c --delete",
    ),
)
@environment_option
@parameter_options
@click.option("--run", default="", help="Id of a run: sweep it, whether it is over or not.")
@click.option("--delete", is_flag=True, help="Delete it; without, it is only shown.")
@json_option
def sweep_drills(environment: str, *, as_json: bool, **options: Any) -> int:
    """Find by tag and name what drills left in AWS, and delete what belongs to runs that are over.

    A run is over where its report or its remains are here, where what it made has expired, or
    where it is named. Nothing is deleted without --delete. Exit code 1 if anything is left.
    """
    from opslib.cli.sweep import sweep

    with aws_variables(environment, None, None) as aws:
        left = sweep(environment, aws=aws, **options)
    output.print_leftovers(left, as_json=as_json)
    return 1 if left else 0
