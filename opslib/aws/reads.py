"""The context of a run's reads: one explicit thing that gives every reader the same.

A reader hands `Reads.read` what it asks for and how to fetch it; the context looks into the
evidence first, turns refusals into coverage, redacts secrets and keeps what came back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa

from opslib.aws.connection import Connection
from opslib.aws.ledger import Ledger
from opslib.coverage import Coverage, CoverageStatus, status_of_error
from opslib.errors import CredentialsError, NoCredentials, NotFound, ReadError, Unreachable
from opslib.progress import tell_passing
from opslib.redaction import redact_frame
from opslib.run_folder import RunFolder
from opslib.tables.evidence import Evidence, StoredRead
from opslib.tables.schema import check_table
from opslib.wording import count

if TYPE_CHECKING:
    from opslib.parameters.base import Account, NotebookParameters

__all__ = ["Fetched", "ReadRequest", "Reads", "open_reads"]

MOST_THREADS = 8
FATAL = (CredentialsError, Unreachable)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """What a reader asks for.

    Args:
        table: name of the table, for coverage and evidence.
        asked: what is asked for, in words.
        schema: what the table promises; a refused read leaves an empty one.
        account: account label, or empty.
        region: region, or empty for a global service.
        arguments: everything that the answer depends on; part of the read's identity.
        required: raise a refusal instead of noting it.
        afresh: ask again though it was read before, unless this is a replay: it costs nothing,
            and people alter it between two cells.
    """

    table: str
    asked: str
    schema: pa.DataFrameSchema
    account: str = ""
    region: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    required: bool = False
    afresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came back: the frame, its coverage, and facts to keep beside it (plain values).

    ``detail`` says what is missing, ``remedy`` what to do about that.
    """

    frame: pd.DataFrame
    status: CoverageStatus = CoverageStatus.COMPLETE
    detail: str = ""
    remedy: str = ""
    notes: dict[str, Any] = field(default_factory=dict)


class Reads:
    """Everything that the readers of one run share.

    Args:
        parameters: which accounts, and how to reach them.
        run: where evidence goes and whether this is a replay.
        max_paid_requests: cap on requests that AWS charges for.
        offline: the main input is local, so that a run without any credentials goes on and
            notes what it could not ask.
    """

    def __init__(
        self,
        parameters: NotebookParameters,
        run: RunFolder,
        *,
        max_paid_requests: int | None = None,
        offline: bool = False,
    ) -> None:
        self.parameters = parameters
        self.run = run
        self.ledger = (
            Ledger.recorded(run.ledger)
            if run.replay
            else Ledger(max_paid_requests=max_paid_requests)
        )
        self._coverage: list[Coverage] = []
        self._offline = offline
        self._evidence = Evidence(run.evidence)
        self._connection: Connection | None = None

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """Return the coverage so far, in an order that does not depend on threads."""
        return tuple(sorted(self._coverage, key=lambda c: (c.table, c.account, c.region, c.asked)))

    @property
    def masks_personal_data(self) -> bool:
        """Say whether personal data in log lines and messages is masked: unless told otherwise."""
        return bool(getattr(self.parameters, "mask_personal_data", True))

    @property
    def connection(self) -> Connection:
        """Return the way to AWS, made when it is first needed.

        Raises:
            ReadError: a replay asks for something that was not recorded.
        """
        if self.run.replay:
            raise NotFound(
                "the recorded run did not read this",
                where=str(self.run.evidence),
                remedy="Replay with the version of opslib named in its run.json.",
            )
        if self._connection is None:
            self._connection = Connection(self.parameters, self.ledger)
        return self._connection

    def read(self, request: ReadRequest, fetch: Callable[[], Fetched]) -> Fetched:
        """Return what ``request`` asks for: recorded if it was read before, else by ``fetch``.

        A refusal (denied, throttled, not found, failed, cap reached) becomes coverage and an
        empty frame; what failed is asked for again when a run is resumed.

        Raises:
            CredentialsError, Unreachable: nothing else would work either.
            ReadError: any refusal of a required read.
            TableError: what came back is not what the table promises.
        """
        arguments, key = _arguments(request), self._key(request)
        stored = self._evidence.find(key)
        asked_again = request.afresh or (stored is not None and _failed(stored))
        if stored is not None and (self.run.replay or not asked_again):
            return self._recall(stored)
        named = " ".join(filter(None, [request.table, request.account, request.region]))
        tell_passing(f"reading {named}")
        fetched, line = self._ask(request, fetch)
        self._evidence.keep(
            key, StoredRead(frame=fetched.frame, coverage=(line,), notes=fetched.notes), arguments
        )
        self._save_ledger()
        done = count(len(self._coverage) + 1, "read")
        tell_passing(f"{done} done, the last: {named}")
        # What the run goes on with is what a replay will find, to the last trailing zero.
        return self._recall(self._evidence.read(key))

    @staticmethod
    def _key(request: ReadRequest) -> str:
        return Evidence.key(request.table, _arguments(request))

    def holds(self, request: ReadRequest) -> bool:
        """Say whether the run has recorded what ``request`` asks for."""
        return self._evidence.find(self._key(request)) is not None

    def _recall(self, stored: StoredRead) -> Fetched:
        self._coverage.extend(stored.coverage)
        line = stored.coverage[0]
        return Fetched(
            frame=stored.frame,
            status=line.status,
            detail=line.detail,
            remedy=line.remedy,
            notes=stored.notes,
        )

    def _ask(self, request: ReadRequest, fetch: Callable[[], Fetched]) -> tuple[Fetched, Coverage]:
        line = Coverage(
            table=request.table,
            account=request.account,
            region=request.region,
            asked=request.asked,
            status=CoverageStatus.COMPLETE,
        )
        try:
            fetched = fetch()
        except ReadError as error:
            tolerated = self._offline and isinstance(error, NoCredentials)
            if request.required or (isinstance(error, FATAL) and not tolerated):
                raise
            status = status_of_error(error)
            empty = Fetched(
                frame=pd.DataFrame(columns=list(request.schema.columns)),
                status=status,
                detail=error.what,
            )
            detail = f"{error.what} [{error.where}]" if error.where else error.what
            return empty, replace(line, status=status, detail=detail, remedy=error.remedy)
        checked = check_table(redact_frame(fetched.frame), request.schema, request.table)
        fetched = replace(fetched, frame=checked)
        rows = len(fetched.frame)
        told = replace(line, status=fetched.status, detail=fetched.detail, remedy=fetched.remedy)
        return fetched, replace(told, rows=rows)

    def note(self, line: Coverage) -> None:
        """Add a line of coverage that no single read stands for."""
        self._coverage.append(line)

    def fan_out(
        self, read: Callable[[Account | None], Fetched]
    ) -> list[tuple[Account | None, Fetched]]:
        """Call ``read`` for every account of the parameters, a bounded number at once.

        Returns them in the order of the parameters; with no account listed, the one that the
        credentials belong to is read as None.
        """
        accounts: list[Account | None] = list(self.parameters.accounts) or [None]
        with ThreadPoolExecutor(max_workers=min(MOST_THREADS, len(accounts))) as pool:
            return list(zip(accounts, pool.map(read, accounts), strict=True))

    def fan_out_regions(self, read: Callable[[Account | None, str], Fetched]) -> list[Fetched]:
        """Call ``read`` for every region of every account, a bounded number at once.

        An account without regions is read in the parameters' one. The order is theirs.
        """
        accounts: list[Account | None] = list(self.parameters.accounts) or [None]
        places = [
            (account, region)
            for account in accounts
            for region in ((account.regions if account else ()) or (self.parameters.region,))
        ]
        with ThreadPoolExecutor(max_workers=min(MOST_THREADS, len(places))) as pool:
            return list(pool.map(lambda place: read(*place), places))

    def narrowed(self, account: Account | None, region: str) -> Reads:
        """Return the same context for readers that ask all accounts and regions: of one place.

        Coverage, evidence, ledger and connection are shared.
        """
        place = (account.model_copy(update={"regions": (region,)}),) if account else ()
        narrowed = copy(self)
        narrowed.parameters = self.parameters.model_copy(
            update={"accounts": place, "region": region}
        )
        return narrowed

    def _save_ledger(self) -> None:
        text = json.dumps(self.ledger.as_rows(), indent=1)
        self.run.ledger.write_text(text, encoding="utf-8")


def _arguments(request: ReadRequest) -> dict[str, Any]:
    return {"account": request.account, "region": request.region, **request.arguments}


def _failed(stored: StoredRead) -> bool:
    retried: Iterable[CoverageStatus] = (
        CoverageStatus.DENIED,
        CoverageStatus.THROTTLED,
        CoverageStatus.FAILED,
        CoverageStatus.TRUNCATED,
        CoverageStatus.NOT_ASKED,
    )
    return any(line.status in retried for line in stored.coverage)


def open_reads(parameters: NotebookParameters) -> Reads:
    """Return the read context of the current run.

    Args:
        parameters: the notebook's; ``max_requests``, where it has one, caps paid requests, and
            ``is_local`` tells that its main input is local.
    """
    return Reads(
        parameters,
        RunFolder.current(),
        max_paid_requests=getattr(parameters, "max_requests", None),
        offline=getattr(parameters, "is_local", False),
    )
