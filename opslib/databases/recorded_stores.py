"""Tables, buckets and folders read within a run: recorded, so that a replay needs none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from opslib.aws.baselines import fetch_store_baseline
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, ReadRequest
from opslib.coverage import CoverageStatus, status_of_error
from opslib.errors import ReadError
from opslib.tables.baseline import facts_of, parts_of, state_of
from opslib.tables.store_states import StoreState
from opslib.wording import count

__all__ = ["Recorder"]

Store = TypeVar("Store", bound=StoreState)
Loaded = tuple[Store, Sequence[ReadError]]


class Recorder:
    """Records the states that one validation reads, and what of them could not be read.

    Args:
        place: the run's context, account and region.
        subject: what is validated, such as ``table carts``; begins the names in coverage.
    """

    def __init__(self, place: Place, subject: str) -> None:
        self._place = place
        self._subject = subject
        self.unread: list[str] = []

    def record(
        self,
        label: str,
        kind: type[Store],
        read: Callable[[], Loaded[Store]],
        **arguments: Any,
    ) -> Store | None:
        """Return a state; None where it could not be read, of which ``unread`` then tells.

        Args:
            label: which side it is, and what of it, such as ``restored items``.
            kind: of the state.
            read: reads it, with the refusals of details, which leave the rest; not called where
                it was recorded.
            arguments: everything that the answer depends on.
        """
        ((name, schema),) = parts_of(kind).items()
        request = ReadRequest(
            table=f"{self._subject}: {label}",
            asked=f"{name} of {self._subject}",
            schema=schema,
            account=self._place.label,
            region=self._place.region,
            arguments=arguments,
        )

        def fetch() -> Fetched:
            state, errors = read()
            return Fetched(
                frame=getattr(state, name),
                status=status_of_error(errors[0]) if errors else CoverageStatus.COMPLETE,
                detail=f"{count(len(errors), 'detail')}: {errors[0].what}" if errors else "",
                notes=facts_of(state),
            )

        found = self._place.reads.read(request, fetch)
        if found.status.is_gap:
            self.unread.append(f"{label}: {found.status.words}, {found.detail}")
        return state_of(kind, found.notes, {name: found.frame}) if found.notes else None

    def recall(self, baseline: str, label: str, part: str, kind: type[Store]) -> Store | None:
        """Return a baseline within the run; None where it could not be read.

        Args:
            baseline: folder or ``s3://bucket/prefix``.
            label: what coverage calls it.
            part: folder within the baseline; '' for itself.
            kind: of the state that it must hold.
        """
        path = f"{baseline.rstrip('/')}/{part}" if part else baseline
        reads, account = self._place.reads, self._place.account
        return self.record(
            label, kind, lambda: (fetch_store_baseline(reads, account, path, kind), ()), path=path
        )
