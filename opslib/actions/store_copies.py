"""Tables, buckets and folders of a drill: tables restored by it, all read on both sides."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from opslib.actions.chosen_baselines import ChosenBaselines
from opslib.actions.database_restore import RestoreFailed
from opslib.actions.recorded_restore import changes_of, open_clock
from opslib.actions.stage_clock import RestoreTimedOut
from opslib.actions.table_restore import restore_table
from opslib.analysis.dr.baseline_choice import BaselineChoice
from opslib.analysis.dr.drill import ReadCopy
from opslib.aws.baselines import fetch_store_baseline
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.databases.file_copies import read_file_validation
from opslib.databases.object_copies import read_object_validation
from opslib.databases.table_copies import read_table_validation
from opslib.errors import NotFound, ReadError
from opslib.parameters.dr import DrParameters, Mode
from opslib.parameters.store_copies import StoreCopy, StoreKind
from opslib.tables.restores import RESTORE_STAGES
from opslib.tables.store_states import (
    FileCopyStates,
    ObjectCopyStates,
    TableCopyStates,
    TableItems,
)

__all__ = ["check_baselines", "read_copies"]


def read_copies(
    reads: Reads,
    parameters: DrParameters,
    until: datetime | None,
    baselines: ChosenBaselines,
    moment: datetime | None,
) -> tuple[ReadCopy, ...]:
    """Read every store of the parameters beside its copy, restoring tables that have none yet.

    Args:
        reads: the run's context.
        parameters: name the stores.
        until: the moment that tables are restored to; None for the latest.
        baselines: choose out of the series that the stores name.
        moment: that the database is restored to, which copies are of that do not tell another.
    """
    return tuple(
        _read(reads, parameters, copy, until, _Chooser(baselines, copy, moment, parameters.as_of))
        for copy in parameters.copies
    )


class _Chooser:
    """Chooses the baseline of one store by the moment that its copy is of."""

    def __init__(
        self,
        baselines: ChosenBaselines,
        copy: StoreCopy,
        moment: datetime | None,
        as_of: datetime,
    ) -> None:
        self._baselines = baselines
        self._copy = copy
        self._moment = as_of if copy.kind is StoreKind.REPLICA else copy.restored_to or moment
        self.choice: BaselineChoice | None = None

    def choose(self, told: datetime | None = None) -> str:
        """Return the baseline to take.

        Args:
            told: the moment that the copy says it is of.

        Raises:
            NotFound: none of the series can be taken.
        """
        self.choice = self._baselines.of_store(self._copy, told or self._moment)
        if self.choice is not None and not self.choice.path:
            raise NotFound(f"{self.choice.because} {self.choice.remedy}")
        return self.choice.path if self.choice else self._copy.baseline


def check_baselines(reads: Reads, parameters: DrParameters, baselines: ChosenBaselines) -> None:
    """Load the baseline of every table that the drill would restore, before it does.

    Raises:
        ParameterError: there is none, or one of something else.
        ReadError: it cannot be read, or there is none in a series.
    """
    for copy in parameters.copies:
        if copy.kind is not StoreKind.TABLE or baselines.is_series(copy):
            continue
        if not reads.run.replay:
            items = f"{copy.baseline.rstrip('/')}/items"
            fetch_store_baseline(reads, parameters.account, items, TableItems)


def _read(
    reads: Reads,
    parameters: DrParameters,
    copy: StoreCopy,
    until: datetime | None,
    chooser: _Chooser,
) -> ReadCopy:
    restored, message = copy.restored, ""
    if not restored and parameters.mode is Mode.RESTORE:
        restored, message = _record_table(reads, parameters, copy, until)
    if not restored:
        return ReadCopy(copy=copy, states=None, message=message or "nothing was restored")
    try:
        states = _read_states(reads, parameters, copy, restored, chooser)
    except NotFound as error:
        return ReadCopy(copy=copy, states=None, message=error.what, baseline=chooser.choice)
    return ReadCopy(copy=copy, states=states, baseline=chooser.choice)


def _read_states(
    reads: Reads, parameters: DrParameters, copy: StoreCopy, restored: str, chooser: _Chooser
) -> TableCopyStates | FileCopyStates | ObjectCopyStates:
    region, account = parameters.region, parameters.account
    there = copy.restored_region
    if copy.kind is StoreKind.TABLE:
        named = (reads, account, region, copy.source, restored, chooser.choose)
        return read_table_validation(*named, restored_region=there)
    if copy.kind is StoreKind.FOLDER:
        source, target = Path(copy.source).expanduser(), Path(restored).expanduser()
        return read_file_validation(reads, account, source, target, chooser.choose())
    buckets = (reads, account, region, copy.source, restored, chooser.choose())
    return read_object_validation(*buckets, copy_region=there, moment=copy.restored_to)


def _record_table(
    reads: Reads, parameters: DrParameters, copy: StoreCopy, until: datetime | None
) -> tuple[str, str]:
    """Restore a table within the run; return its name and, where there is none, why."""
    request = ReadRequest(
        table=f"restore: table {copy.source}",
        asked=copy.backup or "to a point in time",
        schema=RESTORE_STAGES,
        arguments={"table": copy.source},
    )

    def fetch() -> Fetched:
        clock = open_clock(parameters)
        name, message = "", ""
        try:
            name = restore_table(changes_of(reads, parameters), copy, until, clock)
        except (RestoreFailed, RestoreTimedOut, ReadError) as error:
            message = str(error)
        rows = [(stage, *ends) for stage, ends in clock.stages.items()]
        return Fetched(
            frame=pd.DataFrame(rows, columns=list(RESTORE_STAGES.columns)),
            status=CoverageStatus.COMPLETE if name else CoverageStatus.FAILED,
            detail=message,
            notes={"name": name, "message": message},
        )

    found = reads.read(request, fetch)
    return found.notes["name"], found.notes["message"]
