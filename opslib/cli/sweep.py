"""``opslib drill sweep``: find what killed drills left behind, and delete it when told to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opslib.actions.action_ledger import ActionLedger
from opslib.actions.changes import Changes
from opslib.actions.drill_run import NAME_PREFIX, DrillRun, run_named
from opslib.actions.made_things import MadeThing, list_things
from opslib.actions.restore_jobs import unfinished_targets
from opslib.actions.teardown import TeardownLimits, tear_down
from opslib.aws.connection import Connection
from opslib.aws.ledger import Ledger
from opslib.cli import output
from opslib.cli.drill import TEARDOWN_SECONDS
from opslib.cli.runs import build_request
from opslib.cli.sealing import sealing_of
from opslib.errors import ParameterError
from opslib.parameters.dr import DrParameters
from opslib.runner.failure import sweep_abandoned
from opslib.runner.history import read_runs
from opslib.runner.kernel import using_aws
from opslib.runner.project import Project

__all__ = ["Leftover", "sweep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """One thing that a drill left behind.

    Args:
        kind, identifier: which one; kind ``restore job`` for one that is still to be made.
        run: the id of the run that made it.
        because: why it may be deleted, or why it may not; for people.
        deletable: whether its run is over for sure.
    """

    kind: str
    identifier: str
    run: str
    because: str
    deletable: bool


def sweep(
    environment: str,
    *,
    aws: Mapping[str, str] | None,
    run: str = "",
    delete: bool = False,
    **options: Any,
) -> list[Leftover]:
    """Find what is left of drills, delete it if told to, and return what is there afterwards.

    Args:
        environment: name of the folder under parameters/, which says where drills restore.
        aws: AWS variables that replace the ambient ones.
        run: sweep this one, whether it is over or not.
        delete: delete what is left of runs that are over; otherwise nothing is changed.
        options: overrides and file, as the command line takes them.

    Raises:
        ParameterError: ``run`` is no id of a run, or a parameter is wrong.
        ReadError: AWS refuses to tell what is there.
    """
    request = build_request(DrParameters.notebook, environment, **options)
    parameters = request.parameters
    assert isinstance(parameters, DrParameters)
    if run:
        DrillRun(id=run)
    with using_aws(aws):
        connection = Connection(parameters, Ledger())
        found = _find(connection, parameters, _ended_runs(request.project), run)
        if not delete:
            return found
        for each in sorted({leftover.run for leftover in found if leftover.deletable}):
            _delete(connection, parameters, request.project, each)
        return _find(connection, parameters, _ended_runs(request.project), run)


def _ended_runs(project: Project) -> set[str]:
    """Return the runs that are known here to be over, killed ones included."""
    sweep_abandoned(project.reports, sealing_of(project))
    return {past.manifest.run_id for past in read_runs(project.reports)} - {""}


def _find(
    connection: Connection, parameters: DrParameters, ended: Collection[str], run: str
) -> list[Leftover]:
    def clients(service: str) -> Any:
        return connection.client(service, account=parameters.account)

    things = [thing for thing in list_things(clients) if run in {"", thing.run}]
    made = {thing.identifier for thing in things}
    found = [_leftover(thing, ended, run) for thing in things]
    for target in unfinished_targets(clients, NAME_PREFIX):
        if target not in made and run in {"", run_named(target)}:
            over = run_named(target) in ended or bool(run)
            found.append(
                Leftover(
                    kind="restore job",
                    identifier=target,
                    run=run_named(target),
                    because="it still runs, and cannot be cancelled",
                    deletable=over,
                )
            )
    return found


def _leftover(thing: MadeThing, ended: Collection[str], run: str) -> Leftover:
    expires = thing.expires_at
    expired = expires is not None and expires <= datetime.now(UTC)
    because = {
        thing.run == run: "its run was named",
        expired: "it has expired",
        thing.run in ended: "its run is over",
    }.get(True, f"its run may be going on; it expires {expires or 'never: no tag says when'}")
    return Leftover(
        kind=thing.kind,
        identifier=thing.identifier,
        run=thing.run,
        because=because,
        deletable=thing.run in ended or expired or thing.run == run,
    )


def _delete(connection: Connection, parameters: DrParameters, project: Project, run: str) -> None:
    try:
        drill = DrillRun(id=run)
    except ParameterError:
        output.tell(f"  left alone: the tag {run!r} is no id of a run")
        return
    folder = project.reports / ".sweeps" / run
    folder.mkdir(parents=True, exist_ok=True)
    changes = Changes(
        connection, parameters.account, parameters.region, drill, ActionLedger(folder)
    )
    limits = TeardownLimits(seconds=TEARDOWN_SECONDS, poll_seconds=parameters.poll_seconds)
    tear_down(changes, limits, lambda line: output.tell(f"  {line}"))
