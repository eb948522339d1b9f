"""Reading a DynamoDB table and its restored copy for a validation, and baselines of tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.databases.dynamodb import ScanLimits, read_table_items
from opslib.databases.recorded_stores import Recorder
from opslib.databases.table_settings import read_table_description
from opslib.errors import ParameterError
from opslib.tables.baseline import write_baseline
from opslib.tables.baseline_layout import TABLE_BASELINE
from opslib.tables.store_states import TableCopyStates, TableDescription, TableItems

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["BaselineOf", "capture_table_baseline", "read_table_validation"]

DESCRIPTION, ITEMS = (part for part, _ in TABLE_BASELINE.parts)
BaselineOf = Callable[[datetime | None], str]
"""Returns the baseline of a copy by the moment that it is of, where it tells one."""


def capture_table_baseline(
    reads: Reads,
    account: Account | None,
    region: str,
    table: str,
    folder: Path,
    limits: ScanLimits | None = None,
) -> TableItems:
    """Read a table as it is now and keep it, to hold later restores against.

    Args:
        reads: where calls are counted.
        account: where it is; None for the account that the credentials belong to.
        region: where it is.
        table: its name.
        folder: that it is written to; must not exist. It may be copied to S3 as it is.
        limits: of the scan.

    Returns:
        What the table holds; a restore to its ``captured_until`` or later can be held against it.

    Raises:
        ReadError: it cannot be read whole; nothing is written then.
        ParameterError: the folder exists.
    """
    if folder.exists():
        raise ParameterError("there is something already", where=str(folder))
    place = Place(reads, account, region)
    described, errors = read_table_description(place, table)
    if errors:
        raise errors[0]
    items = read_table_items(place, table, limits or ScanLimits())
    write_baseline(described, folder / DESCRIPTION, of=table)
    write_baseline(items, folder / ITEMS, of=table)
    return items


def read_table_validation(
    reads: Reads,
    account: Account | None,
    region: str,
    source_table: str,
    restored_table: str,
    baseline: str | BaselineOf,
    *,
    restored_region: str = "",
    limits: ScanLimits | None = None,
) -> TableCopyStates:
    """Read a table's baseline, the table restored from it, and the source as it is now.

    Args:
        reads: the run's context; what it recorded is not read again.
        account: where both tables are; None for the one that the credentials belong to.
        region: where they are.
        source_table: name of the one that was backed up.
        restored_table: name of the one that was restored from it.
        baseline: folder or ``s3://bucket/prefix`` that `capture_table_baseline` wrote, or what
            returns it by the moment that the restored table says it is of.
        restored_region: where the restored one is in another region.
        limits: of each scan.

    Raises:
        OpsError: what ``baseline`` raises.
    """
    here, chosen = Place(reads, account, region), limits or ScanLimits()
    there = Place(reads, account, restored_region or region)
    own = Recorder(here, f"table {source_table}")
    copy = Recorder(there, f"table {restored_table}")
    restored = copy.record(
        "restored", TableDescription, lambda: read_table_description(there, restored_table)
    )
    path = baseline
    if not isinstance(path, str):
        path = path(restored.restored_to if restored else None)
    before = own.recall(path, "baseline", DESCRIPTION, TableDescription)
    held = own.recall(path, "baseline items", ITEMS, TableItems)
    key = held.key if held else None

    def items(place: Place, table: str) -> tuple[TableItems, tuple[()]]:
        return read_table_items(place, table, chosen, key), ()

    return TableCopyStates(
        source_table=source_table,
        restored_table=restored_table,
        baseline=before,
        restored=restored,
        source=own.record(
            "source", TableDescription, lambda: read_table_description(here, source_table)
        ),
        baseline_items=held,
        restored_items=copy.record(
            "restored items", TableItems, lambda: items(there, restored_table), key=key
        ),
        source_items=own.record(
            "source items", TableItems, lambda: items(here, source_table), key=key
        ),
        unread=(*own.unread, *copy.unread),
    )
