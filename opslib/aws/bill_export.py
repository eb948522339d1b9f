"""The bill by an export: FOCUS or CUR files in S3 or in a folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from opslib.aws.export_load import LoadedExport, load_export
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.errors import NotFound
from opslib.tables.bill_controls import CURRENCIES, DUPLICATES, EXPORT_FILES, BillControls
from opslib.tables.costs import Bill, Breakdown, costs_schema

if TYPE_CHECKING:
    import pandas as pd
    from pandera.pandas import DataFrameSchema

    from opslib.parameters.base import Account

__all__ = ["read_export", "read_export_bill"]


def read_export_bill(
    reads: Reads, account: Account | None, path: str, days: tuple[date, ...], **options: Any
) -> Bill:
    """Read the bill of ``days`` from an export, as `read_export` does, without what controls it."""
    loaded = cache(lambda: load_export(reads, account, path, days, options, control=False))
    return _read_bill(reads, path, days, options, loaded)


def read_export(
    reads: Reads, account: Account | None, path: str, days: tuple[date, ...], **options: Any
) -> tuple[Bill, BillControls]:
    """Read the bill of ``days`` from an export, and what it is controlled by.

    Args:
        reads: the run's context.
        account: the account whose bucket is read; None for the credentials' own.
        path: ``s3://bucket/prefix``, a folder or one file.
        days: consecutive UTC days.
        options: ``tag_keys`` and ``currency``, as `opslib.tables.bill.aggregate_bill` takes them.

    Raises:
        ParameterError: nothing is at ``path``, several exports are, or the export is of none of
            the accounts in the parameters.
        TableError: a file is broken or of an unknown standard.
    """
    loaded = cache(lambda: load_export(reads, account, path, days, options, control=True))
    bill = _read_bill(reads, path, days, options, loaded)

    def frame(table: str, schema: DataFrameSchema, pick: Callable[[], pd.DataFrame]) -> Fetched:
        request = ReadRequest(
            table=table,
            asked=f"{days[0]} to {days[-1]} from {path}",
            schema=schema,
            arguments={"path": path, "first": days[0], "last": days[-1], **options},
        )
        return reads.read(request, lambda: Fetched(frame=pick()))

    files = frame("export files", EXPORT_FILES, lambda: _known(loaded().controls.files))
    duplicates = frame("duplicates", DUPLICATES, lambda: _known(loaded().controls.duplicates))
    currencies = frame("other currencies", CURRENCIES, lambda: loaded().controls.currencies)
    return bill, BillControls(
        files=files.frame,
        duplicates=duplicates.frame,
        currencies=currencies.frame,
        tie_out=None,
    )


def _known(frame: pd.DataFrame | None) -> pd.DataFrame:
    assert frame is not None
    return frame


def _read_bill(
    reads: Reads,
    path: str,
    days: tuple[date, ...],
    options: dict[str, Any],
    loaded: Callable[[], LoadedExport],
) -> Bill:
    arguments = {"source": "export", "path": path, "first": days[0], "last": days[-1], **options}

    def frame(breakdown: Breakdown, tag_key: str = "") -> Fetched:
        request = ReadRequest(
            table=_table(breakdown, tag_key),
            asked=f"{days[0]} to {days[-1]} from {path}",
            schema=costs_schema(breakdown),
            arguments={**arguments, "breakdown": breakdown.value, "tag_key": tag_key},
        )
        return reads.read(request, lambda: _part(loaded(), breakdown, tag_key))

    meters = frame(Breakdown.METER)
    notes = meters.notes
    read_tags = {key: frame(Breakdown.TAG, key) for key in options["tag_keys"]}
    tags = {key: read.frame for key, read in read_tags.items() if not read.status.is_gap}
    resources = frame(Breakdown.RESOURCE)
    has_resources = not resources.status.is_gap
    return Bill(
        source="export",
        currency=notes.get("currency", ""),
        meters=meters.frame,
        accounts=frame(Breakdown.ACCOUNT).frame,
        regions=frame(Breakdown.REGION).frame,
        places=frame(Breakdown.PLACE).frame,
        providers=frame(Breakdown.PROVIDER).frame,
        tags=tags,
        resources=resources.frame if has_resources else None,
        untagged={key: frame(Breakdown.UNTAGGED, key).frame for key in tags if has_resources},
        account_names=notes.get("account_names", {}),
        billing_accounts=tuple(notes.get("billing_accounts", ())),
        days=days,
        first_day=_day(notes.get("first_day")),
        last_day=_day(notes.get("last_day")),
    )


def _table(breakdown: Breakdown, tag_key: str) -> str:
    if breakdown is Breakdown.UNTAGGED:
        return f"costs without {tag_key}"
    return f"costs by {tag_key or breakdown.value}"


def _part(loaded: LoadedExport, breakdown: Breakdown, key: str) -> Fetched:
    bill = loaded.bill
    frames = {
        Breakdown.METER: bill.meters,
        Breakdown.ACCOUNT: bill.accounts,
        Breakdown.REGION: bill.regions,
        Breakdown.PLACE: bill.places,
        Breakdown.PROVIDER: bill.providers,
        Breakdown.RESOURCE: bill.resources,
        Breakdown.TAG: bill.tags.get(key),
        Breakdown.UNTAGGED: bill.untagged.get(key),
    }
    frame = frames[breakdown]
    if frame is None:
        raise NotFound(f"the export has no {_CARRIES[breakdown]}")
    notes = {
        "files": loaded.evidence,
        "currency": bill.currency,
        "account_names": dict(bill.account_names),
        "billing_accounts": list(bill.billing_accounts),
        "first_day": bill.first_day and bill.first_day.isoformat(),
        "last_day": bill.last_day and bill.last_day.isoformat(),
    }
    return Fetched(frame=frame, notes=notes if breakdown is Breakdown.METER else {})


_CARRIES = {
    Breakdown.RESOURCE: "resource ids",
    Breakdown.TAG: "tags",
    Breakdown.UNTAGGED: "tags",
}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
