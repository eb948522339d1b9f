"""Delivering a run, and telling of one that failed or never came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

from opslib.actions.delivery.courier import Courier, Delivered, Parcel
from opslib.actions.delivery.notes import LedgerNotes, Outcome
from opslib.aws.connection import Connection
from opslib.aws.ledger import Ledger
from opslib.cli import output
from opslib.cli.delivery_notes import RunNotes
from opslib.cli.sealing import open_sealer
from opslib.errors import OpsError, ParameterError
from opslib.evidence.files import ENVELOPE, MANIFEST
from opslib.parameters.base import NotebookParameters
from opslib.parameters.delivery import DeliveryParameters, DeliveryTarget, load_delivery
from opslib.present.announcement import Announcement, announce_failure, announce_report
from opslib.redaction import redact_text
from opslib.runner.archive import run_files
from opslib.runner.catalog import find_notebook
from opslib.runner.failure import ERROR_FILE, find_failed, read_error
from opslib.runner.history import PastRun, find_run
from opslib.runner.index import write_index
from opslib.runner.kernel import using_aws
from opslib.runner.project import Project

__all__ = ["Delivery", "open_delivery", "print_delivered"]

DELIVERED_FILES = ("findings.json", "report.html", ENVELOPE, MANIFEST)
"""What a bucket is sent of a report, in the order to put it: who sees the last one has all."""
FAILED_FILES = (ERROR_FILE, ENVELOPE, MANIFEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How one environment delivers.

    Args:
        project: where reports are.
        environment: its name.
        parameters: of its ``delivery.yaml``.
        aws: AWS variables that replace the ambient ones; None for the ambient ones.
    """

    project: Project
    environment: str
    parameters: DeliveryParameters
    aws: Mapping[str, str] | None = None

    def parcels(self, run: PastRun) -> list[tuple[DeliveryTarget, Parcel]]:
        """Return the targets that are told of a run, and what each is sent."""
        wanting = [each for each in self.parameters.targets if each.wants(run.manifest.notebook)]
        return [(target, self._parcel(run, target)) for target in wanting]

    def deliver(self, run: PastRun, *, again: bool = False) -> list[Delivered]:
        """Deliver a run to each target that was not sent it, and write the index anew.

        Raises:
            OpsError: what became of earlier deliveries cannot be told, or noted.
        """
        parcels = self.parcels(run)
        if not parcels:
            return []
        sealer = open_sealer(self.project, self.environment, self.aws)
        notes = RunNotes(run.folder, sealer.signer if sealer else None)
        with self._courier() as courier:
            done = list(courier.deliver(parcels, notes, again=again))
        write_index(self.project.reports)
        return done

    def deliver_after(self, folder: Path) -> tuple[str, ...]:
        """Deliver a run that has just ended; return a line for each target that has not got it.

        Whatever comes of it fails nothing.
        """
        try:
            done = self.deliver(find_run(folder))
        except (OpsError, OSError) as error:
            return (redact_text(f"not delivered: {error}"),)
        print_delivered(each for each in done if each.is_sent)
        return tuple(_line(each) for each in done if not each.is_sent)

    def announce_failed(self, notebook: str, started: datetime) -> tuple[str, ...]:
        """Tell of a run that has just failed; return a line for each that could not be told."""
        kept = find_failed(self.project.reports, notebook, self.environment, started)
        return () if kept is None else self.deliver_after(kept)

    def announce(
        self, notebook: str, announcement: Announcement, notes: Path, period: str
    ) -> list[Delivered]:
        """Send a message that is of no run to each target of messages, once a period.

        Args:
            notebook: which one it is about.
            announcement: the message.
            notes: folder where it is noted.
            period: what it is told once for.
        """
        parcels = [
            (target, self._message(announcement, target, f"{notebook} {period}"))
            for target in self.parameters.targets
            if target.takes_messages and target.wants(notebook)
        ]
        if not parcels:
            return []
        with self._courier() as courier:
            return list(courier.deliver(parcels, LedgerNotes(notes)))

    def _parcel(self, run: PastRun, target: DeliveryTarget) -> Parcel:
        manifest = (run.folder / MANIFEST).read_bytes()
        identity = hashlib.sha256(manifest).hexdigest()
        if not target.takes_messages:
            return Parcel(identity=identity, files=dict(_files(run, self.project.reports)))
        return self._message(self._announcement(run, target), target, identity)

    def _message(self, announcement: Announcement, target: DeliveryTarget, of: str) -> Parcel:
        key = f"{self.environment} {of} {target.name}"
        return Parcel(
            identity=hashlib.sha256(key.encode()).hexdigest(),
            subject=announcement.subject,
            text=announcement.text,
        )

    def _announcement(self, run: PastRun, target: DeliveryTarget) -> Announcement:
        if run.findings is None:
            return _failure(run, self.project)
        return announce_report(
            run.findings,
            link=self._link(run, target),
            owner=target.owner,
            at_least=target.min_severity,
        )

    def _link(self, run: PastRun, target: DeliveryTarget) -> str:
        base = self.parameters.link_of(target)
        report = run.folder / "report.html"
        if not base:
            return self.project.relative(report)
        return f"{base}/{quote(report.relative_to(self.project.reports).as_posix())}"

    @contextmanager
    def _courier(self) -> Iterator[Courier]:
        ledger = Ledger()

        @cache
        def connect(region: str) -> Connection:
            parameters = NotebookParameters(
                environment=self.environment,
                as_of=datetime.now(UTC),
                profile=self.parameters.profile,
                region=region or self.parameters.region,
            )
            return Connection(parameters, ledger)

        with using_aws(self.aws):
            yield Courier(connect=connect, clock=lambda: datetime.now(UTC))


def open_delivery(
    project: Project, environment: str, aws: Mapping[str, str] | None = None
) -> Delivery:
    """Return how an environment delivers, as its ``delivery.yaml`` says; without one, to nobody.

    Raises:
        ParameterError: it says what cannot be.
    """
    file = project.parameters_file(environment, "delivery")
    parameters = load_delivery(file)
    for name in (name for target in parameters.targets for name in target.notebooks):
        try:
            find_notebook(name)
        except ParameterError as error:
            raise ParameterError(error.what, where=str(file), remedy=error.remedy) from None
    return Delivery(project=project, environment=environment, parameters=parameters, aws=aws)


def print_delivered(done: Iterable[Delivered]) -> None:
    """Write a line for each target."""
    for each in done:
        output.tell(f"  {_line(each)}")


def _line(done: Delivered) -> str:
    if done.is_sent:
        return f"delivered to {done.target.name}{' before' if done.before else ''}"
    said = "not known whether delivered" if done.outcome is Outcome.UNKNOWN else "not delivered"
    return redact_text(f"{said} to {done.target.name}: {done.detail}")


def _failure(run: PastRun, project: Project) -> Announcement:
    error = read_error(run.folder)
    return announce_failure(
        run.manifest.notebook,
        run.manifest.environment,
        begun=f"{run.manifest.started_at:%Y-%m-%d %H:%M} UTC",
        what=error.what or run.error,
        where=error.where,
        remedy=error.remedy,
        kept=project.relative(run.folder),
    )


def _files(run: PastRun, reports: Path) -> Iterator[tuple[str, Path]]:
    """Give what a bucket is sent of a run, by its path below the folder of all reports."""
    names = FAILED_FILES if run.findings is None else DELIVERED_FILES
    if run.findings is not None:
        yield from (each for each in run_files(run) if each[1].parent == reports / "assets")
    for path in (run.folder / name for name in names):
        if path.is_file():
            yield path.relative_to(reports).as_posix(), path
