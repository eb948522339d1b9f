"""Capturing what later restores are held against: of the source, and of the stores beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from opslib.aws.database_servers import read_database_server
from opslib.aws.reads import Reads
from opslib.databases.file_copies import capture_file_baseline
from opslib.databases.object_copies import capture_bucket_baseline
from opslib.databases.opened import open_database
from opslib.databases.recorded_transactions import choose_transactions, record_transaction_file
from opslib.databases.state import read_state
from opslib.databases.table_copies import capture_table_baseline
from opslib.databases.transactions import capture_latencies
from opslib.parameters.dr import DrParameters
from opslib.parameters.store_copies import StoreCopy, StoreKind
from opslib.redaction import redact_frame
from opslib.tables.database_state import DatabaseState
from opslib.tables.object_versions import current_objects, list_versions
from opslib.tables.store_states import BucketState, TableItems, TreeState
from opslib.wording import count

__all__ = ["capture_baseline", "capture_store"]


def capture_baseline(
    reads: Reads, parameters: DrParameters, algorithm: str
) -> tuple[DatabaseState, pd.DataFrame]:
    """Read the source as it is now and how fast it answers, to hold later restores against.

    Definitions (of functions, settings of roles) may hold secrets: those are taken out.

    Args:
        reads: where calls are counted.
        parameters: which database, and how to enter it.
        algorithm: ``record``, or ``text`` where restores may go to another major version.

    Raises:
        ReadError: it cannot be found, entered or read.
    """
    server = read_database_server(
        reads, parameters.account, parameters.source_kind, parameters.source, "source"
    )
    database = open_database(reads, parameters, server, "source")()
    read = read_state(database, algorithm, rows_limit=parameters.rows_limit)
    state = replace(read, schema_objects=redact_frame(read.schema_objects))
    transactions = record_transaction_file(reads, parameters.transactions)
    return state, capture_latencies(database, choose_transactions(database, transactions))


def capture_store(reads: Reads, parameters: DrParameters, copy: StoreCopy, folder: Path) -> str:
    """Read a table, bucket or folder as it is now, and keep it.

    Args:
        reads: where calls are counted.
        parameters: account and region of the store.
        copy: names it; no replica, since that is held against its source.
        folder: that the baseline is written to; must not exist.

    Returns:
        How much it holds, and of which moment, in words.

    Raises:
        ReadError: it cannot be read; nothing is written then.
    """
    assert copy.kind is not StoreKind.REPLICA, "a replica needs no baseline"
    place = (reads, parameters.account, parameters.region, copy.source, folder)
    if copy.kind is StoreKind.TABLE:
        return _tell_table(capture_table_baseline(*place))
    if copy.kind is StoreKind.BUCKET:
        return _tell_bucket(capture_bucket_baseline(*place))
    return _tell_folder(capture_file_baseline(Path(copy.source).expanduser(), folder))


def _tell_table(items: TableItems) -> str:
    return f"{count(items.items, 'item')}{_of(items.captured_at, items.captured_until)}"


def _tell_bucket(state: BucketState) -> str:
    objects = current_objects(list_versions(state.versions))
    told = f"{count(len(objects), 'object')} in {count(len(state.versions), 'version')}"
    return f"{told}{_unread(state.versions)}{_of(state.captured_at, state.captured_until)}"


def _tell_folder(state: TreeState) -> str:
    files = int((state.entries["Kind"] == "file").sum())
    told = f"{count(files, 'file')} of {len(state.entries):,} entries"
    return f"{told}{_unread(state.entries)}{_of(None, state.captured_until)}"


def _unread(rows: pd.DataFrame) -> str:
    """Tell of what a baseline cannot vouch for: a drill is inconclusive about it."""
    number = int((rows["Problem"] != "").sum())
    return f" ({number:,} could not be read)" if number else ""


def _of(since: datetime | None, until: datetime | None) -> str:
    began = f" {since:%Y-%m-%d %H:%M:%S} to" if since else ""
    return f", as of{began} {until:%Y-%m-%d %H:%M:%S} UTC" if until else ""
