"""The command line: ``opslib``.

Exit codes: 0 fine; 1 findings at or above --fail-on, or --strict and a conclusion failed; 2 bad
parameters; 3 the notebook failed; 4 AWS access; 5 --strict and a conclusion is inconclusive; 130
interrupted.
"""

from __future__ import annotations

import signal
import sys
import traceback
from typing import NoReturn

import click

import opslib
from opslib.cli import (
    delivery_commands,
    digest_commands,
    drill_commands,
    evidence_commands,
    export_commands,
    lab_commands,
    notebook_commands,
    output,
    prune_commands,
    sandbox_commands,
)
from opslib.cli.options import examples
from opslib.errors import OpsError

__all__ = ["main"]

INTERRUPTED = 130


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


for command in (
    notebook_commands.list_notebooks,
    notebook_commands.describe,
    notebook_commands.init,
    notebook_commands.run,
    notebook_commands.run_all,
    notebook_commands.replay,
    export_commands.export,
    export_commands.publish,
    digest_commands.digest,
    delivery_commands.deliver,
    delivery_commands.late,
    notebook_commands.doctor,
    drill_commands.baseline,
    drill_commands.heartbeat,
    drill_commands.drill,
    lab_commands.open_notebook,
    lab_commands.lab,
    sandbox_commands.sandbox,
    evidence_commands.keygen,
    evidence_commands.verify,
    evidence_commands.signoff,
    evidence_commands.hold,
    evidence_commands.release,
    prune_commands.prune,
):
    commands.add_command(command)
