"""The bill by an export: FOCUS or CUR files in S3 or in a folder."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from opslib.aws.aggregated_bill import read_aggregated_bill, read_controls
from opslib.aws.export_load import load_export

if TYPE_CHECKING:
    from opslib.aws.reads import Reads
    from opslib.parameters.base import Account
    from opslib.tables.bill_controls import BillControls
    from opslib.tables.costs import Bill

__all__ = ["read_export", "read_export_bill"]


def read_export_bill(
    reads: Reads, account: Account | None, path: str, days: tuple[date, ...], **options: Any
) -> Bill:
    """Read the bill of ``days`` from an export, as `read_export` does, without what controls it."""
    loaded = cache(lambda: load_export(reads, account, path, days, options, control=False))
    return read_aggregated_bill(reads, loaded, _arguments(path, days, options), days)


def read_export(
    reads: Reads,
    account: Account | None,
    path: str,
    days: tuple[date, ...],
    engine: str = "duckdb",
    **options: Any,
) -> tuple[Bill, BillControls]:
    """Read the bill of ``days`` from an export, and what it is controlled by.

    Args:
        reads: the run's context.
        account: the account whose bucket is read; None for the credentials' own.
        path: ``s3://bucket/prefix``, a folder or one file.
        days: consecutive UTC days.
        engine: what adds it up, ``duckdb`` or ``spark``.
        options: ``tag_keys`` and ``currency``, as `opslib.tables.bill.aggregate_bill` takes them.

    Raises:
        ParameterError: nothing is at ``path``, several exports are, or the export is of none of
            the accounts in the parameters.
        TableError: a file is broken or of an unknown standard.
    """
    loaded = cache(
        lambda: load_export(reads, account, path, days, options, control=True, engine=engine)
    )
    arguments = _arguments(path, days, options)
    bill = read_aggregated_bill(reads, loaded, arguments, days)
    searched = engine == "duckdb"
    controls = read_controls(reads, loaded, arguments, days, of_files=True, duplicates=searched)
    return bill, controls


def _arguments(path: str, days: tuple[date, ...], options: dict[str, Any]) -> dict[str, Any]:
    return {"source": "export", "path": path, "first": days[0], "last": days[-1], **options}
