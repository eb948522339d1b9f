"""``opslib late``: which reports did not arrive, told to those who wait for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opslib.cli import output
from opslib.cli.delivery import Delivery, open_delivery, print_delivered
from opslib.cli.run_order import choose_notebooks
from opslib.cli.sealing import sealing_of
from opslib.errors import OpsError, ParameterError
from opslib.present.announcement import announce_absence
from opslib.redaction import redact_text
from opslib.runner.failure import sweep_abandoned
from opslib.runner.history import read_runs
from opslib.runner.lateness import Arrival, Standing, find_arrival
from opslib.runner.project import Project

__all__ = ["announce_late", "describe_arrival", "find_arrivals"]

NOTES = ".late"


def find_arrivals(project: Project, environment: str, seconds: int) -> list[Arrival]:
    """Return whether the report of each notebook of an environment arrived in time.

    Args:
        project: where reports are.
        environment: name of the folder under parameters/; each notebook that has a file is due.
        seconds: how long ago its run may have begun.

    Raises:
        ParameterError: the environment has no notebook.
    """
    due = [notebook.name for notebook in choose_notebooks(project, environment)]
    sweep_abandoned(project.reports, sealing_of(project))
    runs, now, within = read_runs(project.reports), datetime.now(UTC), timedelta(seconds=seconds)
    return [find_arrival(runs, name, environment, within=within, now=now) for name in due]


def announce_late(
    project: Project,
    environment: str,
    arrivals: Sequence[Arrival],
    allowed: str,
    aws: Mapping[str, str] | None,
) -> bool:
    """Tell the environment's targets of what is missing, once a period; say whether all heard.

    Raises:
        ParameterError: the environment names no target of messages.
    """
    delivery = open_delivery(project, environment, aws)
    if not any(target.takes_messages for target in delivery.parameters.targets):
        raise ParameterError(
            "there is nobody to announce it to",
            where=project.relative(project.parameters_file(environment, "delivery")),
            remedy="Name a target with sns or slack; docs/delivery.md shows how.",
        )
    missing = [each for each in arrivals if each.standing is not Standing.IN_TIME]
    heard = [_announce(delivery, each, allowed) for each in missing]
    return all(heard)


def _announce(delivery: Delivery, arrival: Arrival, allowed: str) -> bool:
    try:
        if arrival.standing is Standing.FAILED and arrival.newest is not None:
            done = delivery.deliver(arrival.newest)
        else:
            message = announce_absence(
                arrival.notebook, delivery.environment, allowed=allowed, last=_last(arrival)
            )
            notes = _notes_folder(delivery, arrival)
            done = delivery.announce(arrival.notebook, message, notes, arrival.period)
    except (OpsError, OSError) as error:
        output.tell(redact_text(f"  not announced: {arrival.notebook}: {error}"))
        return False
    output.tell(f"{arrival.notebook} is announced:")
    print_delivered(done)
    return all(each.is_sent for each in done)


def _notes_folder(delivery: Delivery, arrival: Arrival) -> Path:
    late = delivery.project.reports / NOTES
    return late / delivery.environment / arrival.notebook / arrival.period


def describe_arrival(arrival: Arrival) -> dict[str, Any]:
    """Return what ``--json`` prints of a notebook."""
    newest = arrival.newest
    return {
        "notebook": arrival.notebook,
        "standing": arrival.standing.value,
        "last_report": _last(arrival),
        "error": newest.error if newest is not None and newest.findings is None else "",
    }


def _last(arrival: Arrival) -> str:
    if arrival.report is None:
        return ""
    return f"{arrival.report.manifest.started_at:%Y-%m-%d %H:%M} UTC"
