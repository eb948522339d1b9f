"""Commands about notebooks: list, describe, init, run, run-all, replay and doctor."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import click

from opslib.cli import output
from opslib.cli.options import (
    environment_option,
    examples,
    json_option,
    parameter_options,
    run_options,
    sandbox_options,
)
from opslib.cli.sandbox_commands import aws_variables
from opslib.errors import OpsError, ParameterError

__all__ = ["describe", "doctor", "init", "list_notebooks", "replay", "run", "run_all"]

WORST_FIRST = (4, 3, 2, 1, 5, 0)


@click.command(name="list", epilog=examples("opslib list"))
def list_notebooks() -> None:
    """List the notebooks by the question that each answers."""
    from opslib.runner.catalog import CATALOG

    width = max(len(notebook.name) for notebook in CATALOG)
    for notebook in CATALOG:
        click.echo(f"{notebook.name:{width}}  {notebook.question}")


@click.command(
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


@click.command(
    short_help="Write the files of an environment.", epilog=examples("opslib init -e prod")
)
@environment_option
def init(environment: str) -> None:
    """Write parameter files and IAM policies for a new environment; nothing is overwritten."""
    from opslib.parameters.delivery import DELIVERY_TEMPLATE
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
    delivery = DELIVERY_TEMPLATE.format(environment=environment)
    texts[project.parameters_file(environment, "delivery")] = delivery
    existing = [project.relative(path) for path in texts if path.exists()]
    if existing:
        raise ParameterError(
            "it exists already", where=", ".join(existing), remedy="Edit it, or remove it first."
        )
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(project.relative(path))


@click.command(
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
    deliver: bool,
    scenario: str | None,
    seed: int | None,
    **options: Any,
) -> int:
    """Run a notebook and publish its report; print where the report is."""
    from opslib.cli.runs import build_request, run_request

    request = build_request(notebook, environment, **options)
    with aws_variables(environment, scenario, seed) as aws:
        finished = run_request(request, aws, deliver=deliver)
    click.echo(json.dumps(output.describe_result(finished)) if as_json else finished.folder)
    return finished.exit_code


@click.command(
    name="run-all",
    short_help="Run every notebook of an environment.",
    epilog=examples("opslib run-all -e prod --fail-on high", "opslib run-all -e prod --jobs 1"),
)
@environment_option
@run_options
@json_option
@sandbox_options
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Most runs at once; as many as there are cores by default.",
)
def run_all(
    environment: str,
    *,
    as_json: bool,
    deliver: bool,
    scenario: str | None,
    seed: int | None,
    jobs: int | None,
    **options: Any,
) -> int:
    """Run the notebooks that parameters/ENVIRONMENT holds, several at once.

    A run that fails does not end the others. Exit code: the worst in the order 4, 3, 2, 1, 5, 0.
    """
    from opslib.cli.run_all import run_requests
    from opslib.cli.run_board import RunBoard, print_summary
    from opslib.cli.run_order import choose_notebooks, order_requests, usable_cores
    from opslib.cli.runs import build_request
    from opslib.runner.project import find_project

    chosen = choose_notebooks(find_project(Path.cwd()), environment)
    results: dict[str, dict[str, Any]] = {}
    requests = []
    for notebook in chosen:
        try:
            requests.append(build_request(notebook.name, environment, **options))
        except OpsError as error:
            failed = {"exit_code": error.exit_code, "error": str(error)}
            results[notebook.name] = {"notebook": notebook.name, **failed}
    if requests:
        ordered = order_requests(requests)
        board = RunBoard([one.notebook.name for one in ordered], time.monotonic)
        with aws_variables(environment, scenario, seed) as aws:
            most = jobs or usable_cores()
            ended = run_requests(ordered, aws, jobs=most, board=board, deliver=deliver)
        results.update(ended)
    told = [results[notebook.name] for notebook in chosen]
    print_summary(told)
    if as_json:
        click.echo(json.dumps(told))
    else:
        click.echo("\n".join(result["report"] for result in told if "report" in result))
    codes: list[int] = [result["exit_code"] for result in told]
    return min(codes, key=_rank)


def _rank(code: int) -> int:
    """Return the place of an exit code, the worst first; one of no known meaning is a failure."""
    return WORST_FIRST.index(code if code in WORST_FIRST else 3)


@click.command(
    short_help="Run a report again from its evidence.",
    epilog=examples("opslib replay reports/2026-03-02/prod/cost_analysis-060000Z"),
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@json_option
def replay(folder: Path, *, as_json: bool) -> int:
    """Run a report's notebook again from its evidence alone, and compare what it says.

    Findings, tables, exports, figures and texts are compared with the recorded ones, and the files
    of the run with the hashes of its manifest. Exit codes: 0 equal; 3 not equal, or the notebook
    failed; 2 there is no such run, or it has no evidence.
    """
    from opslib.cli.runs import replay_folder

    result = replay_folder(folder)
    output.print_replay(result, as_json=as_json)
    return 0 if result.is_equal else 3


@click.command(
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
    from opslib.cli.runs import build_request
    from opslib.runner.catalog import read_iam_actions
    from opslib.runner.kernel import using_aws

    request = build_request(notebook, environment, **options)
    actions = read_iam_actions(request.project.policy_file(request.notebook.name))
    with aws_variables(environment, scenario, seed) as aws, using_aws(aws):
        checks = examine(request.parameters, actions)
    output.print_checks(checks)
    return 4 if any(check.ok is False for check in checks) else 0
