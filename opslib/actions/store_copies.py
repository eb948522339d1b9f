"""Tables, buckets and folders of a drill: tables restored by it, all read on both sides."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from opslib.actions.database_restore import RestoreFailed
from opslib.actions.recorded_restore import changes_of, open_clock
from opslib.actions.stage_clock import RestoreTimedOut
from opslib.actions.table_restore import restore_table
from opslib.analysis.dr.drill import ReadCopy
from opslib.aws.baselines import fetch_store_baseline
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.databases.file_copies import read_file_validation
from opslib.databases.object_copies import read_object_validation
from opslib.databases.table_copies import read_table_validation
from opslib.errors import ReadError
from opslib.parameters.dr import DrParameters, Mode
from opslib.parameters.store_copies import StoreCopy, StoreKind
from opslib.tables.restores import RESTORE_STAGES
from opslib.tables.store_states import TableItems

__all__ = ["check_baselines", "read_copies"]


def read_copies(
    reads: Reads, parameters: DrParameters, until: datetime | None
) -> tuple[ReadCopy, ...]:
    """Read every store of the parameters beside its copy, restoring tables that have none yet.

    Args:
        reads: the run's context.
        parameters: name the stores.
        until: the moment that tables are restored to; None for the latest.
    """
    return tuple(_read(reads, parameters, copy, until) for copy in parameters.copies)


def check_baselines(reads: Reads, parameters: DrParameters) -> None:
    """Load the baseline of every table that the drill would restore, before it does.

    Raises:
        ParameterError: there is none, or one of something else.
        ReadError: it cannot be read.
    """
    for copy in parameters.copies:
        if copy.kind is StoreKind.TABLE and not reads.run.replay:
            items = f"{copy.baseline.rstrip('/')}/items"
            fetch_store_baseline(reads, parameters.account, items, TableItems)


def _read(
    reads: Reads, parameters: DrParameters, copy: StoreCopy, until: datetime | None
) -> ReadCopy:
    restored, message = copy.restored, ""
    if not restored and parameters.mode is Mode.RESTORE:
        restored, message = _record_table(reads, parameters, copy, until)
    if not restored:
        return ReadCopy(copy=copy, states=None, message=message or "nothing was restored")
    region, account = parameters.region, parameters.account
    there = copy.restored_region
    if copy.kind is StoreKind.TABLE:
        named = (reads, account, region, copy.source, restored, copy.baseline)
        return ReadCopy(copy=copy, states=read_table_validation(*named, restored_region=there))
    if copy.kind is StoreKind.FOLDER:
        source, target = Path(copy.source).expanduser(), Path(restored).expanduser()
        files = read_file_validation(reads, account, source, target, copy.baseline)
        return ReadCopy(copy=copy, states=files)
    buckets = (reads, account, region, copy.source, restored, copy.baseline)
    return ReadCopy(copy=copy, states=read_object_validation(*buckets, copy_region=there))


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
