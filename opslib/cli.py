"""The command line: ``opslib``.

Exit codes: 0 fine; 1 findings at or above --fail-on, or --strict and a conclusion failed; 2 bad
parameters; 3 the notebook failed; 4 AWS access; 5 --strict and a conclusion is inconclusive; 130
interrupted.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

import opslib
from opslib import cli_output as output
from opslib.cli_options import (
    environment_option,
    examples,
    json_option,
    parameter_options,
    run_options,
    sandbox_options,
)
from opslib.errors import OpsError, ParameterError

__all__ = ["main"]

INTERRUPTED = 130
WORST_FIRST = (4, 3, 2, 1, 5, 0)
SANDBOX = "sandbox"
DEFAULT_SCENARIO = "troubled"
DEFAULT_SEED = 1


def main() -> None:
    """Run ``opslib``; an error that a person can act on ends as one line."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = commands.main(standalone_mode=False)
    except OpsError as error:
        output.show_error(error)
        code = error.exit_code
    except click.Abort as error:
        output.show_interrupt(error.__cause__)
        code = INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except Exception:  # noqa: BLE001  shown whole; Python's own exit code 1 would mean findings
        traceback.print_exc()
        code = 3
    sys.exit(code)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@click.group(
    name="opslib",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("opslib list", "opslib run cost_analysis -e sandbox"),
)
@click.version_option(opslib.__version__, prog_name="opslib")
def commands() -> None:
    """Operations notebooks for AWS, run into dated reports."""


@commands.command(name="list", epilog=examples("opslib list"))
def list_notebooks() -> None:
    """List the notebooks by the question that each answers."""
    from opslib.runner.catalog import CATALOG

    width = max(len(notebook.name) for notebook in CATALOG)
    for notebook in CATALOG:
        click.echo(f"{notebook.name:{width}}  {notebook.question}")


@commands.command(
    short_help="Show a notebook's parameters.", epilog=examples("opslib describe cost_analysis")
)
@click.argument("notebook")
def describe(notebook: str) -> None:
    """Show a notebook's question, its parameters and the IAM actions that it needs."""
    from opslib.parameters.describe import describe_parameters
    from opslib.runner.catalog import find_notebook, read_iam_actions
    from opslib.runner.project import find_project

    found = find_notebook(notebook)
    click.echo(f"{found.name}: {found.question}\n")
    click.echo(describe_parameters(found.parameters))
    actions = read_iam_actions(find_project(Path.cwd()).policy_file(found.name))
    click.echo(f"\nIAM actions: {', '.join(actions)}")


@commands.command(
    short_help="Write the files of an environment.", epilog=examples("opslib init -e prod")
)
@environment_option
def init(environment: str) -> None:
    """Write parameter files and IAM policies for a new environment; nothing is overwritten."""
    from opslib.parameters.describe import write_parameter_template
    from opslib.runner.catalog import CATALOG
    from opslib.runner.project import find_project

    project = find_project(Path.cwd())
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", environment):
        raise ParameterError(
            f"{environment!r} is no name", where="-e", remedy="Use small letters, digits, - and _."
        )
    texts = {}
    for notebook in CATALOG:
        file = project.parameters_file(environment, notebook.name)
        texts[file] = write_parameter_template(notebook.parameters, environment)
        policy = project.policy_file(notebook.name).read_text(encoding="utf-8")
        texts[file.with_name(f"{notebook.name}.iam.json")] = policy
    existing = [project.relative(path) for path in texts if path.exists()]
    if existing:
        raise ParameterError(
            "it exists already", where=", ".join(existing), remedy="Edit it, or remove it first."
        )
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(project.relative(path))


@commands.command(
    short_help="Run a notebook and publish its report.",
    epilog=examples(
        "opslib run cost_analysis -e sandbox --scenario troubled --seed 7",
        "opslib run cost_analysis -e prod -p period=month --fail-on high",
        "opslib run cost_analysis -e prod --resume reports/.failed/2026-03-02/prod/...",
    ),
)
@click.argument("notebook")
@environment_option
@parameter_options
@run_options
@json_option
@sandbox_options
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Folder of a failed run: what it had read is not asked for again.",
)
def run(
    notebook: str,
    environment: str,
    *,
    as_json: bool,
    scenario: str | None,
    seed: int | None,
    **options: Any,
) -> int:
    """Run a notebook and publish its report; print where the report is."""
    from opslib.cli_run import build_request, run_request

    request = build_request(notebook, environment, **options)
    with _aws_variables(environment, scenario, seed) as aws:
        finished = run_request(request, aws)
    click.echo(json.dumps(output.describe_result(finished)) if as_json else finished.folder)
    return finished.manifest.exit_code or 0


@commands.command(
    name="run-all",
    short_help="Run every notebook.",
    epilog=examples("opslib run-all -e prod --fail-on high"),
)
@environment_option
@run_options
@json_option
@sandbox_options
def run_all(
    environment: str, *, as_json: bool, scenario: str | None, seed: int | None, **options: Any
) -> int:
    """Run every notebook in an environment; exit with the worst code: 4, 3, 2, 1, 5, 0."""
    from opslib.cli_run import build_request, run_request
    from opslib.runner.catalog import CATALOG

    results: list[dict[str, Any]] = []
    with _aws_variables(environment, scenario, seed) as aws:
        for notebook in CATALOG:
            try:
                request = build_request(notebook.name, environment, **options)
                finished = run_request(request, aws)
            except OpsError as error:
                output.show_error(error)
                failed = {"exit_code": error.exit_code, "error": str(error)}
                results.append({"notebook": notebook.name, **failed})
            else:
                results.append(output.describe_result(finished))
    if as_json:
        click.echo(json.dumps(results))
    else:
        click.echo("\n".join(result["report"] for result in results if "report" in result))
    codes: list[int] = [result["exit_code"] for result in results]
    return min(codes, key=WORST_FIRST.index)


@commands.command(
    short_help="Run a report again from its evidence.",
    epilog=examples("opslib replay reports/2026-03-02/prod/cost_analysis-060000Z"),
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@json_option
def replay(folder: Path, *, as_json: bool) -> int:
    """Run a report's notebook again from its evidence alone; exit 3 if it says anything else."""
    from opslib.cli_run import replay_folder

    result = replay_folder(folder)
    output.print_replay(result, as_json=as_json)
    return 0 if result.is_equal else 3


@commands.command(
    short_help="Look at access and permissions.",
    epilog=examples("opslib doctor cost_analysis -e prod"),
)
@click.argument("notebook")
@environment_option
@parameter_options
@sandbox_options
def doctor(
    notebook: str, environment: str, *, scenario: str | None, seed: int | None, **options: Any
) -> int:
    """Look at identity, region, and which of a notebook's IAM actions are missing."""
    from opslib.aws.doctor import examine
    from opslib.cli_run import build_request
    from opslib.runner.catalog import read_iam_actions
    from opslib.runner.kernel import aws_environ

    request = build_request(notebook, environment, **options)
    actions = read_iam_actions(request.project.policy_file(request.notebook.name))
    with _aws_variables(environment, scenario, seed) as aws:
        if aws is not None:
            chosen = aws_environ(os.environ, aws)
            os.environ.clear()
            os.environ.update(chosen)
        checks = examine(request.parameters, actions)
    output.print_checks(checks)
    return 4 if any(check.ok is False for check in checks) else 0


@commands.group(
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
    from opslib.cli_baseline import capture
    from opslib.runner.kernel import aws_environ

    with _aws_variables(environment, scenario, seed) as aws:
        if aws is not None:
            chosen = aws_environ(os.environ, aws)
            os.environ.clear()
            os.environ.update(chosen)
        written, code = capture(environment, target, **options)
    for place in written:
        click.echo(place)
    return code


@commands.group(
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
    from opslib.cli_heartbeat import beat
    from opslib.runner.kernel import aws_environ

    with _aws_variables(environment, scenario, seed) as aws:
        if aws is not None:
            chosen = aws_environ(os.environ, aws)
            os.environ.clear()
            os.environ.update(chosen)
        click.echo(beat(environment, **options))
    return 0


@commands.group(
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
    from opslib.cli_sweep import sweep

    with _aws_variables(environment, None, None) as aws:
        left = sweep(environment, aws=aws, **options)
    output.print_leftovers(left, as_json=as_json)
    return 1 if left else 0


@commands.group(
    short_help="Start and end the AWS account on this machine.",
    epilog=examples('eval "$(opslib sandbox up)"', "opslib sandbox down"),
)
def sandbox() -> None:
    """An AWS account on this machine, for trying everything out."""


@sandbox.command(epilog=examples('eval "$(opslib sandbox up --scenario troubled --seed 7)"'))
@sandbox_options
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="On 127.0.0.1; 0 is any free one."
)
def up(scenario: str | None, seed: int | None, port: int) -> None:
    """Start the sandbox and print the variables by which AWS tools reach it."""
    from opslib.sandbox.process import read_state, start_sandbox, write_state

    running = read_state()
    if running is not None:
        raise ParameterError(
            "a sandbox is up already",
            where=running.endpoint,
            remedy="End it first: opslib sandbox down",
        )
    started = start_sandbox(**_sandbox_choice(scenario, seed), port=port, with_parent=False)
    write_state(started)
    output.tell(f"sandbox {started.scenario}, seed {started.seed}, at {started.endpoint}")
    for name, value in started.environ.items():
        click.echo(f"export {name}={shlex.quote(value)}")


@sandbox.command(epilog=examples("opslib sandbox status"))
def status() -> int:
    """Say whether a sandbox is up, and which; exit 3 if none is."""
    from opslib.sandbox.process import read_state

    running = read_state()
    if running is None:
        click.echo("no sandbox is up")
        return 3
    click.echo(f"{running.scenario}, seed {running.seed}, at {running.endpoint}")
    return 0


@sandbox.command(epilog=examples("opslib sandbox down"))
def down() -> None:
    """End the sandbox."""
    from opslib.sandbox.process import clear_state, read_state, stop_sandbox

    running = read_state()
    if running is None:
        clear_state()
        output.tell("no sandbox is up")
        return
    stop_sandbox(running)
    clear_state()
    output.tell(f"ended the sandbox at {running.endpoint}")


@contextmanager
def _aws_variables(
    environment: str, scenario: str | None, seed: int | None
) -> Iterator[Mapping[str, str] | None]:
    """Give the AWS variables of the sandbox, of one that is up or of one for this run."""
    chosen = scenario is not None or seed is not None
    if environment != SANDBOX:
        if chosen:
            raise ParameterError(
                "--scenario and --seed belong to the sandbox", remedy="Use them with -e sandbox."
            )
        yield None
        return
    from opslib.sandbox.process import read_state, running_sandbox

    running = None if chosen else read_state()
    if running is not None:
        output.tell(f"in the sandbox at {running.endpoint}")
        yield running.environ
        return
    output.tell("starting a sandbox for this run")
    with running_sandbox(**_sandbox_choice(scenario, seed)) as started:
        yield started.environ


def _sandbox_choice(scenario: str | None, seed: int | None) -> dict[str, Any]:
    return {
        "scenario": scenario or DEFAULT_SCENARIO,
        "seed": DEFAULT_SEED if seed is None else seed,
    }
