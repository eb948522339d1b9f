"""Delivering one thing to the targets of an environment, each of them once.

What each kind of target can promise, also where a process is killed between sending and noting, or
the answer is lost:

- S3: the objects are there once, since they are put over nothing; the delivery is made again.
- A FIFO topic: one message, since it is sent again within five minutes only.
- A standard topic and a webhook: at most one message. Where it may have arrived, it is not sent
  again, and that this is not known is told until somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from opslib.actions.delivery.attempts import Patience, Unsure, send_patiently
from opslib.actions.delivery.notes import DeliveryNotes, Note, Outcome, held_folder
from opslib.actions.delivery.report_files import ReportFiles
from opslib.actions.delivery.topic import DEDUPLICATION_SECONDS, Topic, is_fifo
from opslib.actions.delivery.webhook import Webhook
from opslib.aws.connection import Connection
from opslib.errors import OpsError
from opslib.parameters.delivery import DeliveryTarget

__all__ = ["Courier", "Delivered", "Parcel"]

LOST = "a process ended before it could note what became of it"
SAFE_SECONDS = DEDUPLICATION_SECONDS - 120
"""How old a doubtful attempt may be that is repeated: the last repetition comes a minute later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one target is sent.

    Args:
        identity: of what is told, the same for every attempt, letters and digits.
        subject, text: of a message.
        files: path below the prefix of a bucket, to where each file is; in the order to put them.
    """

    identity: str
    subject: str = ""
    text: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of a delivery.

    Args:
        target: to which it went.
        outcome: sent, failed or unknown.
        detail: why, where it was not sent.
        before: it was sent by an earlier delivery, and nothing was done.
    """

    target: DeliveryTarget
    outcome: Outcome
    detail: str = ""
    before: bool = False

    @property
    def is_sent(self) -> bool:
        """Say whether it arrived, now or before."""
        return self.outcome is Outcome.SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Sends parcels.

    Args:
        connect: returns the way to AWS in a region; in the parameters' one where empty.
        clock: this moment, aware UTC.
        patience: how long one target is tried.
    """

    connect: Callable[[str], Connection]
    clock: Callable[[], datetime]
    patience: Patience = field(default_factory=Patience)

    def deliver(
        self,
        parcels: Sequence[tuple[DeliveryTarget, Parcel]],
        notes: DeliveryNotes,
        *,
        again: bool = False,
    ) -> Iterator[Delivered]:
        """Deliver to each target what it was not sent yet.

        A target that fails keeps no other from its delivery.

        Args:
            parcels: targets, and what each is sent.
            notes: of earlier deliveries.
            again: send also where it may have arrived already.
        """
        with held_folder(notes.folder):
            for target, parcel in parcels:
                yield self._deliver(target, parcel, notes, again=again)

    def _deliver(
        self, target: DeliveryTarget, parcel: Parcel, notes: DeliveryNotes, *, again: bool
    ) -> Delivered:
        try:
            told = notes.read(target)
            if told and told[-1].outcome is Outcome.SENT:
                return Delivered(target=target, outcome=Outcome.SENT, before=True)
            if not again and self._may_have_arrived(target, told):
                return self._leave(target, told[-1], notes)
            notes.write(target, self._note(Outcome.BEGUN))
        except OpsError as error:
            return Delivered(target=target, outcome=Outcome.FAILED, detail=str(error))
        outcome, detail = self._send(target, parcel)
        notes.write(target, self._note(outcome, detail))
        return Delivered(target=target, outcome=outcome, detail=detail)

    def _may_have_arrived(self, target: DeliveryTarget, told: Sequence[Note]) -> bool:
        """Say whether an attempt that nobody knows the end of forbids another one."""
        doubtful = _doubtful(told)
        if not doubtful or target.s3:
            return False
        age = self.clock() - doubtful[0].at
        return not (is_fifo(target.address) and age < timedelta(seconds=SAFE_SECONDS))

    def _leave(self, target: DeliveryTarget, last: Note, notes: DeliveryNotes) -> Delivered:
        detail = last.detail or f"{LOST}, begun {last.at:%Y-%m-%d %H:%M:%S} UTC"
        if last.outcome is Outcome.BEGUN:
            notes.write(target, self._note(Outcome.UNKNOWN, detail))
        return Delivered(target=target, outcome=Outcome.UNKNOWN, detail=detail)

    def _note(self, outcome: Outcome, detail: str = "") -> Note:
        return Note(outcome=outcome, at=self.clock(), detail=detail)

    def _send(self, target: DeliveryTarget, parcel: Parcel) -> tuple[Outcome, str]:
        try:
            send_patiently(
                self._sender(target, parcel),
                repeatable=bool(target.s3) or is_fifo(target.address),
                patience=self.patience,
            )
        except Unsure as error:
            return Outcome.UNKNOWN, str(error)
        except OpsError as error:
            return Outcome.FAILED, str(error)
        return Outcome.SENT, ""

    def _sender(self, target: DeliveryTarget, parcel: Parcel) -> Callable[[], None]:
        if target.s3:
            files = ReportFiles(self.connect(""), target.s3)
            return lambda: files.send(parcel.files)
        if target.sns:
            topic = Topic(self.connect(target.sns.split(":")[3]), target.sns)
            return lambda: topic.send(parcel.subject, parcel.text, parcel.identity)
        assert target.slack is not None
        webhook = Webhook(self.connect(_region_of(target.slack)).secret(target.slack), target.name)
        return lambda: webhook.send(parcel.subject, parcel.text)


def _region_of(reference: str) -> str:
    """Return the region that a secret lies in; empty where its reference does not tell."""
    return reference.split(":")[4] if reference.startswith("secretsmanager:") else ""


def _doubtful(told: Sequence[Note]) -> list[Note]:
    """Return the notes since the last that tells that nothing arrived."""
    ends = [place for place, note in enumerate(told) if note.outcome is Outcome.FAILED]
    return list(told[ends[-1] + 1 if ends else 0 :])
