"""Commands about the sandbox, and a run's way into it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from opslib.cli import output
from opslib.cli.options import examples, sandbox_options
from opslib.errors import ParameterError
from opslib.local_sandbox import RunningSandbox

__all__ = ["aws_variables", "sandbox", "sandbox_up"]

SANDBOX = "sandbox"
DEFAULT_SCENARIO = "troubled"
DEFAULT_SEED = 1


@click.group(
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
        raise _up_already(running)
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
def aws_variables(
    environment: str, scenario: str | None, seed: int | None
) -> Iterator[Mapping[str, str] | None]:
    """Give the AWS variables of the sandbox, of one that is up or of one for this run."""
    chosen = _is_chosen(environment, scenario, seed)
    if environment != SANDBOX:
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


@contextmanager
def sandbox_up(environment: str, scenario: str | None, seed: int | None) -> Iterator[None]:
    """Have a sandbox up that every kernel finds: the one that is, or one for the block.

    Nothing is started where the environment is another; AWS variables stay as they are, so that
    other environments are read with a person's own credentials beside it.
    """
    from opslib.sandbox.process import clear_state, read_state, running_sandbox, write_state

    chosen = _is_chosen(environment, scenario, seed)
    running = read_state() if environment == SANDBOX else None
    if running is not None and chosen:
        raise _up_already(running)
    if running is not None or environment != SANDBOX:
        yield
        return
    output.tell("starting a sandbox")
    with running_sandbox(**_sandbox_choice(scenario, seed)) as started:
        write_state(started)
        try:
            yield
        finally:
            clear_state()


def _is_chosen(environment: str, scenario: str | None, seed: int | None) -> bool:
    """Say whether somebody chose what the sandbox tells; refuse it elsewhere."""
    chosen = scenario is not None or seed is not None
    if chosen and environment != SANDBOX:
        raise ParameterError(
            "--scenario and --seed belong to the sandbox", remedy="Use them with -e sandbox."
        )
    return chosen


def _up_already(running: RunningSandbox) -> ParameterError:
    return ParameterError(
        "a sandbox is up already",
        where=running.endpoint,
        remedy="End it first: opslib sandbox down",
    )


def _sandbox_choice(scenario: str | None, seed: int | None) -> dict[str, Any]:
    return {
        "scenario": scenario or DEFAULT_SCENARIO,
        "seed": DEFAULT_SEED if seed is None else seed,
    }
