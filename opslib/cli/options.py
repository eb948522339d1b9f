"""The options that several commands of ``opslib`` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = [
    "environment_option",
    "examples",
    "json_option",
    "parameter_options",
    "run_options",
    "sandbox_options",
]

Command = Callable[..., Any]

SEVERITIES = ("info", "low", "medium", "high", "critical")
SCENARIOS = ("steady", "troubled", "denied", "empty")


def examples(*lines: str) -> str:
    r"""Return the end of a command's help; ``\b`` keeps click from wrapping it."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def environment_option(command: Command) -> Command:
    """Add ``-e``."""
    return click.option(
        "-e", "--environment", required=True, help="Name of the folder under parameters/."
    )(command)


def json_option(command: Command) -> Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(
        command
    )


def parameter_options(command: Command) -> Command:
    """Add ``-p`` and ``-f``."""
    file = click.option(
        "-f",
        "file",
        type=click.Path(path_type=Path),
        help="Parameter file, instead of parameters/ENVIRONMENT/NOTEBOOK.yaml.",
    )
    override = click.option(
        "-p",
        "overrides",
        multiple=True,
        metavar="NAME=VALUE",
        help="Set a parameter; the value is YAML. It wins over the file.",
    )
    return override(file(command))


def sandbox_options(command: Command) -> Command:
    """Add ``--scenario`` and ``--seed``."""
    scenario = click.option(
        "--scenario", type=click.Choice(SCENARIOS), help="What the sandbox account tells."
    )
    seed = click.option("--seed", type=int, help="Where in it, when and how much.")
    return scenario(seed(command))


def run_options(command: Command) -> Command:
    """Add what a run can be told, apart from its parameters."""
    added = (
        click.option(
            "--deliver/--no-deliver",
            default=True,
            show_default=True,
            help="Send the report to the targets of parameters/ENVIRONMENT/delivery.yaml.",
        ),
        click.option(
            "--timeout",
            type=click.IntRange(min=1),
            default=3600,
            show_default=True,
            help="Seconds that a notebook may take.",
        ),
        click.option(
            "--cell-timeout",
            type=click.IntRange(min=1),
            default=900,
            show_default=True,
            help="Seconds that one cell may take.",
        ),
        click.option(
            "--assets",
            type=click.Choice(["inline", "shared"]),
            default="inline",
            show_default=True,
            help="Put plotly.js into each report, or once beside all of them.",
        ),
        click.option(
            "--strict/--no-strict",
            default=None,
            help="Exit 1 if an answer failed, 5 if one is inconclusive; a drill is strict anyway.",
        ),
        click.option(
            "--fail-on",
            type=click.Choice(SEVERITIES),
            help="Exit 1 on findings of this severity or above.",
        ),
    )
    for option in added:
        command = option(command)
    return command
