"""Connections, targets and notes for the tests of deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from opslib.actions.delivery.attempts import Patience
from opslib.actions.delivery.courier import Courier, Delivered, Parcel
from opslib.actions.delivery.notes import LedgerNotes
from opslib.aws.connection import Connection
from opslib.aws.ledger import Ledger
from opslib.parameters.base import NotebookParameters
from opslib.parameters.delivery import DeliveryTarget

BUCKET = "acme-reports"
ARN = "arn:aws:sns:us-east-1:123456789012:opslib-reports"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def connection(ledger: Ledger, region: str = "us-east-1") -> Connection:
    parameters = NotebookParameters(environment="test", as_of=NOON, region=region or "us-east-1")
    return Connection(parameters, ledger)


def courier(ledger: Ledger, at: datetime = NOON) -> Courier:
    """Return a courier that waits for nothing: its budget is used up by the first failure."""
    return Courier(
        connect=lambda region: connection(ledger, region),
        clock=lambda: at,
        patience=Patience(seconds=0),
    )


def archive() -> DeliveryTarget:
    return DeliveryTarget(name="archive", s3=f"s3://{BUCKET}/opslib")


def topic(arn: str = ARN) -> DeliveryTarget:
    return DeliveryTarget(name="finance", sns=arn)


def chat(reference: str = "env:SLACK_URL") -> DeliveryTarget:
    return DeliveryTarget(name="chat", slack=reference)


def parcel(folder: Path) -> Parcel:
    """Return a parcel with a message and two files."""
    report, manifest = folder / "report.html", folder / "run.json"
    report.write_text("<p>Fine.</p>")
    manifest.write_text("{}")
    return Parcel(
        identity="ab12",
        subject="[test] tiny: fine",
        text="tiny in test: fine.\nReport: x\n",
        files={"tiny/report.html": report, "tiny/run.json": manifest},
    )


def deliver(
    where: Courier, target: DeliveryTarget, folder: Path, *, again: bool = False
) -> Delivered:
    """Deliver the parcel of ``folder`` to one target, with the notes that are there."""
    notes = LedgerNotes(folder / "notes")
    (done,) = where.deliver([(target, parcel(folder))], notes, again=again)
    return done
