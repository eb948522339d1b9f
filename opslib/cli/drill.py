"""The command line's part of a drill: its teardown, however the notebook ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opslib.actions.action_ledger import ActionLedger
from opslib.actions.changes import Changes
from opslib.actions.drill_run import DrillRun
from opslib.actions.made_things import MadeThing
from opslib.actions.teardown import TeardownLimits, tear_down
from opslib.analysis.dr.action_summary import ActionSummary, summarise_actions
from opslib.aws.connection import Connection
from opslib.aws.ledger import Ledger
from opslib.cli import output
from opslib.errors import OpsError
from opslib.findings import Conclusion, Finding, Headline, Severity, Verdict
from opslib.parameters.dr import DrParameters
from opslib.present.dr.action_summary import describe_actions, warn_of_leftovers
from opslib.runner.kernel import using_aws
from opslib.runner.request import RunRequest
from opslib.runner.teardown import Teardown, TornDown
from opslib.wording import count, join

__all__ = ["teardown_of"]

QUESTION = "Is everything that the drill made gone again?"
TEARDOWN_SECONDS = 3600.0


def teardown_of(request: RunRequest) -> Teardown:
    """Return how to delete what a run makes; Ctrl-C does not stop it half-way."""
    parameters = request.parameters
    assert isinstance(parameters, DrParameters)

    def teardown(folder: Path) -> TornDown:
        ledger = ActionLedger(folder)
        error = ""
        if ledger.actions():
            output.tell("  deleting what the drill made")
            try:
                with using_aws(request.aws), _uninterrupted():
                    _tear_down(parameters, request.run_id, ledger)
            except OpsError as fault:
                error = str(fault)
                output.show_error(fault)
        return _torn_down(summarise_actions(ledger.actions()), parameters, request.run_id, error)

    return teardown


def _tear_down(parameters: DrParameters, run: str, ledger: ActionLedger) -> list[MadeThing]:
    changes = Changes(
        Connection(parameters, Ledger()),
        parameters.account,
        parameters.region,
        DrillRun(id=run, expires_hours=parameters.expires_hours),
        ledger,
    )
    limits = TeardownLimits(seconds=TEARDOWN_SECONDS, poll_seconds=parameters.poll_seconds)
    return tear_down(changes, limits, lambda line: output.tell(f"    {line}"))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let the first Ctrl-C say what is going on, and only the second one end it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def once(*_: object) -> None:
        output.tell("    still deleting; once more leaves it to: opslib drill sweep")
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, once) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _torn_down(summary: ActionSummary, parameters: DrParameters, run: str, error: str) -> TornDown:
    left = [thing.identifier for thing in summary.left]
    if not summary.things:
        sentence = "Nothing was made."
    elif left:
        sentence = f"No: {join(left)} could not be deleted."
    else:
        cost = "" if summary.usd is None else f"; it cost {summary.usd} USD"
        sentence = f"Yes: {count(len(summary.things), 'thing')} made and deleted again{cost}."
    return TornDown(
        conclusion=Conclusion(
            question=QUESTION,
            verdict=Verdict.FAIL if left else Verdict.PASS,
            sentence=sentence,
            because=(error,) if error else (),
        ),
        findings=tuple(_leftover(parameters, thing.identifier, run) for thing in summary.left),
        headlines=(
            Headline(name="drill_cost", label="Drill's cost", amount=summary.usd, unit="USD"),
        ),
        text=describe_actions(summary),
        warning=warn_of_leftovers(summary, run),
    )


def _leftover(parameters: DrParameters, identifier: str, run: str) -> Finding:
    return Finding(
        kind="dr.left_behind",
        subject={"Source": parameters.source, "Resource": identifier},
        severity=Severity.CRITICAL,
        sentence=f"{identifier} of this drill is still there, and costs money.",
        action=f"Delete it: opslib drill sweep -e {parameters.environment} --run {run} --delete.",
    )
